"""Prepare this checkout: `python3 -m provisioning.setup`, run by make before anything else."""

import argparse
import fcntl
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from provisioning.setup import debian, environment
from provisioning.setup.steps import SetupError, run

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "var" / "setup"
ROOM_BYTES = 3 * 1000**3

Say = Callable[[str], None]


def system_packages(say: Say) -> str:
    """Debian's part: browser, virtual display, sound server, fonts."""
    return _debian(debian.LIST, say)


def bench_packages(say: Say) -> str:
    """What the benchmarks measure us beside."""
    return _debian(debian.BENCH_LIST, say)


def _debian(listing: Path, say: Say) -> str:
    names = debian.missing(listing)
    if names is None:
        return f"skipped: no dpkg on this machine; see {listing.relative_to(ROOT)} for what must be there"
    if not names:
        return "all there"
    say(f"installing {len(names)}: {' '.join(names)}")
    debian.install(names, WORK / "debian.log")
    return f"{len(names)} installed"


def python_packages(say: Say) -> str:
    """The environment in .venv."""
    if environment.up_to_date(ROOT):
        return "up to date"
    say("installing what requirements.lock names into .venv")
    environment.make(ROOT, WORK / "python.log")
    return "installed"


def desk(say: Say) -> str:
    """The browser part: npm packages and built pages, by the desk's own build, which skips what is done."""
    built = ROOT / "hub" / "desk" / "dist" / "index.html"
    if not built.exists():
        say("installing npm packages and building the operator's desk")
    command = [str(ROOT / ".venv" / "bin" / "python"), str(ROOT / "hub" / "desk" / "desk.py"), "build"]
    run(command, log=WORK / "desk.log", cwd=ROOT)
    return "built"


STEPS: dict[str, tuple[str, Callable[[Say], str]]] = {
    "system": ("system packages", system_packages),
    "python": ("Python packages", python_packages),
    "desk": ("the operator's desk", desk),
    "bench": ("peers for the benchmarks", bench_packages),
}
ON_REQUEST = {"bench"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 ready, 1 a step failed (the reason is on stderr), 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="python3 -m provisioning.setup",
        description="Prepare this checkout. What is done already is skipped. Logs are in var/setup/.",
    )
    parser.add_argument(
        "steps",
        nargs="*",
        metavar="STEP",
        help=f"only these steps: {', '.join(STEPS)} (default: all but {', '.join(ON_REQUEST)})",
    )
    chosen = parser.parse_args(arguments).steps or [name for name in STEPS if name not in ON_REQUEST]
    unknown = [name for name in chosen if name not in STEPS]
    if unknown:
        parser.error(f"unknown step {unknown[0]!r}; there are {', '.join(STEPS)}")
    try:
        environment.refuse_python(sys.version_info[:2])
        with _alone():
            for number, name in enumerate(chosen, 1):
                _take(f"[{number}/{len(chosen)}]", *STEPS[name])
    except SetupError as err:
        print(f"\nSet-up stopped. {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up interrupted; start it again to go on.", file=sys.stderr)
        return 130
    return 0


def _take(number: str, title: str, step: Callable[[Say], str]) -> None:
    """Take one step. It says what it does only when there is work; then the disk is looked at first."""
    started = time.monotonic()

    def say(text: str) -> None:
        free = shutil.disk_usage(ROOT).free
        if free < ROOM_BYTES:
            raise SetupError(
                f"{ROOT} has {free / 1e9:.1f} GB of free disk; set-up needs {ROOM_BYTES / 1e9:.0f} GB."
            )
        print(f"{number} {title}: {text} ...", flush=True)

    result = step(say)
    print(f"{number} {title}: {result} ({time.monotonic() - started:.1f} s)", flush=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the set-up lock: a second set-up of the same checkout waits for the first."""
    try:
        WORK.mkdir(parents=True, exist_ok=True)
        lock = (WORK / "lock").open("w")
    except OSError as err:
        raise SetupError(
            f"{WORK} cannot be written: {err.strerror}. Was an earlier set-up run by root?"
        ) from err
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this checkout is running; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    raise SystemExit(main())
