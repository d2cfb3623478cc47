"""Debian packages: what is wanted, what is missing, who may install it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from provisioning.setup import debian
from provisioning.setup.steps import SetupError


@pytest.mark.parametrize("listing", [debian.LIST, debian.BENCH_LIST], ids=lambda path: path.name)
def test_every_package_says_why_it_is_there(listing: Path) -> None:
    """Nobody has to guess whether a package may go."""
    wanted = debian.wanted(listing.read_text(encoding="utf-8"))
    assert wanted
    assert [name for name, reason in wanted.items() if not reason] == []


def test_remarks_and_blank_lines_are_no_packages() -> None:
    """The list may be written for people."""
    assert debian.wanted("# a remark\n\nxvfb   a display\n") == {"xvfb": "a display"}


def test_removed_packages_do_not_count_and_renamed_ones_do() -> None:
    """Leftover settings are no package; Debian 13's libmtdev1t64 serves whoever asks for libmtdev1."""
    status = (
        "ii |xvfb|xserver\n"
        "rc |chromium|www-browser, gnome-www-browser\n"
        "ii |libmtdev1t64|libmtdev1 (= 1.1.6-1.2), other\n"
        "un |fontconfig|\n"
    )
    assert debian.installed(status) == {"xvfb", "xserver", "libmtdev1t64", "libmtdev1", "other"}


def test_a_machine_without_dpkg_is_told_apart_from_one_that_has_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On another distribution set-up goes on with a hint and does not claim that all is there."""
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert debian.missing() is None


def test_without_root_s_rights_the_command_to_type_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An ordinary user gets one line to copy; nothing is run for them."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(debian, "run", lambda *_, **__: pytest.fail("ran a program"))
    with pytest.raises(SetupError) as caught:
        debian.install(["xvfb", "chromium"], tmp_path / "log")
    assert "sudo apt-get update && sudo apt-get install --no-install-recommends xvfb chromium" in str(
        caught.value
    )


def test_root_installs_without_questions_and_without_recommends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Set-up never waits for an answer that nobody can give."""
    ran: list[tuple[Sequence[str], dict[str, str]]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(debian, "run", lambda command, log, env: ran.append((command, env)))
    debian.install(["xvfb"], tmp_path / "log")
    update, install = ran
    assert update[0][-1] == "update"
    assert list(install[0][-4:]) == ["install", "-y", "--no-install-recommends", "xvfb"]
    assert install[1]["DEBIAN_FRONTEND"] == "noninteractive"
