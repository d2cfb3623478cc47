"""What a hub keeps in mind about its rows in the store, from one turn to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.counter.board import Board
from hub.counter.node import Node

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
NOTHING: Any = None
"""No transaction: nothing is to be written for a side that the board does not have."""


@pytest.fixture
def node() -> Node:
    """With a side whose row is not what the board says."""
    return Node("a", (), unwritten={"kiosk:t1"})


async def test_a_side_that_moves_while_it_is_being_written_is_written_again(node: Node) -> None:
    """A link that is lost between the row and the commit would else count as here for ever, elsewhere."""
    assert await node.end(NOTHING, Board(NOW))
    node.unwritten.add("kiosk:t1")
    node.had_turn()
    assert node.unwritten == {"kiosk:t1"}
    assert await node.end(NOTHING, Board(NOW))
    node.had_turn()
    assert not await node.end(NOTHING, Board(NOW)), "written"


async def test_what_a_failed_turn_had_to_write_is_left_to_the_next_one(node: Node) -> None:
    """Nothing of it is in the store."""
    await node.end(NOTHING, Board(NOW))
    node.undone()
    assert node.unwritten == {"kiosk:t1"}


def test_a_board_lags_behind_what_its_sides_have_heard_until_it_has_looked(node: Node) -> None:
    """A word that answers another hub's turn waits for that look."""
    node.passed_on = lambda: 5
    assert node.lags
    node.turn = 5
    node.had_turn()
    assert not node.lags
