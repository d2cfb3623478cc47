"""The set-up program as a person meets it."""

import fcntl
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import provisioning.setup.__main__ as setup
from provisioning.setup.steps import SetupError


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, object]:
    """Steps to fill in, in place of the real ones, and a place of their own for the lock and the logs."""
    monkeypatch.setattr(setup, "WORK", tmp_path / "setup")
    made: dict[str, object] = {}
    monkeypatch.setattr(setup, "STEPS", made)
    return made


def test_set_up_runs_on_a_python_that_has_nothing_installed() -> None:
    """It makes the environment, so it may need none: standard library only."""
    code = f"import sys; sys.path.insert(0, {str(setup.ROOT)!r}); import provisioning.setup.__main__ as s; "
    code += "print(len(s.STEPS))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("4", "")


def test_steps_are_numbered_and_say_how_they_ended(
    steps: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """A person sees where set-up is, in plain lines."""

    def second(say: setup.Say) -> str:
        say("fetching")
        return "fetched"

    steps.update(a=("first thing", lambda say: "all there"), b=("second thing", second))
    assert setup.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("[1/2] first thing: all there (")
    assert lines[1] == "[2/2] second thing: fetching ..."
    assert lines[2].startswith("[2/2] second thing: fetched (")


def test_a_failed_step_ends_set_up_with_its_reason(
    steps: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Later steps are not tried, the exit code tells make, the reason is on stderr."""

    def fails(say: setup.Say) -> str:
        raise SetupError("The network is away.")

    steps.update(a=("first", fails), b=("second", lambda say: pytest.fail("went on")))
    assert setup.main([]) == 1
    assert "Set-up stopped. The network is away." in capsys.readouterr().err


def test_a_full_disk_is_noticed_before_work_begins(
    steps: dict[str, object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No half-unpacked environment on a disk that never had the room; but a finished set-up needs none."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(9, 9, 1_200_000_000))

    def needs_room(say: setup.Say) -> str:
        say("unpacking")
        pytest.fail("went on")

    steps.update(done=("done", lambda say: "all there"), work=("work", needs_room))
    assert setup.main(["done"]) == 0
    assert setup.main(["work"]) == 1
    assert "has 1.2 GB of free disk" in capsys.readouterr().err


def test_an_unknown_step_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt step is no silent success."""
    with pytest.raises(SystemExit) as ended:
        setup.main(["pyhton"])
    assert ended.value.code == 2
    assert "unknown step 'pyhton'; there are system, python, desk" in capsys.readouterr().err


def test_a_second_set_up_waits_for_the_first(
    steps: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make demo` beside `make test` never unpacks into the same environment at once."""
    said: list[str] = []
    setup.WORK.mkdir()
    first = (setup.WORK / "lock").open("w")
    fcntl.flock(first, fcntl.LOCK_EX)

    def told(text: str, **_: object) -> None:
        said.append(text.split(";")[0])
        first.close()  # the first set-up ends as soon as the second says that it waits

    def step(say: setup.Say) -> str:
        with (setup.WORK / "lock").open("w") as third, pytest.raises(BlockingIOError):
            fcntl.flock(third, fcntl.LOCK_EX | fcntl.LOCK_NB)
        said.append("step, alone")
        return "done"

    steps.update(a=("first", step))
    monkeypatch.setattr(setup, "print", told, raising=False)
    assert setup.main([]) == 0
    assert said[:2] == ["Another set-up of this checkout is running", "step, alone"]


def test_a_checkout_that_cannot_be_written_is_told(
    steps: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No traceback; the place and the likely cause are named."""
    (tmp_path / "var").write_text("a file where a directory should be")
    monkeypatch.setattr(setup, "WORK", tmp_path / "var" / "setup")
    assert setup.main([]) == 1
    assert "Was an earlier set-up run by root?" in capsys.readouterr().err
