"""Runs one set-up program: quietly, its output kept in a log, a sign of life while it works.

A failure becomes a `SetupError` that says what failed, where the log is and, when the log names a cause that
we know, what to do about it.
"""

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SIGN_OF_LIFE_S = 15.0
TAIL_LINES = 25

# Asked from top to bottom; the first that stands in the log explains the failure.
ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"No space left on device|ENOSPC",
        "The disk is full. Make room (set-up needs about 3 GB) and start again.",
    ),
    (
        r"DO NOT MATCH THE HASHES|EINTEGRITY",
        "A download is not the file that the lock names. Do not go on: "
        "find out which proxy or mirror changed it, empty the download cache, start again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER",
        "A server's certificate is not trusted. Check this machine's date and its CA certificates; "
        "behind an inspecting proxy, install the proxy's certificate.",
    ),
    (
        r"Temporary failure (in name resolution|resolving)|Could not resolve host|Failed to fetch"
        r"|NewConnectionError|Network is unreachable|Connection (refused|timed out)"
        r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT",
        "A server could not be reached. Check the network; behind a proxy, set https_proxy and http_proxy.",
    ),
    (
        r"Could not get lock|Unable to acquire the dpkg frontend lock",
        "Another program is installing Debian packages. Wait until it is done and start again.",
    ),
    (
        r"Unable to locate package|has no installation candidate",
        "apt does not know a package. Its sources must hold Debian's 'main' section, Debian 12 or newer.",
    ),
    (
        r"No matching distribution found",
        "The package index has no such version for this machine. x86-64 and aarch64 with glibc are "
        "supported; a company mirror may lag behind.",
    ),
    (r"Permission denied|EACCES", "A file belongs to another user; was an earlier set-up run as root?"),
)


class SetupError(Exception):
    """Set-up cannot go on. The text is complete: what, where, what to do."""


def advice(log: str) -> str | None:
    """What to do about the failure that `log` (a program's output) tells of; None if we do not know it."""
    return next((text for pattern, text in ADVICE if re.search(pattern, log)), None)


def run(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    sign_of_life_s: float = SIGN_OF_LIFE_S,
) -> None:
    """Run `command` to its end, `env` added to ours, output (uncoloured) to `log`. SetupError if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as out:
        out.write(f"$ {' '.join(command)}\n")
        out.flush()
        start = out.tell()
        try:
            program = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0", **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        except OSError as err:
            raise SetupError(f"{command[0]} cannot be started: {err.strerror}") from err
        code = _wait(program, sign_of_life_s)
    if code != 0:
        raise SetupError(_explain(command, code, log, start))


def _wait(program: subprocess.Popen[bytes], sign_of_life_s: float) -> int:
    started = time.monotonic()
    try:
        while True:
            try:
                return program.wait(sign_of_life_s)
            except subprocess.TimeoutExpired:
                print(f"      still working, {time.monotonic() - started:.0f} s", flush=True)
    except BaseException:
        program.terminate()  # an interrupted set-up leaves no installer running behind it
        program.wait()
        raise


def _explain(command: Sequence[str], code: int, log: Path, start: int) -> str:
    with log.open("rb") as written:
        written.seek(start)
        text = written.read().decode("utf-8", "replace")
    tail = "\n".join(f"    {line}" for line in text.strip().splitlines()[-TAIL_LINES:])
    lines = [f"'{' '.join(command[:4])} ...' ended with code {code}. The last lines of {log}:", tail]
    known = advice(text)
    if known:
        lines.append(known)
    return "\n".join(lines)
