"""Names and passwords for the media relay."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime, timedelta, timezone

import pytest

from hub.core.relay import LIFE, RENEWAL, credential

NOW = datetime(2026, 11, 24, 1, 24, 0, 900_000, UTC)
SECRET = b"0123456789abcdef0123456789abcdef"


def test_a_password_is_what_the_relay_computes_itself() -> None:
    """Base64 of HMAC-SHA1 over the name under the shared secret, as another program computes it."""
    made = credential(SECRET, "4fd1", NOW)
    done = subprocess.run(
        ["openssl", "dgst", "-sha1", "-hmac", SECRET.decode(), "-binary"],
        input=made.username.encode(), capture_output=True, check=True,
    )  # fmt: skip
    assert made.password == base64.b64encode(done.stdout).decode()


def test_a_name_carries_its_end() -> None:
    """Whole seconds since 1970, whatever zone the moment was given in; then the label."""
    end, _, label = credential(SECRET, "4fd1", NOW).username.partition(":")
    assert int(end) == int(NOW.timestamp()) + 600
    assert label == "4fd1"
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert credential(SECRET, "4fd1", tokyo) == credential(SECRET, "4fd1", NOW)


def test_no_credential_lives_longer_than_ten_minutes() -> None:
    """And what either side of a call holds is renewed while it is still good."""
    assert timedelta(0) < RENEWAL < LIFE <= timedelta(minutes=10)


def test_a_label_cannot_move_the_end() -> None:
    """A label with the separator in it is refused."""
    with pytest.raises(ValueError, match="colon"):
        credential(SECRET, "9999999999:me", NOW)
