"""Programs of a run: what they said last is told, and none of them is left behind."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import pytest

from protocol.errors import LocalError
from provisioning.demo.programs import Program, Programs, answers, free_port, wait_for

SLEEPER = "import time; print('ready', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "print('child', child.pid, flush=True); time.sleep(60)"
)


def python(programs: Programs, code: str, name: str = "program") -> Program:
    return programs.start(name, [sys.executable, "-c", code])


def said(program: Program, word: str) -> str:
    """Waits for a line of its log that begins with a word; gives the rest."""
    lines: list[str] = []

    def there() -> bool:
        lines[:] = [line for line in program.tail(100).splitlines() if line.startswith(word)]
        return bool(lines)

    wait_for(there, 10, word, program)
    return lines[-1].removeprefix(word).strip()


def alive(pid: int) -> bool:
    """Runs, and is no zombie that only waits to be reaped by the machine's init."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_run_leaves_no_program_and_no_child_of_one(tmp_path: Path) -> None:
    """Whatever a program has started in its group ends with the run."""
    with Programs(tmp_path) as programs:
        parent = python(programs, PARENT)
        child = int(said(parent, "child"))
        assert alive(child)
    assert not parent.running
    wait_for(lambda: not alive(child), 5, "the child's end")


def test_a_program_that_will_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM first, SIGKILL for who does not listen."""
    monkeypatch.setattr("provisioning.demo.programs.END_S", 0.1)
    with Programs(tmp_path) as programs:
        deaf = python(programs, "import signal; signal.signal(15, signal.SIG_IGN)\n" + SLEEPER)
        said(deaf, "ready")
    assert deaf.process.returncode == -signal.SIGKILL


def test_a_killed_program_starts_again_with_the_same_words_and_log(tmp_path: Path) -> None:
    """As the service manager does it; the first run's log is kept."""
    with Programs(tmp_path) as programs:
        program = python(programs, "import os, time; print('pid', os.getpid(), flush=True); time.sleep(60)")
        first = said(program, "pid")
        program.kill()
        assert not program.running
        program.restart()
        wait_for(lambda: said(program, "pid") != first, 10, "the second run", program)
        assert program.log.read_text().count("pid") == 2


def test_waiting_for_a_program_that_ended_says_what_it_said(tmp_path: Path) -> None:
    """Nobody waits for the dead, and the reason stands in the message."""
    with Programs(tmp_path) as programs:
        program = python(programs, "import sys; print('no port is free'); sys.exit(3)", "hub")
        with pytest.raises(LocalError, match="no port is free") as caught:
            programs.wait(program, lambda: False, 30, "the hub listens")
    assert caught.value.code == "ended"
    assert "hub ended with 3 before the hub listens" in str(caught.value)


def test_waiting_in_vain_ends_with_what_was_waited_for() -> None:
    """A time-out names the thing that did not come."""
    with pytest.raises(LocalError, match="the face") as caught:
        wait_for(lambda: False, 0.0, "the face")
    assert caught.value.code == "timeout"


def test_a_program_that_the_machine_does_not_have_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    with Programs(tmp_path) as programs, pytest.raises(LocalError, match="make setup") as caught:
        programs.start("x", ["no-such-program-here"])
    assert caught.value.code == "missing"


def test_a_free_port_answers_only_when_somebody_listens() -> None:
    """What the run takes is free, and 'listens' means that a connection is accepted."""
    port = free_port()
    assert not answers(port)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        assert answers(port)
