"""What the hub shows can be read, whatever it does not know."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from hub.core.transfer import TransferRecord
from hub.counter import views
from hub.counter.board import Board
from protocol.values import Transfer, TransferKind, TransferState
from tests.fakes.hub_program import content

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_a_transfer_can_be_read_also_where_its_origin_was_never_seen() -> None:
    """An operator of another hub has no name here yet; the specialist's desk must not choke on that."""
    record = TransferRecord(
        id="t1", municipality="minami", call="c1", kind=TransferKind.CONSULT, origin="u1", department="kaigo",
        reason="", state=TransferState.RINGING, asked_at=NOW, wait_until=NOW, until=NOW, specialist="u2",
    )  # fmt: skip
    shown = views.transfer(record, Board(started=NOW), content())
    read = msgspec.convert(msgspec.to_builtins(shown), Transfer)
    assert read.origin_name == "オペレーター"
