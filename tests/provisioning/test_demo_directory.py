"""A run never deletes what no run has made."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.errors import LocalError
from provisioning.demo.__main__ import fresh, main


def test_somebody_else_s_files_are_never_deleted(tmp_path: Path) -> None:
    """--directory ~ loses nothing: it is refused with a sentence."""
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work", "utf-8")
    with pytest.raises(LocalError, match="would be lost"):
        fresh(tmp_path)
    assert main(["--scripted", "--directory", str(tmp_path)]) == 1
    assert thesis.read_text("utf-8") == "years of work"


def test_a_run_s_own_directory_is_made_anew(tmp_path: Path) -> None:
    """The second run replaces what the first one left."""
    root = tmp_path / "demo"
    fresh(root)
    (root / "report.json").write_text("{}", "utf-8")
    fresh(root)
    assert not (root / "report.json").exists()


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    """What cannot hold a run is named."""
    file = tmp_path / "file"
    file.write_text("x", "utf-8")
    with pytest.raises(LocalError, match="not a directory"):
        fresh(file)


@pytest.mark.parametrize("port", ["-1", "70000", "many"])
def test_an_impossible_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The mistake is named before anything starts."""
    with pytest.raises(SystemExit) as ended:
        main(["--check", "--port", port])
    assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err
