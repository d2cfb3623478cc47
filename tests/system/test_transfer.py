"""A consult that becomes a three-way talk and a hand-over: two real desks, the real hub, real WebRTC."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from protocol.common import MediaReport, Renew
from protocol.values import Role
from tests.fakes.hub_program import PASSWORD, RunningHub, running
from tests.system.desk_stage import DIST
from tests.system.test_desk_with_hub import browser, media_page, offer, take_answer, until

__all__ = ["browser"]

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not (DIST / "index.html").exists(), reason="build the desk: hub/desk/desk.py build"),
]

LISTEN = """
epoch => {
  const track = window.peers[epoch].received.audio;
  const stream = new MediaStream([track]);
  window.player = Object.assign(new Audio(), { srcObject: stream });  // else Chromium gives WebAudio nothing
  void window.player.play();
  const sound = new AudioContext();
  window.ear = sound.createAnalyser();
  window.ear.fftSize = 8192;
  sound.createMediaStreamSource(stream).connect(window.ear);
}
"""
LOUDEST = """
() => {
  const samples = new Float32Array(window.ear.fftSize);
  window.ear.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
}
"""
COLOUR = """
testid => {
  const video = document.querySelector(`[data-testid=${testid}]`);
  if (!video || !video.videoWidth) return null;
  const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 40, 30);
  return [...pen.getImageData(30, 15, 1, 1).data];
}
"""


async def desk_of(browser: Browser, hub: RunningHub, name: str) -> Page:
    """A browser of its own, logged in and available."""
    page = await (await browser.new_context()).new_page()
    await page.goto(hub.url)
    await page.get_by_test_id("login-name").fill(name)
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await page.get_by_test_id("start-shift").click()
    await page.get_by_test_id("go-available").click()
    return page


async def shows_terminal(page: Page, testid: str) -> bool:
    """Whether this video shows the terminal's dark blue, #226644 as it draws it."""
    seen = await page.evaluate(COLOUR, testid)
    return (
        seen is not None
        and abs(seen[0] - 0x22) < 24
        and abs(seen[1] - 0x66) < 24
        and abs(seen[2] - 0x44) < 24
    )


async def loudest(media: Page, seconds: float) -> float:
    """The loudest moment that the resident hears in this time."""
    found, until_at = 0.0, asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until_at:
        found = max(found, float(await media.evaluate(LOUDEST)))
        await asyncio.sleep(0.1)
    return found


async def test_a_call_is_consulted_on_joined_and_handed_over(browser: Browser, tmp_path: Path) -> None:
    """By keys alone: who hears and sees whom at each step, and the resident is never without a picture."""
    async with running(tmp_path, desk=DIST) as hub:
        await hub.desk("hana")
        await hub.desk("ken", ["minami"], Role.SPECIALIST, "kaigo")
        kiosk = await hub.kiosk("t1")
        media = await media_page(browser)
        hana, ken = await desk_of(browser, hub, "hana"), await desk_of(browser, hub, "ken")
        async with kiosk:
            await kiosk.touch()
            await hana.get_by_test_id("ring-card").wait_for()
            await offer(kiosk, media, 1)
            await hana.keyboard.press("F2")
            await take_answer(kiosk, media, 1)
            await until(lambda: shows_terminal(hana, "video-face"))
            await media.evaluate(LISTEN, 1)

            await hana.keyboard.press("F3")
            await hana.get_by_test_id("department-kaigo").locator("input").check()
            await hana.get_by_test_id("transfer-reason").fill("負担割合の確認")
            await hana.keyboard.press("Enter")
            await ken.get_by_test_id("ring-transfer").wait_for()
            assert await ken.get_by_test_id("ring-reason").inner_text() == "負担割合の確認"
            await ken.keyboard.press("F2")
            await kiosk.expect_call("consulting")
            await until(lambda: _wide(hana, "video-specialist"))
            await until(lambda: _wide(ken, "video-side-face"))
            assert not await shows_terminal(ken, "video-side-face"), "the resident is not shown in a consult"
            await asyncio.sleep(1)  # what was under way when the hold began has been played
            assert await loudest(media, 2.5) < 0.01, "nothing of the consult reaches the terminal"

            await hana.get_by_test_id("transfer-bar").wait_for()
            await hana.keyboard.press("Escape")
            await hana.evaluate("document.activeElement.blur()")
            await hana.keyboard.press("@")
            await kiosk.expect_call("talking")
            await until(lambda: shows_terminal(ken, "video-side-face"))
            await until(lambda: shows_terminal(ken, "video-side-document"))
            await hana.keyboard.press("m")
            assert await loudest(media, 4) > 0.01, "with the operator muted, the specialist is heard"

            await hana.keyboard.press("^")
            assert (await kiosk.expect(Renew)).message.reason == "hand_over"
            await offer(kiosk, media, 2)
            await take_answer(kiosk, media, 2)
            await until(lambda: _comes(media, 2))
            assert await _comes(media, 1), "the operator's picture runs until the specialist's stands"
            await kiosk.say(MediaReport(live=True, epoch=2), call=kiosk.call)
            served = await kiosk.expect_call("talking")
            assert served.operator is not None
            assert served.operator.role == "高齢福祉課 介護保険係"
            await until(lambda: shows_terminal(ken, "video-face"))
            await ken.get_by_test_id("end-call").wait_for()
            await hana.get_by_test_id("wrap-up").wait_for()
            assert await hana.get_by_test_id("stage").count() == 0


async def _wide(page: Page, testid: str) -> bool:
    return bool(await page.evaluate("t => document.querySelector(`[data-testid=${t}]`)?.videoWidth", testid))


async def _comes(media: Page, epoch: int) -> bool:
    return bool((await media.evaluate("e => frames(e)", epoch))["video"] > 0)
