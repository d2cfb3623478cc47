"""The Python environment in .venv: exactly the wheels that requirements.lock names, plus this checkout.

Nothing is built from source and nothing is installed whose digest the lock does not hold, whatever index,
mirror or wheel directory pip was told to use.
"""

import hashlib
import subprocess
import sys
import sysconfig
from pathlib import Path

from provisioning.setup.steps import SetupError, run

OLDEST, NEWEST = (3, 11), (3, 13)
STAMP = "madoguchi.stamp"  # inside .venv, so that whoever removes the one removes the other

PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
EXACT = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off")


def refuse_python(version: tuple[int, int]) -> None:
    """SetupError if `version` (major, minor) is none that the product runs on."""
    if not OLDEST <= version <= NEWEST:
        raise SetupError(
            f"Python {version[0]}.{version[1]} runs this set-up; Python {OLDEST[0]}.{OLDEST[1]} to "
            f"{NEWEST[0]}.{NEWEST[1]} is needed. With another one installed: make setup PYTHON=python3.13"
        )


def wanted_stamp(root: Path) -> str:
    """Digest (hex) of all that the environment is made from: lock, pyproject.toml, Python, place."""
    total = hashlib.sha256()
    for part in (
        (root / "requirements.lock").read_bytes(),
        (root / "pyproject.toml").read_bytes(),
        f"{sys.version}|{sysconfig.get_platform()}|{root}".encode(),
    ):
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def up_to_date(root: Path) -> bool:
    """Whether .venv was made from what stands in `root` now, by this Python, at this place."""
    stamp = root / ".venv" / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii").strip() == wanted_stamp(root)


def make(root: Path, log: Path) -> None:
    """Make or renew .venv. An environment of another Python version or place is made anew."""
    venv = root / ".venv"
    python = venv / "bin" / "python"
    wanted = wanted_stamp(root)
    if not _usable(python):
        run([sys.executable, "-m", "venv", "--clear", str(venv)], log=log, cwd=root)
    run([str(python), *PIP, "install", *EXACT, "-r", "requirements.lock"], log=log, cwd=root)
    run(
        [str(python), *PIP, "install", "--no-deps", "--no-build-isolation", "--no-index", "-e", "."],
        log=log,
        cwd=root,
    )
    (venv / STAMP).write_text(wanted + "\n", encoding="ascii")


def _usable(python: Path) -> bool:
    """Whether `python` is an environment of our own version, at this place, that has pip."""
    if not python.exists():
        return False
    probe = "import sys, pip; print(sys.version_info[:2], sys.prefix)"
    answer = subprocess.run([str(python), "-c", probe], capture_output=True, text=True)
    return answer.stdout.strip() == f"{sys.version_info[:2]} {python.parent.parent}"
