"""Talks of every version: they stay understood, and nothing that stood in them is lost when written again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from protocol import versions
from protocol.desk_link import DESK_SAYS, HUB_SAYS_TO_DESK
from protocol.envelope import Vocabulary, read_body, read_envelope, write
from protocol.guest_link import GUEST_SAYS, HUB_SAYS_TO_GUEST
from protocol.kiosk_link import HUB_SAYS_TO_KIOSK, KIOSK_SAYS

GOLDEN = Path(__file__).parent / "golden"
SIDES: dict[tuple[str, str], Vocabulary] = {
    ("kiosk", "kiosk"): KIOSK_SAYS,
    ("kiosk", "hub"): HUB_SAYS_TO_KIOSK,
    ("desk", "desk"): DESK_SAYS,
    ("desk", "hub"): HUB_SAYS_TO_DESK,
    ("guest", "guest"): GUEST_SAYS,
    ("guest", "hub"): HUB_SAYS_TO_GUEST,
}
TALKS = sorted(GOLDEN.glob("v*/*.jsonl"))


def lines(talk: Path) -> list[tuple[Vocabulary, dict[str, Any]]]:
    """What the side of each line may say, and the message."""
    link = talk.name.partition("-")[0]
    rows = [json.loads(line) for line in talk.read_text("utf-8").splitlines()]
    return [(SIDES[link, row["side"]], row["message"]) for row in rows]


def _later_fields_left_out(now: Any, then: Any) -> Any:
    """`now` without the object keys that `then` does not have; they have defaults, or decoding had failed."""
    if isinstance(now, dict) and isinstance(then, dict):
        return {key: _later_fields_left_out(now[key], then[key]) for key in now if key in then}
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        return [_later_fields_left_out(one, other) for one, other in zip(now, then, strict=True)]
    return now


@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: f"{talk.parent.name}/{talk.stem}")
def test_a_golden_talk_is_understood_and_said_again(talk: Path) -> None:
    """Every message decodes; written again it says the same, at most with fields that came later."""
    for may_say, message in lines(talk):
        envelope = read_envelope(json.dumps(message, ensure_ascii=False))
        body = read_body(envelope, may_say)
        assert body is not None, message["type"]
        if envelope.v != versions.CURRENT:
            continue
        text = write(
            body, version=envelope.v, id=envelope.id, seq=envelope.seq, ack=envelope.ack, call=envelope.call,
            epoch=envelope.epoch, expires=envelope.expires,
        )  # fmt: skip
        assert _later_fields_left_out(json.loads(text), message) == message


@pytest.mark.parametrize("link", sorted(SIDES), ids="-".join)
def test_every_message_of_the_current_version_stands_in_a_talk(link: tuple[str, str]) -> None:
    """A new message comes with its golden line."""
    said = {
        message["type"]
        for talk in TALKS
        for may_say, message in lines(talk)
        if may_say is SIDES[link] and message["v"] == versions.CURRENT
    }
    assert said == set(SIDES[link])


def test_every_supported_version_has_talks() -> None:
    """No version is supported by word alone."""
    assert {int(talk.parent.name[1:]) for talk in TALKS} >= set(versions.SUPPORTED)
