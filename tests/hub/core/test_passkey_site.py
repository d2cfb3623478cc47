"""An address to which passkeys are bound for good had better be right: what is wrong is said at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.core.passkey_site import site, site_problem
from hub.settings import load
from protocol.errors import ConfigError


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://hub.example.jp", "hub.example.jp"),
        ("https://hub.example.jp:8443", "hub.example.jp"),
        ("http://localhost:8350", "localhost"),
    ],
)
def test_an_address_as_browsers_show_it(address: str, name: str) -> None:
    """The origin is kept whole, the name is what they bind to."""
    assert site_problem(address) == ""
    at = site(address)
    assert at is not None
    assert (at.origin, at.name) == (address, name)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("hub.example.jp", "more or less than an address"),
        ("https://hub.example.jp/", "more or less"),
        ("https://hub.example.jp/desk", "more or less"),
        ("https://u@hub.example.jp", "more or less"),
        ("https://hub.example.jp:port", "no address"),
        ("http://hub.example.jp", "over https only"),
        ("https://192.0.2.7", "is a number"),
        ("https://[2001:db8::1]", "is a number"),
        ("https://Hub.example.jp", "small letters"),
    ],
)
def test_what_no_browser_would_bind_to(address: str, why: str) -> None:
    """With what to give instead."""
    assert why in site_problem(address)
    assert "https://NAME" in site_problem(address)


def test_the_settings_name_line_and_key(tmp_path: Path) -> None:
    """A name that the hub does not answer to is no place for a passkey; none at all is fine."""
    path = tmp_path / "hub.yaml"
    path.write_text(
        "listen: {names: [hub.example.jp]}\nlogins:\n  passkey_address: https://other.example.jp\n"
    )
    with pytest.raises(ConfigError, match=r"hub\.yaml:3: logins\.passkey_address: .*listen\.names"):
        load(path)
    path.write_text("listen: {names: [hub.example.jp]}\nlogins:\n  passkey_address: https://hub.example.jp\n")
    assert load(path).logins.passkey_address == "https://hub.example.jp"
    assert site("") is None
