"""Makes and checks requirements.lock: `python -m provisioning.setup.lock make|check`.

One file serves every machine: x86-64 and aarch64, Python 3.11 and 3.13. It holds versions and digests and no
addresses, so that it works with any mirror. `make` keeps the versions of the present lock where they still
fit (`make --upgrade` takes the newest). `check` asks the package index and changes nothing.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
EXTRAS = ("kiosk", "hub", "demo", "dev")  # not 'pi': picamera2 comes with the terminal's system
PYTHONS = ("3.11", "3.13")
# glibc 2.36 is Debian 12's, the oldest that we run on
PLATFORMS = ("x86_64-manylinux_2_36", "aarch64-manylinux_2_36")

Pins = dict[str, frozenset[str]]
"""From a requirement line ('numpy==2.4.6 ; marker') to its digests ('sha256:...')."""


class LockError(Exception):
    """The lock cannot be made or does not hold; the text says why and what to do."""


def pins(text: str) -> Pins:
    """Requirement lines with their digests, out of a lock's text."""
    joined = re.sub(r"\\\n\s*", " ", text)
    found: Pins = {}
    for line in joined.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, *digests = re.split(r"\s+--hash=", line)
        found[name.strip()] = frozenset(digest.strip() for digest in digests)
    return found


def differences(present: Pins, fresh: Pins) -> list[str]:
    """Why `present` is not the lock for today's pyproject.toml, whose own would be `fresh`; empty if it is.

    The index may know more digests than the lock (wheels are added to a release later), never fewer.
    """
    told = [f"missing: {line}" for line in sorted(fresh.keys() - present.keys())]
    told += [f"not asked for: {line}" for line in sorted(present.keys() - fresh.keys())]
    for line in sorted(present.keys() & fresh.keys()):
        if not present[line]:
            told.append(f"without a digest: {line}")
        elif not present[line] <= fresh[line]:
            told.append(f"digests that the index does not know: {line}")
    return told


def make(*, upgrade: bool) -> None:
    """Write requirements.lock anew."""
    _compile(LOCK, *(["--upgrade"] if upgrade else []))


def check() -> None:
    """LockError unless the lock agrees with pyproject.toml and resolves to wheels on every machine."""
    present = pins(LOCK.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place:
        versions = Path(place, "versions.txt")
        versions.write_text("\n".join(present) + "\n", encoding="utf-8")
        fresh = Path(place, "fresh.lock")
        _compile(fresh, "--constraints", str(versions))
        told = differences(present, pins(fresh.read_text(encoding="utf-8")))
        if told:
            raise LockError(
                "requirements.lock and pyproject.toml disagree (make lock mends it):\n  " + "\n  ".join(told)
            )
        for platform in PLATFORMS:
            for python in PYTHONS:
                _resolve(platform, python, place)
                print(f"{LOCK.name}: {len(present)} packages, all wheels, {platform}, Python {python}")


def _compile(output: Path, *options: str) -> None:
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    _uv(
        *("pip", "compile", "pyproject.toml", *extras, "--universal", "--generate-hashes"),
        *("--python-version", PYTHONS[0], "--fork-strategy", "fewest"),  # one version on every Python
        *("--custom-compile-command", "make lock", "--quiet", "--output-file", str(output), *options),
    )


def _resolve(platform: str, python: str, place: str) -> None:
    _uv(
        *("pip", "install", "--dry-run", "--require-hashes", "--no-deps", "--only-binary", ":all:"),
        *(
            "--python-platform",
            platform,
            "--python-version",
            python,
            "--target",
            f"{place}/{platform}-{python}",
        ),
        *("--quiet", "--requirements", str(LOCK)),
    )


def _uv(*arguments: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run([str(uv), *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise LockError(f"uv {' '.join(arguments[:2])} failed:\n{done.stderr.strip()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 made or holds, 1 not."""
    parser = argparse.ArgumentParser(prog="python -m provisioning.setup.lock", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("make", help="write requirements.lock out of pyproject.toml")
    maker.add_argument("--upgrade", action="store_true", help="take the newest that pyproject.toml allows")
    commands.add_parser("check", help="does it agree with pyproject.toml and resolve everywhere?")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "make":
            make(upgrade=chosen.upgrade)
        else:
            check()
    except LockError as err:
        print(err, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
