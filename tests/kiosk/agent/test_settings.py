"""A wrong config names file, line and key, and the agent does not start half."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.agent.__main__ import EXIT_SETTINGS, check, main
from kiosk.agent.files import make_key
from kiosk.agent.settings import Settings
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
    ],
)
def test_values_that_do_not_go_together_are_named(tmp_path: Path, before: str, after: str, key: str) -> None:
    """No unencrypted link to another machine, no camera without a path, no model without its digest."""
    with pytest.raises(ConfigError) as caught:
        Settings.read(write(tmp_path, GOOD.replace(before, after)))
    assert caught.value.key == key


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
