"""A wrong config names file, line and key, and the agent does not start half."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kiosk.agent.__main__ import EXIT_SETTINGS, assemble, check, main, proxy_of
from kiosk.agent.files import make_key
from kiosk.agent.settings import Settings
from kiosk.media.tunnel import Proxy
from protocol.errors import ConfigError

GOOD = """\
device: kita-1
hub:
  url: ws://127.0.0.1:8350/ws/kiosk
  name: madoguchi
place:
  municipality_name: みなみ市
  telephone: 0000-00-1100
cameras:
  face: {kind: synthetic}
  document: {kind: synthetic, width: 1280, height: 720, fps: 8}
audio: {kind: silent}
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "kiosk.yaml"
    path.write_text(text + f"paths: {{run: {directory}/run, data: {directory}/data}}\n", "utf-8")
    return path


def test_the_shipped_settings_are_valid() -> None:
    """The file in config/ is one that works."""
    assert Settings.read(Path("config/kiosk.yaml")).cameras.face.kind == "synthetic"


@pytest.mark.parametrize(
    ("before", "after", "line", "key"),
    [
        ("device: kita-1", "device: Kita 1", 1, "device"),
        ("url: ws://127.0.0.1:8350/ws/kiosk", "url: http://127.0.0.1", 3, "hub.url"),
        ("telephone: 0000-00-1100", "telephone: call me", 7, "place.telephone"),
        ("width: 1280", "width: 1281", 10, "cameras.document.width"),
        ("fps: 8", "fps: 90", 10, "cameras.document.fps"),
        ("kind: silent", "kind: loud", 11, "audio.kind"),
        ("audio: {kind: silent}", "audio: {kind: silent, volume: 3}", 11, "audio.volume"),
        ("device: kita-1", "devices: kita-1", 1, "devices"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, key: str
) -> None:
    """Whoever reads the error can go to the line and mend it."""
    path = write(tmp_path, GOOD.replace(before, after))
    with pytest.raises(ConfigError) as caught:
        Settings.read(path)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ("ws://127.0.0.1:8350", "ws://hub.example.jp", "hub.url"),
        ("face: {kind: synthetic}", "face: {kind: v4l2}", "cameras.face.path"),
        (
            "audio: {kind: silent}",
            "audio: {kind: silent}\nvision: {face_model: a.onnx}",
            "vision.face_model_sha256",
        ),
        ("audio:", "network: {proxy: 'http://a:70000'}\naudio:", "network.proxy"),
        ("audio:", "network: {proxy: 'proxy.example:8080'}\naudio:", "network.proxy"),
        ("audio:", "network: {proxy: 'https://u:geheim/7@proxy.example:8080'}\naudio:", "network.proxy"),
        ("audio:", "network: {proxy: 'http://a:1', proxy_user: u}\naudio:", "network.proxy_user"),
    ],
)
def test_values_that_do_not_go_together_are_named(tmp_path: Path, before: str, after: str, key: str) -> None:
    """No unencrypted link to another machine, no camera without a path, no user without a password."""
    with pytest.raises(ConfigError) as caught:
        Settings.read(write(tmp_path, GOOD.replace(before, after)))
    assert caught.value.key == key
    assert "geheim" not in str(caught.value), "a password in the wrong place is not repeated"


def test_check_ends_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check says what is wrong and starts nothing."""
    assert (
        main(["--config", str(write(tmp_path, GOOD.replace("fps: 8", "fps: 0"))), "--check"]) == EXIT_SETTINGS
    )
    assert "cameras.document.fps" in capsys.readouterr().err


def test_a_missing_key_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal without identity does not start half."""
    path = write(tmp_path, GOOD)
    assert main(["--config", str(path)]) == EXIT_SETTINGS
    assert "--make-key" in capsys.readouterr().err
    assert main(["--config", str(path), "--make-key"]) == 0
    public = capsys.readouterr().out.strip()
    assert main(["--config", str(path), "--make-key"]) == 0
    assert capsys.readouterr().out.strip() == public, "a key is made once"
    assert main(["--config", str(path), "--check"]) == 0


def test_a_missing_model_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The agent does not start without the model that its settings name."""
    text = GOOD + f"vision: {{face_model: {tmp_path}/none.onnx, face_model_sha256: {'0' * 64}}}\n"
    path = write(tmp_path, text)
    make_key(tmp_path / "data")
    assert main(["--config", str(path)]) == EXIT_SETTINGS
    assert "none.onnx" in capsys.readouterr().err


def test_a_camera_that_is_not_there_is_named_with_its_role(tmp_path: Path) -> None:
    """The technician reads which cable to look at."""
    text = GOOD.replace("face: {kind: synthetic}", "face: {kind: v4l2, path: /dev/v4l/by-path/none}")
    make_key(tmp_path / "data")
    problems = check(Settings.read(write(tmp_path, text)))
    assert len(problems) == 1
    assert problems[0].startswith("cameras.face: device_missing: nothing at /dev/v4l/by-path/none")


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("pass word", 0o644, "chmod 600"),
        ("", 0o600, "exactly one line"),
        ("a\nb", 0o600, "exactly one line"),
        (None, 0o600, "No such file"),
    ],
)
def test_a_proxy_s_password_is_one_secret_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, mode: int, says: str
) -> None:
    """It stands in a file of its own, and --check says what is wrong with that without showing it."""
    word = tmp_path / "proxy.password"
    if text is not None:
        word.write_text(text, "utf-8")
        word.chmod(mode)
    network = f"{{proxy: 'http://[2001:db8::1]:8080', proxy_user: u, proxy_password_file: {word}}}"
    make_key(tmp_path / "data")
    path = write(tmp_path, GOOD + f"network: {network}\n")
    assert main(["--config", str(path), "--check"]) == EXIT_SETTINGS
    told = capsys.readouterr().err
    assert says in told
    assert "pass word" not in told


def test_a_proxy_is_read_with_its_password(tmp_path: Path) -> None:
    """Spaces and colons in a password stay; an IPv6 address loses its brackets."""
    word = tmp_path / "proxy.password"
    word.write_text("a b:c\n", "utf-8")
    word.chmod(0o600)
    network = f"{{proxy: 'http://[2001:db8::1]:8080', proxy_user: u, proxy_password_file: {word}}}"
    settings = Settings.read(write(tmp_path, GOOD + f"network: {network}\n"))
    assert proxy_of(settings) == Proxy("2001:db8::1", 8080, "u", "a b:c")
    assert proxy_of(Settings.read(write(tmp_path, GOOD))) is None


def test_without_the_echo_library_the_terminal_serves_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is never stopped; the technician reads what to install, the operator why it echoes."""
    sound = GOOD.replace("kind: silent", "kind: device, input: mic, output: speaker")
    settings = Settings.read(write(tmp_path, sound))
    make_key(tmp_path / "data")
    assert not [problem for problem in check(settings) if "audio.echo" in problem]
    _, parts = assemble(settings)
    assert "echo" not in {state.name for state in parts.devices.states()}
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    told = [problem for problem in check(settings) if "audio.echo" in problem]
    assert len(told) == 1
    assert "requirements.lock" in told[0]
    _, parts = assemble(settings)
    echo = next(state for state in parts.devices.states() if state.name == "echo")
    assert (echo.state, echo.code) == ("lost", "echo_missing")
    for choice in ("node", "off"):
        other = write(tmp_path, sound.replace("kind: device", f"kind: device, echo: {choice}"))
        assert not [problem for problem in check(Settings.read(other)) if "audio.echo" in problem]
