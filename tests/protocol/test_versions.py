"""Two neighbouring versions understand each other; 1 plays the older one here, below an invented 2."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest

from protocol import versions
from protocol.envelope import Message, read_body, read_envelope, vocabulary, write
from protocol.errors import DecodeError, PeerError
from protocol.versions import Step, downgrade, negotiate, readable, speaks, upgrade


class Walk(Message, frozen=True, tag="walk"):
    """Version 2 counts metres; version 1 said 'far' or 'near'."""

    metres: Annotated[int, msgspec.Meta(ge=0)]


class Sing(Message, frozen=True, tag="sing"):
    """New in version 2."""

    song: str


class Rest(Message, frozen=True, tag="rest"):
    """The same in both."""

    minutes: int = 5


def _walk_up(body: dict[str, Any]) -> dict[str, Any]:
    return {"metres": {"near": 10, "far": 1000}[body["how"]]}


def _walk_down(body: dict[str, Any]) -> dict[str, Any]:
    return {"how": "far" if body["metres"] > 100 else "near"}


STEPS = (Step(to=2, up={"walk": _walk_up}, down={"walk": _walk_down}, new_types=frozenset({"sing"})),)
SAYS = vocabulary(Walk, Sing, Rest)


def heard(body: dict[str, Any], *, kind: str = "walk", version: int = 1) -> Message | None:
    """What a hub of version 2 makes of a body."""
    text = json.dumps({"v": version, "type": kind, "id": "m1", "body": body})
    return read_body(read_envelope(text), SAYS, steps=STEPS)


def said(message: Message, version: int) -> dict[str, Any]:
    """The body that a hub of version 2 writes for a peer."""
    value: dict[str, Any] = json.loads(write(message, version=version, id="m1", steps=STEPS))
    return value


@pytest.mark.parametrize(
    ("ours", "theirs", "spoken"),
    [((2, 1), (1,), 1), ((2, 1), (2, 1), 2), ((1, 2), (3, 2), 2), ((1,), (1, 1), 1)],
)
def test_both_speak_the_newest_that_both_know(ours: Any, theirs: Any, spoken: int) -> None:
    """A terminal that was updated late still finds a common version."""
    assert negotiate(ours, theirs) == spoken


@pytest.mark.parametrize("theirs", [(), (3,), (0,)])
def test_no_common_version_says_who_speaks_what(theirs: tuple[int, ...]) -> None:
    """The technician reads which side is the older one."""
    with pytest.raises(PeerError, match=r"we speak \[1, 2\]") as caught:
        negotiate((2, 1), theirs)
    assert caught.value.code == "version"


def test_an_older_body_arrives_as_a_newer_message() -> None:
    """Decisions know one version only."""
    assert heard({"how": "far"}) == Walk(metres=1000)
    assert heard({"metres": 7}, version=2) == Walk(metres=7)
    assert heard({"minutes": 9}, kind="rest") == Rest(minutes=9)


@pytest.mark.parametrize("body", [{}, {"how": "sideways"}, {"how": []}, {"how": None}, {"metres": 5}])
def test_a_broken_older_body_is_a_bad_body(body: dict[str, Any]) -> None:
    """A change function that stumbles does not close the link."""
    with pytest.raises(DecodeError) as caught:
        heard(body)
    assert caught.value.code == "bad_body"


@pytest.mark.parametrize("version", [0, 3, -1, 10**9])
def test_a_version_that_nobody_agreed_on_is_refused(version: int) -> None:
    """A body is never read by guess."""
    with pytest.raises(DecodeError) as caught:
        heard({"how": "far"}, version=version)
    assert caught.value.code == "version"


def test_an_older_peer_hears_its_own_words() -> None:
    """Body and version of the envelope belong together."""
    assert said(Walk(metres=1000), 1) == {"v": 1, "type": "walk", "id": "m1", "body": {"how": "far"}}
    assert said(Walk(metres=1000), 2)["body"] == {"metres": 1000}
    assert said(Rest(), 1)["body"] == {"minutes": 5}


def test_what_an_older_peer_has_no_word_for_is_not_sent() -> None:
    """The sender can ask first, and nothing slips through when it forgets."""
    assert not speaks("sing", 1, steps=STEPS)
    assert speaks("sing", 2, steps=STEPS)
    assert speaks("walk", 1, steps=STEPS)
    with pytest.raises(ValueError, match="version 1 has no such message"):
        said(Sing(song="la"), 1)
    assert said(Sing(song="la"), 2)["body"] == {"song": "la"}


def test_steps_are_walked_in_order_in_both_directions() -> None:
    """Three versions: up goes 1, 2, 3; down goes 3, 2, 1, and stops where the type ends."""
    chain = (
        Step(to=3, up={"t": lambda b: {"n": b["n"] + "3"}}, down={"t": lambda b: {"n": b["n"] + "2"}}),
        Step(to=2, up={"t": lambda b: {"n": b["n"] + "2"}}, down={"t": lambda b: {"n": b["n"] + "1"}}),
    )
    assert upgrade("t", {"n": ""}, 1, to=3, steps=chain) == {"n": "23"}
    assert upgrade("t", {"n": ""}, 2, to=3, steps=chain) == {"n": "3"}
    assert upgrade("t", {"n": ""}, 1, to=2, steps=chain) == {"n": "2"}
    assert downgrade("t", {"n": ""}, 1, of=3, steps=chain) == {"n": "21"}
    assert downgrade("t", {"n": ""}, 2, of=3, steps=chain) == {"n": "2"}
    assert downgrade("t", {"n": ""}, 3, of=3, steps=chain) == {"n": ""}
    assert readable(chain) == range(1, 4)


def test_we_support_the_current_version_and_the_one_before() -> None:
    """N and N-1, as far as there is one; a step leads to every supported version but the oldest."""
    assert max(versions.SUPPORTED) == versions.CURRENT
    assert set(versions.SUPPORTED) == {v for v in (versions.CURRENT - 1, versions.CURRENT) if v >= 1}
    assert {step.to for step in versions.STEPS} >= set(versions.SUPPORTED) - {min(versions.SUPPORTED)}
