"""The benchmark's own arithmetic: what counts as held."""

import pytest

from tests.bench.report import Goal, Row, table


@pytest.mark.parametrize(
    ("row", "holds"),
    [
        (Row("cpu", "ms", 1.1, {"bare": 1.0}, Goal.ratio_at_most(1.15)), True),
        (Row("cpu", "ms", 1.2, {"bare": 1.0}, Goal.ratio_at_most(1.15)), False),
        (Row("freeze", "ms", 250, {"stock": 9000}, Goal.at_most(300)), True),
        (Row("echo", "dB", 29, {}, Goal.at_least(30)), False),
        (Row("echo", "dB", None, {}, Goal.at_least(30), note="no canceller"), False),
        (Row("cpu", "ms", 1.0, {"bare": None}, Goal.ratio_at_most(1.15)), False),
        (Row("control", "dB", 1.0), True),
    ],
)
def test_a_row_holds_only_where_its_goal_was_measured_and_reached(row: Row, holds: bool) -> None:
    """A figure that is missing never counts as reached."""
    assert row.holds is holds
    assert row.record()["holds"] is holds


def test_a_row_that_falls_short_stays_in_the_table() -> None:
    """Bad news is shown, with our figure and the peer's."""
    text = table([Row("longest freeze", "ms", 900, {"stock": 4000}, Goal.at_most(600))])
    assert "--  longest freeze" in text
    assert "900" in text
    assert "stock 4000" in text
