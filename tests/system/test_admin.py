"""The admin's page in a real browser before the real hub: a second factor, people, the record."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.async_api import Browser, Page, async_playwright

from hub.core.passkey_site import site
from protocol.values import Role
from tests.fakes.hub_program import PASSWORD, RunningHub, running
from tests.system.desk_stage import DIST

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not (DIST / "index.html").exists(), reason="build the desk: hub/desk/desk.py build"),
]
AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ((1920, 1080), (1366, 768), (1024, 600), (683, 384))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        await browser.close()


@dataclass
class Admin:
    """A page whose person has just logged in."""

    hub: RunningHub
    page: Page
    secret: bytes

    def code(self) -> str:
        """What her telephone shows by the hub's clock."""
        return TOTP(self.secret, 6, SHA1(), 30).generate(self.hub.clock.now().timestamp()).decode()


async def _sign_in(page: Page, name: str, password: str) -> None:
    await page.get_by_test_id("login-name").fill(name)
    await page.get_by_test_id("login-password").fill(password)
    await page.keyboard.press("Enter")


@pytest.fixture
async def admin(browser: Browser, tmp_path: Path) -> AsyncIterator[Admin]:
    """Logged in for the first time: the QR code's secret, a code, the recovery codes."""
    async with running(tmp_path, desk=DIST) as hub:
        await hub.desk("sato", role=Role.ADMIN)
        await hub.desk("hana")
        page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="ja-JP")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security" in m.text else None)
        url = hub.url.replace("127.0.0.1", "localhost")  # passkeys are bound to a name
        hub.house.passkeys.site = site(url)
        await page.goto(url)
        await _sign_in(page, "sato", PASSWORD)
        await page.get_by_test_id("qr").wait_for()
        shown = await page.get_by_test_id("factor-secret").inner_text()
        await look(page, "enrol")
        found = Admin(hub, page, base64.b32decode(shown.replace(" ", "")))
        await page.get_by_test_id("factor-code").fill("000000")
        await page.keyboard.press("Enter")
        await page.get_by_test_id("factor-error").wait_for()
        await page.get_by_test_id("factor-code").fill(found.code())
        await page.keyboard.press("Enter")
        await page.get_by_test_id("recovery").wait_for()
        await look(page, "recovery")
        await page.get_by_test_id("recovery-kept").check()
        await page.get_by_test_id("recovery-done").click()
        await page.get_by_test_id("person-sato").wait_for()
        yield found
        assert complaints == []


async def look(page: Page, name: str) -> None:
    """Not wider than the window, and axe is content; MADOGUCHI_PICTURES names where pictures are kept."""
    if pictures := os.environ.get("MADOGUCHI_PICTURES"):
        await page.screenshot(path=Path(pictures) / f"{name}.png")
    wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert not await page.evaluate(wide), name
    await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == [], name


async def test_somebody_new_is_added_with_the_keyboard_alone(admin: Admin) -> None:
    """Name, role, department; the password is shown once, and with it she gets in. Then it is gone."""
    page = admin.page
    await page.get_by_test_id("person-new").focus()
    await page.keyboard.press("Enter")
    for text in ("mori", "森 みのり"):
        await page.keyboard.press("Tab")
        while await page.evaluate("document.activeElement.tagName") != "INPUT":
            await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.get_by_test_id("role-operator").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    password = await page.get_by_test_id("new-password").inner_text()
    await page.get_by_test_id("person-mori").wait_for()
    desk = admin.hub.desk_of("mori")
    desk.password = password
    assert (await desk.log_in()).me.name == "森 みのり"
    await page.keyboard.press("Escape")
    assert await page.get_by_test_id("secret").count() == 0


async def test_a_change_later_asks_for_a_code_and_goes_on_by_itself(admin: Admin) -> None:
    """Disable hana a quarter of an hour after the login: the code, then the change, once; then the record."""
    page = admin.page
    admin.hub.clock.jump(901)
    await page.get_by_test_id("person-hana").get_by_role("button").click()
    await page.get_by_test_id("disable").click()
    await page.get_by_test_id("ask-yes").click()
    await page.get_by_test_id("step-up-code").fill(admin.code())
    await page.get_by_test_id("step-up-submit").click()
    await page.get_by_test_id("done").wait_for()
    assert "利用停止" in await page.get_by_test_id("person-hana").inner_text()
    await page.get_by_test_id("admin-audit").click()
    await page.get_by_test_id("audit").wait_for()
    first = await page.locator("[data-testid=audit] tbody tr").first.inner_text()
    assert "sato さん" in first
    assert "人を利用停止" in first
    assert "hana さん" in first
    await page.get_by_test_id("audit-actor").select_option(label="hana さん")
    await page.get_by_text("この条件の記録はありません").wait_for()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_page_fits(admin: Admin, size: tuple[int, int]) -> None:
    """Every size that the desk supports, the last one 200 % text: nothing is cut, axe is content."""
    page = admin.page
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.get_by_test_id("person-hana").get_by_role("button").click()
    await page.get_by_test_id("role-specialist").check()
    await page.get_by_test_id("department").wait_for()
    await look(page, f"people {size}")
    await page.get_by_test_id("admin-audit").click()
    await page.get_by_test_id("audit").wait_for()
    await look(page, f"audit {size}")


async def _device(page: Page) -> None:
    """A device of the browser's own that verifies its person at once."""
    client = await page.context.new_cdp_session(page)
    await client.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    await client.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_instead_of_the_code(admin: Admin) -> None:
    """Added on one's own page, used at the next login and for a change later; then gone."""
    page = admin.page
    await _device(page)
    await page.get_by_test_id("admin-own").click()
    await page.get_by_test_id("passkey-name").fill("机の鍵")
    await page.keyboard.press("Enter")
    await page.get_by_test_id("passkey-done").wait_for()
    for size in SIZES:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await look(page, f"passkeys {size}")
    await page.get_by_test_id("admin-logout").click()
    await _sign_in(page, "sato", PASSWORD)
    await page.get_by_test_id("factor-passkey").wait_for()
    for size in SIZES:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await look(page, f"passkey login {size}")
    await page.get_by_test_id("factor-passkey").press("Enter")
    await page.get_by_test_id("person-hana").get_by_role("button").click()
    admin.hub.clock.jump(901)
    await page.get_by_test_id("disable").click()
    await page.get_by_test_id("ask-yes").click()
    await page.get_by_test_id("step-up-passkey").click()
    await page.get_by_test_id("done").wait_for()
    await page.get_by_test_id("admin-own").click()
    await page.get_by_test_id("passkey-remove").click()
    await page.get_by_test_id("passkey-done").wait_for()
    assert await page.get_by_test_id("passkey").count() == 0
    await page.get_by_test_id("admin-logout").click()
    await _sign_in(page, "sato", PASSWORD)
    await page.get_by_test_id("factor-code").wait_for()
    assert await page.get_by_test_id("factor-passkey").count() == 0
