"""Which Debian packages are missing, and their installation (root) or the command for it (anyone else)."""

import os
import shutil
import subprocess
from pathlib import Path

from provisioning.setup.steps import SetupError, run

LIST = Path(__file__).with_name("packages.txt")
BENCH_LIST = Path(__file__).with_name("packages-bench.txt")


def wanted(listing: str) -> dict[str, str]:
    """Package names with their reasons out of `listing` (packages.txt: a name, blanks, a reason per line)."""
    lines = (line.strip() for line in listing.splitlines())
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {pair[0]: pair[1] if len(pair) > 1 else "" for pair in pairs}


def installed(status: str) -> set[str]:
    """Names that `status` (dpkg-query's `Status-Abbrev|Package|Provides` lines) says are there.

    Provided names count, because newer Debian releases rename libraries and keep the old name as provided.
    """
    names: set[str] = set()
    for line in status.splitlines():
        state, package, provides = line.split("|", 2)
        if not state.startswith("ii"):
            continue
        names.add(package)
        names.update(part.split()[0] for part in provides.split(",") if part.strip())
    return names


def missing(listing: Path = LIST) -> list[str] | None:
    """Packages of `listing` that this machine lacks, in the list's order; None where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return None
    status = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${Package}|${Provides}\n"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    there = installed(status)
    return [name for name in wanted(listing.read_text(encoding="utf-8")) if name not in there]


def install(names: list[str], log: Path) -> None:
    """Install `names`; SetupError with the command for a person to run where we are not root."""
    if os.geteuid() != 0:
        raise SetupError(
            f"Debian packages are missing ({len(names)}) and only root can install them. Run this once, "
            "then start again:\n\n"
            f"  sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(names)}\n"
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    wait = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"]
    run(["apt-get", *wait, "update"], log=log, env=quiet)
    run(["apt-get", *wait, "install", "-y", "--no-install-recommends", *names], log=log, env=quiet)
