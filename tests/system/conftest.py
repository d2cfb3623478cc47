"""One stage for a whole module: starting the programs costs more than most tests."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.system.desk_stage import DeskStage
from tests.system.live import Live, whole

CHROMIUM = Path("/usr/bin/chromium")
EVIDENCE = Path(__file__).resolve().parents[2] / "var" / "system-tests"
"""Pictures of both sides and the ends of all logs, when a test on a stage has failed."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Hub, agent, screen and desk; `live.talk()` makes or finds the call."""
    with whole(tmp_path_factory.mktemp("live")) as live:
        yield live


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium with a camera and a microphone that are drawn."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-device-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def stage(browser: Browser) -> Iterator[DeskStage]:
    """The built desk before a scripted hub."""
    with DeskStage(browser) as stage:
        yield stage


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What was seen when a test failed, beside the report."""
    report = yield
    live: Any = getattr(item, "funcargs", {}).get("live")
    if report.when == "call" and report.failed and isinstance(live, Live):
        report.sections.append(("stage", live.evidence(EVIDENCE, item.name)))
    return report
