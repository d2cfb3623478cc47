"""The Python environment: which Pythons may make it and when it is made again."""

from pathlib import Path

import pytest

from provisioning.setup import environment
from provisioning.setup.steps import SetupError


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose environment was just made."""
    (tmp_path / "requirements.lock").write_text("x==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / environment.STAMP).write_text(environment.wanted_stamp(tmp_path) + "\n")
    return tmp_path


@pytest.mark.parametrize("version", [(3, 9), (3, 10), (3, 14)])
def test_a_python_that_we_do_not_run_on_is_refused_with_the_way_out(version: tuple[int, int]) -> None:
    """Too old and too new alike end with one sentence, not in the middle of an installation."""
    with pytest.raises(SetupError, match=r"Python 3\.11 to 3\.13 is needed.*make setup PYTHON="):
        environment.refuse_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_every_python_that_we_run_on_is_accepted(version: tuple[int, int]) -> None:
    """Debian 12's and Debian 13's Python and what lies between."""
    environment.refuse_python(version)


def test_an_environment_made_from_the_same_files_is_left_alone(checkout: Path) -> None:
    """The second start costs nothing."""
    assert environment.up_to_date(checkout)


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_renews_the_environment(checkout: Path, name: str) -> None:
    """After `git pull` nobody runs with yesterday's packages."""
    (checkout / name).write_text("changed\n")
    assert not environment.up_to_date(checkout)


def test_an_environment_that_was_half_made_is_made_again(checkout: Path) -> None:
    """The stamp is written last: an interrupted set-up never looks finished."""
    (checkout / ".venv" / environment.STAMP).unlink()
    assert not environment.up_to_date(checkout)


def test_a_moved_checkout_gets_a_new_environment(checkout: Path) -> None:
    """Programs in .venv/bin carry their absolute place; a copy elsewhere must not run the old one."""
    moved = checkout.parent / f"{checkout.name}-moved"
    checkout.rename(moved)
    assert not environment.up_to_date(moved)
