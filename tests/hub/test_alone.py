"""Two hubs never decide about the same calls."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hub.alone import hold
from hub.store.database import open_database
from protocol.errors import LocalError

HOLDER = """
import sys
from pathlib import Path
from hub.alone import hold
hold(Path(sys.argv[1]))
print('held', flush=True)
sys.stdin.read()
"""


def test_a_second_hub_on_the_same_database_is_refused_and_told_why(tmp_path: Path) -> None:
    """The first one's calls are not ended by a second start; a killed hub leaves nothing in the way."""
    database = tmp_path / "hub.db"
    command = [sys.executable, "-c", HOLDER, str(database)]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdin is not None
    try:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(LocalError, match="another hub serves it"):
            hold(database)
    finally:
        first.kill()
        first.wait()
        first.stdin.close()
        first.stdout.close()
    os.close(hold(database))


async def test_a_new_database_is_nobody_else_s_to_read(tmp_path: Path) -> None:
    """Password hashes and notes are for the hub's own user, whatever the umask."""
    path = tmp_path / "hub.db"
    before = os.umask(0o022)
    try:
        database = await open_database(path)
        await database.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_databases_have_two_hubs(tmp_path: Path) -> None:
    """The lock belongs to the database, not to the machine."""
    os.close(hold(tmp_path / "a.db"))
    os.close(hold(tmp_path / "b.db"))
