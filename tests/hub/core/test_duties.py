"""Who takes what, at which counter, and when: the duty table asked at moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import duties, duty_file
from hub.core.content import Block, Content, Department, Municipality, Place, Procedure, Terminal, Town, Week
from hub.core.duty_file import DutyFile, DutyRow, EventFile, SpecialDay
from hub.core.duty_table import CLOSED, Duty, Kind
from hub.core.site_view import site_view
from protocol.ruby import plain

OFFICE = Week(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "8:30-17:00"))
NAMES = {"card": "カード", "care": "{介護|かいご}の {相談|そうだん}", "tax": "{税|ぜい}の {証明|しょうめい}"}
FILE = DutyFile(
    rows=(
        DutyRow(who="department:kaigo", procedures=("care",)),
        DutyRow(who="closed", procedures=("care",), sites=("kita",), time="12:00-13:00"),
        DutyRow(who="branch", procedures=("tax",), sites=("kita",), weekdays=("wed",)),
        DutyRow(who="operator", procedures=("card",), sites=("kita",), pilot=True, last="2026-11-30"),
        DutyRow(who="closed", procedures=("tax", "care"), days=("2026-12-13",)),
    ),
    default="operator",
    special_days=(SpecialDay(days=("2026-12-13",), hours="9:00-12:00", sites=("kita",)),),
    events=(
        EventFile(
            id="mall", place="みなとモール", first="2026-12-05", last="2026-12-06", hours="10:00-16:00",
            hours_on={"2026-12-06": "closed"}, terminals=("kita/kita-2",), procedures=("card",),
        ),
    ),
)  # fmt: skip


def town(file: DutyFile = FILE) -> Town:
    """みなみ市 with two sites, three procedures and this table."""
    terminals = {"kita": ("kita-1", "kita-2"), "honcho": ("honcho-1",)}
    sites = tuple(
        Place(
            id=id, name=id, telephone="0000-00-1210", hours=OFFICE, tiles=True, procedures=tuple(NAMES),
            terminals=tuple(Terminal(id=one, name=one) for one in ids),
        )
        for id, ids in terminals.items()
    )  # fmt: skip
    municipality = Municipality(
        id="minami", name="みなみ市", kana="みなみし", telephone="0000-00-1100", greeting="はい", sites=sites,
        holidays="national", departments=(Department(id="kaigo", name="介護係", telephone="0000-00-1130"),),
    )  # fmt: skip
    procedures = {
        id: Procedure(id=id, title=title, greeting="はい", handbook=(Block(text="はい"),))
        for id, title in NAMES.items()
    }
    return Town(
        municipality=municipality, procedures=procedures, pages={}, duties=duty_file.table(file, municipality)
    )


TOWN = town()


def at(day: str, clock: str) -> datetime:
    """A moment in Japan, as UTC."""
    return datetime.fromisoformat(f"{day}T{clock}+09:00").astimezone(UTC)


def who(procedure: str, day: str, clock: str, site: str = "kita", terminal: str = "kita-1") -> Duty:
    return duties.who(TOWN, site, terminal, procedure, at(day, clock))


def view(day: str, clock: str, terminal: str = "kita-1", **more: Any) -> Any:
    """What a terminal of kita is told."""
    return site_view(Content(towns={"minami": TOWN}), "minami", "kita", terminal, at(day, clock), **more)


@pytest.mark.parametrize(
    ("procedure", "day", "clock", "site", "expected"),
    [
        ("card", "2026-12-01", "10:00", "kita", Duty(Kind.OPERATOR)),  # what no row names
        ("", "2026-12-01", "10:00", "kita", Duty(Kind.OPERATOR)),  # the resident chose none
        ("card", "2026-11-30", "10:00", "kita", Duty(Kind.OPERATOR, pilot=True)),
        ("card", "2026-11-30", "10:00", "honcho", Duty(Kind.OPERATOR)),
        ("care", "2026-12-01", "11:59", "kita", Duty(Kind.DEPARTMENT, "kaigo")),
        ("care", "2026-12-01", "12:00", "kita", CLOSED),  # the row that names the site counts first
        ("care", "2026-12-01", "13:00", "kita", Duty(Kind.DEPARTMENT, "kaigo")),
        ("care", "2026-12-01", "12:00", "honcho", Duty(Kind.DEPARTMENT, "kaigo")),
        ("tax", "2026-12-02", "10:00", "kita", Duty(Kind.BRANCH)),
        ("tax", "2026-12-03", "10:00", "kita", Duty(Kind.OPERATOR)),
        ("card", "2026-12-01", "17:00", "kita", CLOSED),  # the door
        ("card", "2026-11-23", "10:00", "kita", CLOSED),  # 勤労感謝の日
        ("card", "2026-12-13", "10:00", "kita", Duty(Kind.OPERATOR)),  # a Sunday with hours
        ("tax", "2026-12-13", "10:00", "kita", CLOSED),  # on which the table says otherwise
        ("card", "2026-12-13", "10:00", "honcho", CLOSED),
    ],
)  # fmt: skip
def test_the_row_that_says_more_counts(
    procedure: str, day: str, clock: str, site: str, expected: Duty
) -> None:
    """Days before weekdays, named sites before all, named procedures before all; what is closed is closed."""
    assert who(procedure, day, clock, site, f"{site}-1") == expected


def test_a_terminal_at_an_event_is_open_there_and_nowhere_else() -> None:
    """D10: place and hours are the event's; the site's other terminal and other days are ordinary."""
    inside = view("2026-12-05", "10:00", "kita-2")
    assert (inside.open, inside.site_name, inside.event) == (True, "みなとモール", True)
    assert plain(inside.hours) == "12月5日(土) 10:00〜16:00"
    assert [one.id for one in inside.topics] == ["card"]
    assert not view("2026-12-05", "10:00", "kita-1").open
    assert not view("2026-12-05", "09:59", "kita-2").open
    assert not view("2026-12-06", "10:00", "kita-2").open, "closed on its second day by hours_on"
    monday = view("2026-12-07", "10:00", "kita-2")
    assert (monday.open, monday.site_name, monday.event) == (True, "kita", False)
    friday = view("2026-12-04", "18:00", "kita-2")
    assert plain(friday.opens_text) == "明日、12月5日(土)の午前10時から受け付けます"


def test_tiles_are_what_can_be_chosen_now_and_the_rest_says_when() -> None:
    """Nobody touches a tile that leads nowhere, and nobody thinks that it is not served here."""
    noon = view("2026-12-01", "12:30")
    assert [one.id for one in noon.topics] == ["card", "tax"]
    assert [plain(line) for line in noon.later] == ["「介護の相談」は今日の午後1時から"]
    after = view("2026-12-01", "13:00")
    assert [one.id for one in after.topics] == ["card", "care", "tax"]
    assert after.later == ()
    assert view("2026-12-01", "17:00").later == (), "the whole counter is closed, and says so"


def test_the_topic_of_a_live_call_stays() -> None:
    """Whoever waits since 11:59 still reads what to have ready."""
    assert "care" in [one.id for one in view("2026-12-01", "12:30", topic="care").topics]


def test_the_staff_on_the_spot_are_said_in_words_and_a_trial_is_marked() -> None:
    """branch: no call begins; pilot: the resident knows."""
    topics = {one.id: one for one in view("2026-12-02", "10:00").topics}
    assert "こちらの窓口の職員が" in plain(topics["tax"].words)
    assert topics["card"].words == ""
    assert {one.id for one in view("2026-11-30", "10:00").topics if one.pilot} == {"card"}


def test_days_count_before_sites_and_sites_before_procedures() -> None:
    """Whatever else a row names, and in whatever order rows stand."""
    table = DutyFile(
        rows=(
            DutyRow(who="branch", sites=("kita",), procedures=("tax",)),
            DutyRow(who="closed", days=("2026-12-02",)),
            DutyRow(who="operator", sites=("kita",)),
            DutyRow(who="department:kaigo", procedures=("card",)),
        )
    )
    asked = town(table)
    kinds = [
        duties.who(asked, "kita", "kita-1", procedure, at(day, "10:00")).kind
        for day in ("2026-12-01", "2026-12-02") for procedure in ("tax", "card")
    ]  # fmt: skip
    assert kinds == [Kind.BRANCH, Kind.OPERATOR, Kind.CLOSED, Kind.CLOSED]


def test_the_next_offer_is_not_at_an_event_that_does_not_serve_it() -> None:
    """On Friday evening the next time for taxes is Monday, not the mall on Saturday."""
    friday = at("2026-12-04", "18:00")
    assert duties.next_offer(TOWN, "kita", "kita-2", "tax", friday) == at("2026-12-07", "08:30")
    assert duties.next_offer(TOWN, "kita", "kita-2", "card", friday) == at("2026-12-05", "10:00")


def test_what_is_not_offered_again_soon_is_not_announced() -> None:
    """No sentence without a day."""
    table = DutyFile(rows=(DutyRow(who="closed", procedures=("tax",)),), default="operator")
    assert duties.next_offer(town(table), "kita", "kita-1", "tax", at("2026-12-01", "10:00")) is None


def read(now: datetime, terminal: str) -> Any:
    """Everything that a terminal is told."""
    return site_view(Content(towns={"minami": TOWN}), "minami", "kita", terminal, now)


@given(
    st.datetimes(datetime(2026, 11, 25), datetime(2026, 12, 20)),  # noqa: DTZ001  # made aware below
    st.sampled_from(["kita-1", "kita-2"]),
    st.floats(0, 0.999),
)
def test_until_the_next_change_nothing_changes(moment: datetime, terminal: str, part: float) -> None:
    """A terminal that asks again then has never shown a stale tile, door or day."""
    now = moment.replace(tzinfo=UTC)
    change = duties.next_change(TOWN, "kita", terminal, now)
    assert now < change <= now + timedelta(days=1)
    assert read(now + (change - now) * part, terminal) == read(now, terminal)
