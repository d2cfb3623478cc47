"""The bytes that a terminal signs are the same for ever: an update must not lock out a terminal."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.signing import connect_statement

STATEMENT = connect_statement(
    hub="hub.example.jp", nonce="b8Yc0m1nQp2rVt5w", device="minami-kita-1", boot_id="起動-1"
)


def test_the_statement_has_these_bytes() -> None:
    """Keys in order, no spaces, UTF-8."""
    assert (
        '{"boot_id":"起動-1","device":"minami-kita-1","hub":"hub.example.jp",'
        '"nonce":"b8Yc0m1nQp2rVt5w","purpose":"madoguchi-connect-v1"}'
    ).encode() == STATEMENT


def test_a_known_key_gives_a_known_signature() -> None:
    """Ed25519 is deterministic, so a change of the bytes or of the scheme cannot hide."""
    signature = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).sign(STATEMENT)
    assert signature.hex() == (
        "16dc1d47253ea83e830b6d74ab59bc832664bbedd0ff54f004dc0ed4916cf854"
        "a9f754a8b4e20cdf1158f77440cde2124889bb57bf00ef5ccda69c4cf2ef3500"
    )


def test_no_two_statements_share_bytes() -> None:
    """A quotation mark in a name cannot move a boundary between two fields."""
    one = connect_statement(hub="h", nonce='n","purpose":"x', device="d", boot_id="b")
    other = connect_statement(hub="h", nonce="n", device="d", boot_id="b")
    assert one != other
    assert one.count(b'"purpose"') == 1
