"""A supervisor turns the disaster switch in the built desk, against the real hub and a terminal's link."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from protocol.kiosk_link import Snapshot
from protocol.values import Role
from tests.fakes.hub_client import FakeKiosk
from tests.fakes.hub_program import running
from tests.system.desk_stage import DIST
from tests.system.test_desk_with_hub import browser

__all__ = ["browser"]

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not (DIST / "index.html").exists(), reason="build the desk: hub/desk/desk.py build"),
]


async def shows(kiosk: FakeKiosk) -> str:
    """The page that the terminal is told next."""
    site = (await kiosk.expect(Snapshot)).message.site
    return site.disaster.id if site.disaster else ""


async def test_the_switch_is_asked_once_more_and_then_turned(browser: Browser, tmp_path: Path) -> None:
    """Two presses forward, two presses back; the other municipality's switch is not offered."""
    async with running(tmp_path, desk=DIST) as hub:
        boss, kiosk = await hub.desk("boss", role=Role.SUPERVISOR), await hub.kiosk("t1")
        await boss.log_in()
        context = await browser.new_context()
        name, value = boss.cookie["Cookie"].split("=", 1)
        cookie = {"name": name, "value": value, "url": hub.url.replace("http://", "https://"), "secure": True}
        await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        await page.goto(hub.url)
        await page.get_by_test_id("settings").click()
        panel = page.get_by_test_id("disaster-minami")
        async with kiosk:
            await panel.get_by_test_id("disaster-on").click()
            await panel.get_by_test_id("disaster-no").click()
            await panel.get_by_test_id("disaster-on").click()
            await panel.get_by_test_id("disaster-yes").click()
            assert await shows(kiosk) == "disaster-quake"
            await panel.get_by_text("地震のあとのご案内」を出しています").wait_for()
            await panel.get_by_test_id("disaster-off").click()
            await panel.get_by_test_id("disaster-yes").click()
            assert await shows(kiosk) == ""
            await panel.get_by_text("ふだんの画面です").wait_for()
        assert await page.get_by_test_id("disaster-kitamidai").count() == 0
