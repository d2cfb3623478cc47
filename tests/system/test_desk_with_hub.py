"""The built desk, the real hub and a terminal that speaks real WebRTC, from login to the stored outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from protocol.common import Answer, Candidate, Offer, Renew
from protocol.kiosk_link import Present, Presented, TakeCapture
from protocol.values import MediaRole
from tests.fakes.hub_client import FakeKiosk
from tests.fakes.hub_program import PASSWORD, running
from tests.system.desk_stage import DIST, TERMINAL

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not (DIST / "index.html").exists(), reason="build the desk: hub/desk/desk.py build"),
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        await browser.close()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    """Waits for what happens in a page."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def media_page(browser: Browser) -> Page:
    """The terminal's pictures and sound."""
    page = await browser.new_page()
    await page.route("**/terminal", lambda r: r.fulfill(content_type="text/html", body="<!doctype html>"))
    await page.goto("http://localhost/terminal")
    await page.evaluate(TERMINAL)
    return page


async def offer(kiosk: FakeKiosk, media: Page, epoch: int) -> None:
    """A new media epoch of the terminal."""
    made = await media.evaluate("([e, c]) => offer(e, c)", [epoch, "#264"])
    mids = {mid: MediaRole(role) for mid, role in made["mids"].items()}
    await kiosk.say(Offer(sdp=made["sdp"], mids=mids), call=kiosk.call, epoch=epoch)


async def take_answer(kiosk: FakeKiosk, media: Page, epoch: int) -> None:
    """The answer of that epoch, and the candidates that follow it until all are told."""
    answer = await kiosk.expect(Answer)
    assert answer.envelope.epoch == epoch
    await media.evaluate("([e, sdp]) => answer(e, sdp)", [epoch, answer.message.sdp])
    while True:
        candidate = (await kiosk.expect(Candidate)).message
        if not candidate.candidate:
            return
        await media.evaluate("([e, c, m]) => take(e, c, m)", [epoch, candidate.candidate, candidate.mid])


async def test_one_call_through_the_real_hub(browser: Browser, tmp_path: Path) -> None:
    """Login, test, ring, accept, two pictures, a page, a still that is declined, reload, end, outcome."""
    async with running(tmp_path, desk=DIST) as hub:
        await hub.desk("hana")
        kiosk = await hub.kiosk("t1")
        media = await media_page(browser)
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security" in m.text else None)
        await page.goto(hub.url)
        await page.get_by_test_id("login-name").fill("hana")
        await page.get_by_test_id("login-password").fill(PASSWORD)
        await page.get_by_test_id("login-submit").click()
        await page.get_by_test_id("start-shift").click()
        await page.get_by_test_id("go-available").click()
        async with kiosk:
            await kiosk.touch()
            await page.get_by_test_id("ring-card").wait_for()
            await offer(kiosk, media, 1)
            await page.keyboard.press("F2")
            await take_answer(kiosk, media, 1)

            async def both_ways() -> bool:
                find = "document.querySelector(`[data-testid=video-${r}]`)"
                seen = await page.evaluate(f"['face', 'document'].every(r => {find}?.videoWidth)")
                return bool(seen) and (await media.evaluate("frames(1)"))["video"] > 0

            await until(both_ways)
            await page.get_by_test_id("tab-pages").click()
            await page.locator("[data-page]").first.click()
            await page.get_by_test_id("page-show").click()
            shown = (await kiosk.expect(Present)).message.presentation
            assert await page.locator('[data-testid="page-state"][data-state="shown"]').count() == 0
            await kiosk.say(Presented(revision=shown.revision), call=kiosk.call)
            await page.locator('[data-testid="page-state"][data-state="shown"]').wait_for()
            await page.keyboard.press("s")
            await kiosk.expect(TakeCapture)
            await page.locator('[data-testid="capture"][data-kind="document_still"]').wait_for()

            await page.reload()
            await page.get_by_test_id("stage").wait_for()
            assert (await kiosk.expect(Renew)).message.reason == "reload"
            await offer(kiosk, media, 2)
            await take_answer(kiosk, media, 2)
            await until(lambda: _flows(media, 2))

            await page.keyboard.press("F9")
            await page.get_by_test_id("end-confirm").click()
            await kiosk.expect_call("ended")
            await page.get_by_test_id("wrap-up").wait_for()
            await page.get_by_test_id("outcome-completed").click()
            await page.get_by_test_id("procedure-is-other").click()
            await page.get_by_test_id("wrap-up-save").click()
            await page.get_by_test_id("idle-stage").wait_for()
            assert await page.get_by_test_id("presence").get_attribute("data-state") == "available"
        assert complaints == []


async def _flows(media: Page, epoch: int) -> bool:
    return bool((await media.evaluate("e => frames(e)", epoch))["video"] > 0)
