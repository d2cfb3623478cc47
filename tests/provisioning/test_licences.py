"""Licences of the locked packages: what docs/adr/0001 allows, and nothing new without a reader."""

import re
from importlib.metadata import Distribution, distribution

import pytest

from provisioning.setup import lock

ALLOWED = (
    r"MIT( License)?|MIT-0|BSD( License|[- ][23][- ]Clause( License)?)?"
    r"|Apache([- ]2\.0| Software License)?|Apache License, Version 2\.0"
    r"|ISC|0BSD|Zlib|CC0-1\.0|PSF-2\.0|Public Domain|DFSG approved"
    r"|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|LGPL-2\.1-or-later"
)
# docutils names a licence per kind of file; the GPL is for an Emacs mode that the wheel does not hold
NOT_IN_THE_WHEEL = {"docutils": "GNU General Public License (GPL)"}
GPL_LIBRARIES = re.compile(r"/lib(x264|x265|xvidcore|postproc|rubberband|vidstab|cdio)[-.]")
LINUX = [line.split("==")[0] for line in lock.pins(lock.LOCK.read_text()) if "win32" not in line]


def licences(package: Distribution) -> set[str]:
    """Every licence name that the package's metadata gives, from the field that is the most exact."""
    data = package.metadata
    if data.get("License-Expression"):
        return set(re.split(r" (?:AND|OR) ", data["License-Expression"]))
    classifiers = {
        line.split(" :: ")[-1] for line in data.get_all("Classifier") or [] if line.startswith("License ::")
    }
    stated = (data.get("License") or "").partition("\n")[0]
    return classifiers or set(re.split(r" OR ", stated))


@pytest.mark.parametrize("name", LINUX)
def test_every_package_has_a_licence_that_was_agreed_to(name: str) -> None:
    """A licence nobody has read cannot come in with an upgrade."""
    found = licences(distribution(name)) - {NOT_IN_THE_WHEEL.get(name)}
    assert found
    assert [licence for licence in found if not re.fullmatch(ALLOWED, licence)] == []


def test_only_pyav_bundles_gpl_libraries_and_only_the_known_two() -> None:
    """The image's recipe knows which wheel it must not hand on as it is."""
    bundled = {
        (name, found[1])
        for name in LINUX
        for file in distribution(name).files or []
        if (found := GPL_LIBRARIES.search(str(file)))
    }
    assert bundled == {("av", "x264"), ("av", "x265")}
