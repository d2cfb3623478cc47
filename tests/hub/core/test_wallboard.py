"""The wallboard's figures, alarms and order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from hub.core.wallboard import MOST_CALLS, MOST_PEOPLE, MOST_TOWNS, Offered, Rules, board, figures
from protocol.desk_link import WallboardUpdate
from protocol.envelope import write
from protocol.strict_json import LIMIT
from protocol.values import CallState, PresenceState, WallCall, WallFigures, WallPerson, WallTown

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RULES = Rules(service=timedelta(seconds=20), waiting=timedelta(seconds=120), wrap_up=timedelta(seconds=180))


def offered(ago: float, answered: float | None = None, ended: float | None = None) -> Offered:
    """A call that came `ago` seconds ago, answered and ended so many seconds later."""
    came = NOW - timedelta(seconds=ago)

    def after(seconds: float | None) -> datetime | None:
        return None if seconds is None else came + timedelta(seconds=seconds)

    return Offered("minami", came, after(answered), after(ended))


def call(id: str, ago: float, state: CallState = CallState.WAITING, **more: object) -> WallCall:
    """A row."""
    row = WallCall(
        call=id, state=state, municipality="minami", municipality_name="みなみ市", brand="#00696B",
        site_name="北支所", terminal_name="1番", queued_at=NOW - timedelta(seconds=ago),
        accepted_at=None if state in (CallState.WAITING, CallState.RINGING) else NOW - timedelta(seconds=ago),
    )  # fmt: skip
    return msgspec.structs.replace(row, **more)


def person(user: str, state: PresenceState, ago: float = 10) -> WallPerson:
    """A row."""
    return WallPerson(
        user=user, name=user, role="オペレーター", state=state, since=NOW - timedelta(seconds=ago)
    )


def made(
    calls: list[WallCall] | None = None, people: list[WallPerson] | None = None,
    towns: list[WallTown] | None = None,
) -> WallboardUpdate:  # fmt: skip
    """A board of these rows."""
    return board(
        towns=towns or [], calls=calls or [], people=people or [], today=WallFigures(), rules=RULES, now=NOW
    )


@pytest.mark.parametrize(
    ("calls", "level"),
    [
        ([], None),
        ([offered(300, answered=20)], 1.0),
        ([offered(300, answered=20.1)], 0.0),
        ([offered(300, answered=5), offered(300, answered=60)], 0.5),
        ([offered(300, answered=5), offered(300, ended=90)], 0.5),
        ([offered(300, answered=5), offered(300, ended=19)], 1.0),  # left before anything was late
        ([offered(300, answered=5), offered(30)], 0.5),  # waits on, and is late already
        ([offered(300, answered=5), offered(10)], 1.0),
        ([offered(10)], None),
    ],
)
def test_the_service_level_is_a_share_of_those_whom_it_was_promised(
    calls: list[Offered], level: float | None
) -> None:
    """Late is late, answered or not; whoever leaves in time says nothing; no calls give no figure."""
    assert figures(calls, NOW, RULES.service).service_level == level


def test_figures_of_a_day() -> None:
    """Offered is everybody, abandoned whoever left unanswered, the average is over the answered."""
    calls = [offered(900, 10, 100), offered(800, 31, 400), offered(700, ended=50), offered(5)]
    assert figures(calls, NOW, RULES.service) == WallFigures(
        offered=4, answered=2, abandoned=1, service_level=1 / 3, average_s=20
    )


def test_alarms_are_what_lasts_too_long_and_whom_nobody_serves() -> None:
    """On the border all is well; a wrap-up that has run out of time is one at once."""
    found = made(
        calls=[call("c1", 120), call("c2", 121), call("c3", 500, CallState.TALKING)],
        people=[
            person("ok", PresenceState.WRAP_UP, 180), person("slow", PresenceState.WRAP_UP, 181),
            person("over", PresenceState.OVERDUE, 1), person("away", PresenceState.AWAY, 9000),
        ],
        towns=[
            WallTown(municipality="a", name="a", brand="#000000", on_duty=1),
            WallTown(municipality="b", name="b", brand="#000000", on_duty=0),
            WallTown(municipality="c", name="c", brand="#000000", on_duty=0, open=False),
        ],
    )  # fmt: skip
    assert [(one.kind, one.subject) for one in found.alarms] == [
        ("nobody_on_duty", "b"), ("waiting_long", "c2"), ("wrap_up_long", "slow"), ("wrap_up_long", "over"),
    ]  # fmt: skip


def test_whoever_needs_somebody_stands_at_the_top() -> None:
    """First the operator who calls for help, then the longest waits, then talks; nobody who is offline."""
    found = made(
        calls=[
            call("talks", 10, CallState.TALKING), call("short", 5), call("long", 50),
            call("help", 1, CallState.TALKING, wanted=True), call("rings", 20, CallState.RINGING),
        ],
        people=[
            person("off", PresenceState.OFFLINE), person("free", PresenceState.AVAILABLE),
            person("late", PresenceState.TALKING, 5), person("early", PresenceState.TALKING, 50),
        ],
    )  # fmt: skip
    assert [one.call for one in found.calls] == ["help", "long", "rings", "short", "talks"]
    assert [one.user for one in found.people] == ["early", "late", "free"]


def test_a_board_of_any_size_can_be_said() -> None:
    """The longest names and more rows than there is room for: one message, which says what is left out."""
    town = "鹿児島県大島郡龍郷町"
    long = {"municipality_name": town, "site_name": "本庁舎 町民税務課 総合窓口",
            "terminal_name": "窓口端末 2(奥の相談室)",
            "topic_title": "マイナンバーカードの申請と写真の撮影", "operator_name": "山口 みどり",
            "monitor_name": "高橋 誠"}  # fmt: skip
    found = made(
        calls=[call(f"{n:032x}", 600 + n, **long) for n in range(MOST_CALLS + 7)],
        people=[
            msgspec.structs.replace(
                person(f"{n:032x}", PresenceState.WRAP_UP, 600), municipality_name=town,
                site_name=long["site_name"], reason="打ち合わせ",
            )
            for n in range(MOST_PEOPLE + 3)
        ],
        towns=[
            WallTown(municipality=f"town-{n}", name=town, brand="#123456", disaster="地震のあとのご案内")
            for n in range(MOST_TOWNS)
        ],
    )  # fmt: skip
    assert (len(found.calls), found.more_calls, found.more_people) == (MOST_CALLS, 7, 3)
    assert len(write(found, version=1, id="x" * 32, seq=0, ack=10**6).encode()) < LIMIT
