"""requirements.lock: what it promises without asking the package index, and how a disagreement is told."""

import re
import tomllib
from collections import Counter

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from provisioning.setup import lock

TEXT = lock.LOCK.read_text(encoding="utf-8")
PINS = lock.pins(TEXT)
PROJECT = tomllib.loads((lock.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def asked_for() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    return [Requirement(line) for name in lock.EXTRAS for line in extras[name]] + [
        Requirement(line) for line in PROJECT["dependencies"]
    ]


def version(name: str) -> str:
    found = [line for line in PINS if canonicalize_name(line.split("==")[0]) == canonicalize_name(name)]
    assert len(found) == 1, f"{name}: {found}"
    return found[0].split("==")[1].split()[0]


@pytest.mark.parametrize("requirement", asked_for(), ids=str)
def test_whatever_the_project_asks_for_is_locked_at_a_version_that_it_allows(
    requirement: Requirement,
) -> None:
    """A changed pyproject.toml without a new lock is noticed, even without a network."""
    assert version(requirement.name) in requirement.specifier


def test_the_lock_holds_no_address_and_no_path() -> None:
    """The lock works with any mirror and tells nobody where it was made."""
    assert not re.search(r"://|--index|--find-links|--trusted-host|^-|\s/\w", TEXT, re.MULTILINE)


def test_every_package_is_pinned_once_and_has_digests() -> None:
    """One version on every machine and Python, and no download without a digest to compare it with."""
    names = Counter(line.split("==")[0] for line in PINS)
    assert [name for name, times in names.items() if times > 1] == []
    assert len(PINS) > 50
    for line, digests in PINS.items():
        assert digests, line
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in digests), line


def test_aiortc_is_pinned_exactly_in_the_project_itself() -> None:
    """kiosk/media relies on names inside aiortc, so no other release may slip in."""
    pinned = next(requirement for requirement in asked_for() if requirement.name == "aiortc")
    assert str(pinned.specifier).startswith("==")


def test_the_terminal_s_own_extra_stays_out_of_the_lock() -> None:
    """picamera2 comes with the terminal's system; the index holds no wheel of libcamera."""
    assert not any(line.startswith("picamera2") for line in PINS)


A, B = frozenset({"sha256:aa"}), frozenset({"sha256:bb"})


@pytest.mark.parametrize(
    ("present", "fresh", "told"),
    [
        ({"x==1": A}, {"x==1": A}, []),
        ({"x==1": A}, {"x==1": A | B}, []),
        ({"x==1": A}, {"x==1": A, "y==2": B}, ["missing: y==2"]),
        ({"x==1": A, "y==2": B}, {"x==1": A}, ["not asked for: y==2"]),
        ({"x==1": A | B}, {"x==1": A}, ["digests that the index does not know: x==1"]),
        ({"x==1": frozenset()}, {"x==1": A}, ["without a digest: x==1"]),
    ],
    ids=["same", "index knows more wheels", "missing", "left over", "unknown digest", "no digest"],
)
def test_a_lock_that_is_not_the_project_s_is_told_line_by_line(
    present: lock.Pins, fresh: lock.Pins, told: list[str]
) -> None:
    """Whoever forgot `make lock` reads what is missing, left over or tampered with."""
    assert lock.differences(present, fresh) == told


def test_pins_are_read_with_their_markers_and_without_remarks() -> None:
    """The whole requirement counts, so that a changed marker is a difference."""
    text = "# remark\nx==1 ; a == 'b' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via y\n"
    assert lock.pins(text) == {"x==1 ; a == 'b'": A | B}
