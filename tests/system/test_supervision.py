"""A supervisor listens, whispers and speaks: her wallboard, an operator's desk, the real hub, real WebRTC."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from protocol.common import Renew
from protocol.kiosk_link import Call
from protocol.values import Role, TerminalCall
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub, running
from tests.system.desk_stage import DIST
from tests.system.test_admin import look
from tests.system.test_desk_with_hub import browser, media_page, offer, take_answer, until
from tests.system.test_transfer import LISTEN, desk_of, loudest, shows_terminal

__all__ = ["browser"]

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not (DIST / "index.html").exists(), reason="build the desk: hub/desk/desk.py build"),
]

REMEMBER = """
(() => {
  const Real = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...all) { super(...all); window.connections.push(this); }
  };
})();
"""
HEARD = """
hertz => {
  const peer = window.connections.filter((one) => one.connectionState === 'connected').at(-1);
  if (!peer) return { tone: 0, loudest: 0 };
  if (window.heardOf !== peer) {
    window.heardOf = peer;
    const track = peer.getReceivers().find((one) => one.track.kind === 'audio').track;
    const stream = new MediaStream([track]);
    window.spare = Object.assign(new Audio(), { srcObject: stream, muted: true });
    // without it WebAudio is given nothing
    void window.spare.play();
    const sound = window.sound = new AudioContext();
    window.ear = sound.createAnalyser();
    window.ear.fftSize = 8192;
    sound.createMediaStreamSource(stream).connect(window.ear);
  }
  const samples = new Float32Array(window.ear.fftSize);
  window.ear.getFloatTimeDomainData(samples);
  let [re, im] = [0, 0];
  const step = 2 * Math.PI * hertz / window.sound.sampleRate;
  samples.forEach((value, n) => { re += value * Math.cos(step * n); im -= value * Math.sin(step * n); });
  return { tone: 2 * Math.hypot(re, im) / samples.length, loudest: Math.max(...samples.map(Math.abs)) };
}
"""
HUM_HZ = 440
"""The terminal's voice is this tone; the microphones of the browsers beep lower."""


async def wallboard_of(browser: Browser, hub: RunningHub, boss: FakeDesk) -> Page:
    """A supervisor's browser; her second factor was given elsewhere."""
    await boss.log_in()
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    name, value = boss.cookie["Cookie"].split("=", 1)
    cookie = {"name": name, "value": value, "url": hub.url.replace("http://", "https://"), "secure": True}
    await context.add_cookies([cookie])  # type: ignore[list-item]
    page = await context.new_page()
    await page.add_init_script(REMEMBER)
    await page.goto(hub.url)
    await page.get_by_test_id("wallboard").wait_for()
    return page


async def hears_terminal(page: Page) -> bool:
    """Whether the tone of the terminal comes over the newest connection of this page."""
    return bool((await page.evaluate(HEARD, HUM_HZ))["tone"] > 0.02)


async def loudest_at(page: Page, seconds: float) -> float:
    """The loudest moment that comes over the newest connection of this page."""
    found, until_at = 0.0, asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until_at:
        found = max(found, float((await page.evaluate(HEARD, HUM_HZ))["loudest"]))
        await asyncio.sleep(0.1)
    return found


async def told(kiosk: FakeKiosk, *, speaks: bool | None) -> TerminalCall:
    """The terminal's next word in which the supervisor stands so; None: not at all."""

    def fits(said: Call) -> bool:
        found = [one.speaks for one in said.call.watchers if one.kind == "supervisor"]
        return found == ([] if speaks is None else [speaks])

    return (await kiosk.expect(Call, fits, within=15)).message.call


async def test_a_supervisor_listens_whispers_and_speaks(browser: Browser, tmp_path: Path) -> None:
    """Who hears whom at each step, by real sound; operator and resident read it from the first moment."""
    async with running(tmp_path, desk=DIST) as hub:
        await hub.desk("hana")
        kiosk, boss_link = await hub.kiosk("t1"), await hub.desk("boss", role=Role.SUPERVISOR)
        media = await media_page(browser)
        hana = await desk_of(browser, hub, "hana")
        await hana.add_init_script(REMEMBER)
        await hana.reload()
        boss = await wallboard_of(browser, hub, boss_link)
        async with kiosk:
            await kiosk.touch()
            await hana.get_by_test_id("ring-card").wait_for()
            await offer(kiosk, media, 1)
            await hana.keyboard.press("F2")
            await take_answer(kiosk, media, 1)
            await until(lambda: shows_terminal(hana, "video-face"))
            await media.evaluate(LISTEN, 1)

            await boss.get_by_test_id("wall-listen").click()
            await hana.locator('[data-testid="monitor-bar"][data-state="listening"]').wait_for()
            assert "boss さん" in await hana.get_by_test_id("monitor-bar").inner_text()
            await told(kiosk, speaks=False)
            await until(lambda: hears_terminal(boss))
            await until(lambda: shows_terminal(boss, "video-monitored"))
            assert await loudest_at(hana, 2) < 0.01, "nobody hears a supervisor who listens"

            await boss.keyboard.press("2")
            await hana.locator('[data-testid="monitor-bar"][data-state="whispering"]').wait_for()
            assert await loudest_at(hana, 4) > 0.01, "the operator hears a whisper"
            await hana.keyboard.press("m")
            await asyncio.sleep(0.5)  # what the operator said before is played
            assert await loudest(media, 2.5) < 0.01, "the resident does not"

            await boss.keyboard.press("3")
            await told(kiosk, speaks=True)
            assert await loudest(media, 4) > 0.01, "the resident hears the supervisor"

            await hana.reload()
            assert (await kiosk.expect(Renew)).message.reason == "reload"
            await offer(kiosk, media, 2)
            await take_answer(kiosk, media, 2)
            await hana.locator('[data-testid="monitor-bar"][data-state="barging"]').wait_for()
            await until(lambda: hears_terminal(boss), 30)

            await hana.keyboard.press("F9")
            await hana.get_by_test_id("end-confirm").click()
            await kiosk.expect_call("ended")
            await boss.get_by_test_id("monitor-dock").wait_for(state="detached")
            await boss.locator('[data-testid="wall-person"][data-state="wrap_up"]').wait_for()
            assert await boss.get_by_test_id("wall-call").count() == 0


async def test_the_wallboard_fits_every_window(browser: Browser, tmp_path: Path) -> None:
    """From a wall to 200 % text, with somebody waiting, a talk and a supervisor in it: nothing cut."""
    async with running(tmp_path, desk=DIST) as hub:
        desk, boss_link = await hub.desk("hana"), await hub.desk("boss", role=Role.SUPERVISOR)
        kiosk, other = await hub.kiosk("t1"), await hub.kiosk("t2")
        async with desk, kiosk, other:
            await desk.available()
            call = await kiosk.touch()
            await desk.rung()
            await desk.accept(call.id)
            await other.touch()
            page = await wallboard_of(browser, hub, boss_link)
            await page.get_by_test_id("wall-wait").wait_for()
            await page.get_by_test_id("wall-listen").click()
            await page.get_by_test_id("monitor-dock").wait_for()
            for width, height in ((1920, 1080), (1366, 768), (1280, 720), (640, 360)):
                await page.set_viewport_size({"width": width, "height": height})
                await look(page, f"wallboard {width}x{height}")
