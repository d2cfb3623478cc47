"""A family member joins by a code: three browsers, the real hub, real WebRTC, from the code to the end."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from protocol.kiosk_link import Call
from protocol.values import WatcherKind
from tests.fakes.hub_client import FakeKiosk
from tests.fakes.hub_program import RunningHub, running
from tests.system.desk_stage import DIST
from tests.system.test_desk_with_hub import browser, media_page, offer, take_answer, until
from tests.system.test_transfer import LISTEN, desk_of, loudest, shows_terminal

__all__ = ["browser"]

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(180),  # three browsers, and what nobody may hear has to be listened to
    pytest.mark.skipif(
        not (DIST / "join" / "index.html").exists(), reason="build the desk: hub/desk/desk.py build"
    ),
]
AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ((360, 640), (390, 844), (1280, 800))
NOTICE_CONNECTIONS = """
window.made = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) { super(...given); window.made.push(this); }
};
"""
ENERGY = """
async () => {
  let heard = 0;
  for (const one of window.made) {
    if (one.connectionState === 'closed') continue;
    for (const s of (await one.getStats()).values()) {
      if (s.type === 'inbound-rtp' && s.kind === 'audio') heard += s.totalAudioEnergy ?? 0;
    }
  }
  return heard;
}
"""


async def guest_page(browser: Browser, address: str) -> tuple[Page, list[str]]:
    """A telephone of its own that has opened the link, and what its browser complains of."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="ja-JP", permissions=["microphone", "camera"]
    )
    page, complaints = await context.new_page(), []
    await page.add_init_script(NOTICE_CONNECTIONS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if "Content Security" in m.text else None)
    await page.goto(address)
    return page, complaints


async def look(page: Page, name: str) -> None:
    """At every size: nothing is wider than the window, and axe is content.

    MADOGUCHI_PICTURES names where pictures are kept.
    """
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        if pictures := os.environ.get("MADOGUCHI_PICTURES"):
            await page.screenshot(path=Path(pictures) / f"join-{name}-{width}.png")
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        assert not await page.evaluate(wide), (name, width)
        await page.evaluate(AXE.read_text("utf-8"))
        found = await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })")
        problems = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
        assert problems == [], (name, width)
    await page.set_viewport_size({"width": 390, "height": 844})


async def hears(page: Page, seconds: float) -> float:
    """How much sound has reached a guest's page in this time."""
    before = float(await page.evaluate(ENERGY))
    await asyncio.sleep(seconds)
    return float(await page.evaluate(ENERGY)) - before


async def named(kiosk: FakeKiosk, *, sees: bool) -> None:
    """The resident's terminal is told that the family member is in the call, and what she may see."""

    def fits(said: Call) -> bool:
        family = [one for one in said.call.watchers if one.kind is WatcherKind.FAMILY]
        return len(family) == 1 and family[0].name == "花子" and family[0].sees is sees

    await kiosk.expect(Call, fits)


async def code_of(hana: Page) -> str:
    """The operator makes a code, by keys."""
    await hana.keyboard.press("F7")
    await hana.get_by_test_id("guest-name").fill("佐々木 花子")
    await hana.keyboard.press("Enter")
    code = await hana.get_by_test_id("guest-code").get_attribute("data-code")
    assert code is not None
    return code


async def talk(hub: RunningHub, browser: Browser, kiosk: FakeKiosk, hana: Page) -> Page:
    """Operator and resident see and hear each other; gives the terminal's pictures and sound."""
    media = await media_page(browser)
    await kiosk.touch()
    await hana.get_by_test_id("ring-card").wait_for()
    await offer(kiosk, media, 1)
    await hana.keyboard.press("F2")
    await take_answer(kiosk, media, 1)
    await until(lambda: shows_terminal(hana, "video-face"))
    await media.evaluate(LISTEN, 1)
    return media


async def test_family_joins_waits_is_let_in_and_goes_with_the_call(browser: Browser, tmp_path: Path) -> None:
    """Link, lobby, let in, heard and hearing, shown the face, muted, reloaded, the end; at each step who
    hears and sees whom, and what the resident's terminal is told."""
    async with running(tmp_path, desk=DIST) as hub:
        await hub.desk("hana")
        kiosk, hana = await hub.kiosk("t1"), await desk_of(browser, hub, "hana")
        async with kiosk:
            media = await talk(hub, browser, kiosk, hana)
            code = await code_of(hana)
            link = await hana.get_by_test_id("guest-link").inner_text()
            assert link == f"{hub.url}/join#{code}"
            page, complaints = await guest_page(browser, link)
            await page.get_by_test_id("join-welcome").wait_for()
            assert code not in page.url, "the address of an open page shows no code"
            await look(page, "welcome")
            await page.get_by_test_id("join-name").fill("花子")
            await page.get_by_test_id("join-ask").click()
            await page.get_by_test_id("join-lobby").wait_for()
            await look(page, "lobby")

            await hana.locator("[data-testid=guest-bar][data-state=lobby]").wait_for()
            await hana.keyboard.press("Escape")
            await hana.evaluate("document.activeElement.blur()")
            await hana.keyboard.press("a")
            await page.locator("[data-testid=join-inside][data-connected=true]").wait_for()
            await named(kiosk, sees=False)
            await look(page, "inside")
            await until(lambda: _wide(page, "join-picture"))
            assert not await shows_terminal(page, "join-picture"), "the face is not shown by itself"
            await hana.keyboard.press("m")
            assert await hears(page, 2) > 0.01, "with the operator muted, the resident's voice arrives"
            assert await loudest(media, 4) > 0.01, "and the resident hears the guest"

            await hana.get_by_test_id("guest-face").click()
            await until(lambda: shows_terminal(page, "join-picture"))
            await named(kiosk, sees=True)
            await hana.get_by_test_id("guest-mute").click()
            await page.get_by_test_id("join-state").filter(has_text="マイクを切っています").wait_for()
            await asyncio.sleep(1)  # what was under way has been played
            assert await loudest(media, 2.5) < 0.01, "nobody hears a muted guest"
            assert await hears(page, 2) > 0.01, "who still hears"
            await hana.get_by_test_id("guest-mute").click()

            await page.reload()
            await page.locator("[data-testid=join-inside][data-connected=true]").wait_for()
            await until(lambda: shows_terminal(page, "join-picture"))
            await hana.reload()
            await hana.locator("[data-testid=guest-bar][data-state=inside]").wait_for()
            await offer(kiosk, media, 2)
            await take_answer(kiosk, media, 2)
            await until(lambda: shows_terminal(page, "join-picture"), 25)

            await hana.get_by_test_id("guest-hold-out").click()
            await page.get_by_test_id("join-lobby").wait_for()
            assert await hears(page, 1.5) < 0.001, "nothing reaches the lobby"
            await hana.keyboard.press("F9")
            await hana.get_by_test_id("end-confirm").click()
            await page.get_by_test_id("join-over").wait_for()
            await look(page, "over")
            live = await page.evaluate("window.made.filter((c) => c.connectionState !== 'closed').length")
            assert (live, complaints) == (0, [])


async def test_a_code_is_typed_in_english_and_a_wrong_one_is_told(browser: Browser, tmp_path: Path) -> None:
    """The page without a link: whoever was told the digits on the telephone gets in the same way."""
    async with running(tmp_path, desk=DIST) as hub:
        await hub.desk("hana")
        kiosk, hana = await hub.kiosk("t1"), await desk_of(browser, hub, "hana")
        async with kiosk:
            await talk(hub, browser, kiosk, hana)
            code = await code_of(hana)
            page, complaints = await guest_page(browser, f"{hub.url}/join")
            await page.get_by_test_id("join-code-form").wait_for()
            await page.get_by_test_id("join-language").click()
            await page.get_by_test_id("join-code").fill("1234")
            await page.keyboard.press("Enter")
            await page.get_by_test_id("join-wrong").wait_for()
            await page.get_by_test_id("join-code").fill("0000 0000 0000")
            await page.keyboard.press("Enter")
            await page.get_by_test_id("join-problem").filter(has_text="does not work").wait_for()
            await look(page, "wrong")
            await page.get_by_test_id("join-code").fill(f"{code[:4]} {code[4:8]} {code[8:]}")
            await page.keyboard.press("Enter")
            await page.get_by_test_id("join-welcome").wait_for()
            assert await page.get_by_test_id("join-name").input_value() == "佐々木 花子"
            await page.get_by_test_id("join-ask").click()
            await page.get_by_text("Please wait").wait_for()
            await hana.get_by_test_id("guest-remove").click()
            await page.get_by_text("has ended your part").wait_for()
            assert complaints == []


async def _wide(page: Page, testid: str) -> bool:
    return bool(await page.evaluate("t => document.querySelector(`[data-testid=${t}]`)?.videoWidth", testid))
