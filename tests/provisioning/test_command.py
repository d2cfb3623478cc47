"""The `madoguchi` command: it starts programs and gets out of the way."""

import sys

import pytest

import provisioning.__main__ as command


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`madoguchi --help` is enough to find the way."""
    with pytest.raises(SystemExit) as ended:
        command.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in command.COMMANDS)


@pytest.mark.parametrize(("name", "module"), [("hub", "hub"), ("agent", "kiosk.agent"), ("ui", "kiosk.ui")])
def test_a_program_gets_all_its_words_and_takes_the_command_s_place(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    """Options of a program, --help among them, reach the program; its signals and exit code are its own."""
    started: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, words: started.append([path, *words]))
    command.main([name, "--check", "--help", "-c", "here.yaml"])
    assert started == [[sys.executable, sys.executable, "-m", module, "--check", "--help", "-c", "here.yaml"]]


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt command names those that there are."""
    with pytest.raises(SystemExit) as ended:
        command.main(["dmeo"])
    assert ended.value.code == 2
    assert "demo" in capsys.readouterr().err


def test_check_asks_every_program_and_fails_if_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong file is found even when the other programs are content, and all of them are asked."""
    asked: list[str] = []

    class Done:
        def __init__(self, words: list[str]) -> None:
            asked.append(words[2])
            self.returncode = 1 if words[2] == "hub" else 0

    monkeypatch.setattr("subprocess.run", Done)
    assert command.main(["check"]) == 1
    assert asked == ["hub", "kiosk.agent", "kiosk.ui"]
