"""Running a set-up program: logs, signs of life, and failures that a person can act on."""

import os
import sys
from pathlib import Path

import pytest

from provisioning.setup import steps
from provisioning.setup.steps import SetupError, run


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_program_s_output_goes_to_its_log_and_not_to_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Progress stays readable: hundreds of lines of an installer are in the log, after the command itself."""
    log = tmp_path / "made" / "here.log"
    run(
        python("import os, sys; print(os.environ['WORD']); print('err', file=sys.stderr)"),
        log=log,
        env={"WORD": "out"},
    )
    assert sorted(log.read_text().splitlines()[-2:]) == ["err", "out"]
    assert log.read_text().startswith(f"$ {sys.executable}")
    assert capfd.readouterr() == ("", "")


def test_a_failure_shows_its_last_lines_its_log_and_what_to_do(tmp_path: Path) -> None:
    """Nobody has to open a log to learn that the network is down."""
    log = tmp_path / "log"
    log.write_text("No space left on device, said an earlier run\n")
    with pytest.raises(SetupError) as caught:
        run(python("print('Temporary failure in name resolution'); raise SystemExit(7)"), log=log)
    text = str(caught.value)
    assert "ended with code 7" in text
    assert str(log) in text
    assert "    Temporary failure in name resolution" in text
    assert "A server could not be reached." in text
    assert "disk is full" not in text


def test_a_failure_that_we_do_not_know_gets_no_advice(tmp_path: Path) -> None:
    """Wrong advice is worse than none."""
    with pytest.raises(SetupError) as caught:
        run(python("print('Could not resolve ./App.svelte'); raise SystemExit(1)"), log=tmp_path / "log")
    assert str(caught.value).splitlines()[-1] == "    Could not resolve ./App.svelte"


def test_a_program_that_is_not_there_is_an_error_of_set_up(tmp_path: Path) -> None:
    """No traceback for a missing program."""
    with pytest.raises(SetupError, match="no-such-program cannot be started: No such file"):
        run(["no-such-program"], log=tmp_path / "log")


def test_a_long_step_shows_that_it_lives(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nobody stares at a still screen and presses Ctrl-C."""
    release = tmp_path / "pipe"
    os.mkfifo(release)
    keeper = os.open(release, os.O_RDWR)
    lines: list[str] = []

    def told(*words: object, **_: object) -> None:
        lines.append(" ".join(map(str, words)))
        os.write(keeper, b"go\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "print", told, raising=False)
        run(python(f"open({str(release)!r}).readline()"), log=tmp_path / "log", sign_of_life_s=0.05)
    os.close(keeper)
    assert lines
    assert lines[0].strip().startswith("still working, 0 s")


def test_an_interrupted_step_leaves_no_program_behind(tmp_path: Path) -> None:
    """After Ctrl-C no installer goes on working in the dark."""
    release = tmp_path / "pipe"
    os.mkfifo(release)
    note = tmp_path / "pid"

    def interrupt(*_: object, **__: object) -> None:
        if note.exists() and note.read_text().endswith("."):
            raise KeyboardInterrupt

    code = (
        f"import os; open({str(note)!r}, 'w').write(f'{{os.getpid()}}.'); open({str(release)!r}).readline()"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "print", interrupt, raising=False)
        with pytest.raises(KeyboardInterrupt):
            run(python(code), log=tmp_path / "log", sign_of_life_s=0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()[:-1]), 0)


@pytest.mark.parametrize(
    ("said", "start_of_advice"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("npm ERR! code ENOSPC", "The disk is full"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "A download is not the file",
        ),
        ("npm error code EINTEGRITY", "A download is not the file"),
        ("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED]", "A server's certificate"),
        ("E: Failed to fetch http://x/y  Could not connect", "A server could not be reached"),
        ("npm error code ENOTFOUND", "A server could not be reached"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "Another program is installing"),
        ("E: Unable to locate package chromium", "apt does not know a package"),
        ("ERROR: No matching distribution found for kivy==2.3.1", "The package index has no such version"),
        ("PermissionError: [Errno 13] Permission denied: '.venv'", "A file belongs to another user"),
    ],
)
def test_known_failures_lead_to_the_right_advice(said: str, start_of_advice: str) -> None:
    """The usual causes are named in words that lead to the next action."""
    found = steps.advice(f"lines before\n{said}\nlines after")
    assert found is not None
    assert found.startswith(start_of_advice)
