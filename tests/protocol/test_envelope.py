"""How a message is written and read in two steps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import desk_link, kiosk_link, strict_json
from protocol.common import Candidate, GoingAway, MediaReport, Ping, Refused
from protocol.desk_link import DESK_SAYS, Caption
from protocol.envelope import Message, expired, read_body, read_envelope, vocabulary, write
from protocol.errors import DecodeError
from protocol.kiosk_link import HUB_SAYS_TO_KIOSK, KIOSK_SAYS, CallRequest

NOW = datetime(2026, 11, 24, 1, 24, tzinfo=UTC)


def wire(**fields: Any) -> str:
    """An envelope as text, honest but for the given fields."""
    return json.dumps({"v": 1, "type": "ping", "id": "m1", "seq": 1} | fields)


def refusal(text: str) -> DecodeError:
    """The error of step one or two."""
    with pytest.raises(DecodeError) as caught:
        read_body(read_envelope(text), KIOSK_SAYS)
    return caught.value


def test_a_message_comes_back_as_it_was_written() -> None:
    """All envelope fields and the body survive the wire."""
    text = write(
        MediaReport(live=True, sent_face_frames=7), version=1, id="m7", seq=7, ack=3, call="c1", epoch=2,
        expires=NOW,
    )  # fmt: skip
    envelope = read_envelope(text)
    assert (envelope.id, envelope.seq, envelope.ack, envelope.call, envelope.epoch) == ("m7", 7, 3, "c1", 2)
    assert envelope.expires == NOW
    assert read_body(envelope, KIOSK_SAYS) == MediaReport(live=True, sent_face_frames=7)


def test_an_unknown_type_is_no_error() -> None:
    """Step two says None, and step one still knows the id to answer 'unsupported' with."""
    envelope = read_envelope(wire(type="from_the_future", id="m9", body={"x": [1, {}]}))
    assert envelope.id == "m9"
    assert read_body(envelope, KIOSK_SAYS) is None


def test_a_side_may_only_say_its_own_words() -> None:
    """A kiosk that says what only the hub may say is answered like one that speaks another language."""
    text = write(kiosk_link.CancelCapture(capture="x"), version=1, id="m1")
    assert read_body(read_envelope(text), KIOSK_SAYS) is None
    assert read_body(read_envelope(text), HUB_SAYS_TO_KIOSK) is not None


def test_unknown_fields_are_ignored() -> None:
    """A newer peer may add fields to the envelope and to bodies."""
    envelope = read_envelope(wire(type="call_request", new=1, body={"topic": "card", "mood": "good"}))
    assert read_body(envelope, KIOSK_SAYS) == CallRequest(topic="card")


def test_the_type_of_the_envelope_counts() -> None:
    """A `type` inside the body cannot turn one message into another."""
    envelope = read_envelope(wire(body={"type": "call_leave", "reason": "resident"}))
    assert read_body(envelope, KIOSK_SAYS) == Ping()


@pytest.mark.parametrize(
    "fields",
    [
        {"id": ""}, {"id": "x" * 65}, {"id": 5}, {"v": "1"}, {"v": None}, {"type": ""}, {"type": "x" * 65},
        {"seq": -1}, {"ack": -1}, {"seq": 1.5}, {"call": ""}, {"call": "x" * 65}, {"epoch": -1},
        {"expires": "soon"}, {"expires": "2026-11-24T01:24:00"}, {"expires": "0001-01-01T00:00:00+14:00"},
        {"expires": "9999-12-31T23:59:59-14:00"}, {"body": []}, {"body": None},
    ],
)  # fmt: skip
def test_a_bad_envelope_is_refused(fields: dict[str, Any]) -> None:
    """No half-understood message gets to a decision."""
    assert refusal(wire(**fields)).code == "bad_envelope"


@pytest.mark.parametrize("missing", ["v", "type", "id"])
def test_an_envelope_needs_version_type_and_id(missing: str) -> None:
    """Without them nobody could answer."""
    fields = json.loads(wire())
    del fields[missing]
    assert refusal(json.dumps(fields)).code == "bad_envelope"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("call_leave", {}),
        ("call_leave", {"reason": "because"}),
        ("call_request", {"language": "x" * 9}),
        ("presented", {"revision": -1}),
        ("candidate", {"candidate": 5}),
        ("candidate", {"candidate": "x" * 2001}),
        ("offer", {"sdp": "v=0", "mids": {"0": "smell"}}),
        ("capture_progress", {"capture": "c", "stage": "dreaming"}),
        ("device_report", {"devices": [{"name": "face", "state": "broken"}]}),
    ],
)
def test_a_bad_body_is_refused_by_name(kind: str, body: dict[str, Any]) -> None:
    """The refusal says which message it was."""
    error = refusal(wire(type=kind, body=body))
    assert error.code == "bad_body"
    assert error.message.startswith(kind)


def test_a_message_expires_at_its_moment_and_not_before() -> None:
    """A replayed 'take the photo' photographs nobody."""
    envelope = read_envelope(write(Ping(), version=1, id="m", expires=NOW))
    assert not expired(envelope, NOW - timedelta(microseconds=1))
    assert expired(envelope, NOW)
    assert not expired(read_envelope(write(Ping(), version=1, id="m")), NOW + timedelta(days=999))


def test_what_no_peer_would_read_is_not_written() -> None:
    """The writer keeps the reader's limits: size, finite numbers, whole characters."""
    with pytest.raises(ValueError, match="at most 65536"):
        write(Caption(text="あ" * 30_000), version=1, id="m")
    with pytest.raises(ValueError, match="surrogates"):
        write(Caption(text="\ud800"), version=1, id="m")
    with pytest.raises(ValueError, match="JSON compliant"):
        write(GoingAway(retry_after_s=float("nan")), version=1, id="m")


def test_what_is_written_is_the_envelope_with_the_fields_of_the_message() -> None:
    """The tag stands in the envelope alone, in whatever order the fields are; an empty body is left out."""
    assert json.loads(write(Ping(), version=1, id="m1")) == {"v": 1, "type": "ping", "id": "m1"}
    text = write(Refused(about="m1", code="gone", text='"漢字"\n'), version=1, id="m2", seq=2, call="c1")
    assert json.loads(text) == {
        "v": 1, "type": "refused", "id": "m2", "seq": 2, "call": "c1",
        "body": {"about": "m1", "code": "gone", "text": '"漢字"\n'},
    }  # fmt: skip


def test_a_tag_belongs_to_one_message() -> None:
    """Two messages of one tag are found when the program starts, not in a call."""

    class Other(Message, frozen=True, tag="ping"):
        pass

    with pytest.raises(AssertionError):
        vocabulary(Ping, Other)


def test_the_two_links_agree_on_shared_words() -> None:
    """A relay may pass offers, answers and candidates on: the same tag means the same type everywhere."""
    sides = (KIOSK_SAYS, HUB_SAYS_TO_KIOSK, DESK_SAYS, desk_link.HUB_SAYS_TO_DESK)
    for one in sides:
        for other in sides:
            for tag in one.keys() & other.keys():
                assert one[tag] is other[tag]


leaves = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1,
        2**60,
        0.5,
        float("nan"),
        "",
        "a",
        "あ",
        "x" * 90,
        "resident",
        "stored",
        "live",
        "face",
    ]
)
words = st.sampled_from(["0", "name", "state"])
few = st.lists(leaves, max_size=3) | st.dictionaries(words, leaves, max_size=3)
json_values = leaves | few | st.lists(few, max_size=2)
names = st.sampled_from(
    ["candidate", "mid", "sdp", "mids", "reason", "topic", "language", "devices", "name", "state", "capture",
     "stage", "checks", "live", "revision", "buffers", "files", "left", "ui", "about", "text", "code"]
)  # fmt: skip


@given(
    st.sampled_from(sorted(KIOSK_SAYS | DESK_SAYS)),
    st.dictionaries(names, json_values, max_size=5),
    st.dictionaries(
        st.sampled_from(["v", "id", "seq", "ack", "call", "epoch", "expires"]),
        json_values | st.datetimes().map(lambda moment: moment.isoformat() + "+14:00"),
        max_size=2,
    ),
)
def test_no_bytes_make_a_reader_fall_over(kind: str, body: dict[str, Any], fields: dict[str, Any]) -> None:
    """Only DecodeError comes out of both steps; what passes can be relayed and compared with the clock."""
    try:
        envelope = read_envelope(json.dumps({"v": 1, "type": kind, "id": "m", "body": body} | fields))
        message = read_body(envelope, KIOSK_SAYS | DESK_SAYS)
    except DecodeError:
        return
    assert message is not None
    expired(envelope, NOW)
    text = write(
        message,
        version=envelope.v,
        id=envelope.id,
        seq=envelope.seq,
        call=envelope.call,
        expires=envelope.expires,
    )
    assert len(text.encode()) <= strict_json.LIMIT
    assert read_body(read_envelope(text), KIOSK_SAYS | DESK_SAYS) == message


def test_a_refusal_carries_the_sentence_for_the_person() -> None:
    """Code for programs, Japanese for people."""
    message = Refused(about="m1", code="gone", text="この通話は、ほかの人が受けました。")
    assert read_body(read_envelope(write(message, version=1, id="h1")), KIOSK_SAYS) == message
    assert read_body(read_envelope(write(Candidate(candidate=""), version=1, id="h2")), KIOSK_SAYS)
