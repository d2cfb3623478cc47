"""The duty table on paper: what a clerk reads is what the counter does."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from hub import duty_sheet
from hub.core.content import Content
from tests.fakes.hub_program import content
from tests.hub.core.test_duties import TOWN

ROOT = Path(__file__).parents[2]


def lines(day: str, *, of: Content | None = None, municipality: str = "minami") -> list[str]:
    return duty_sheet.sheet(of or content(), municipality, date.fromisoformat(day)).splitlines()


def test_a_day_reads_like_a_sheet() -> None:
    """Counters with their hours, procedures with who takes them when, trials and the staff on the spot."""
    sheet = lines("2026-12-02")
    assert sheet[0] == "みなみ市 業務分担表 12月2日(水)"
    kita = sheet[sheet.index("■ 北支所(kita) 8:30〜17:15") :]
    (care,) = [line for line in kita[:5] if "介護保険" in line]
    assert care.split("  ")[-1] == (
        "8:30〜12:00 オペレーター、12:00〜13:00 受け付けない、13:00〜17:15 オペレーター"
    )
    assert any(line.endswith("8:30〜17:15 高齢福祉課 介護保険係(試行中)") for line in sheet)
    assert any(line.endswith("9:00〜12:00 窓口の職員、13:00〜16:30 窓口の職員") for line in sheet)


def test_holidays_and_events_are_named() -> None:
    """D3 and D10: why it is closed, and where its terminals are."""
    assert lines("2026-11-23")[0].endswith("11月23日(月) 勤労感謝の日")
    assert "■ 本庁舎 市民課(honcho) お休み" in lines("2026-11-23")
    event = lines("2026-12-06")
    at = event.index("■ 出張 みなとモール 1階広場(mall-december) 10:00〜15:00")
    assert event[at + 1] == "  端末 北支所 2番の端末(kita/kita-2)"
    assert "マイナンバーカード" in event[at + 2]


def test_a_department_is_called_by_its_name() -> None:
    """As a clerk knows it."""
    sheet = lines("2026-12-01", of=Content(towns={"minami": TOWN}))
    assert any(line.endswith("8:30〜17:00 介護係") for line in sheet)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["minami", "--on", "2026-12-05"], 0, "■ 出張 みなとモール"),
        (["minami", "--on", "2026-02-30"], 1, "--on: '2026-02-30' stands in no calendar"),
        (["mina"], 1, "no municipality mina; known: kitamidai, minami"),
    ],
)
def test_the_command_prints_it_or_says_what_is_wrong(arguments: list[str], code: int, text: str) -> None:
    """python -m hub duties."""
    command = [sys.executable, "-m", "hub", "duties", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert text in done.stdout + done.stderr
