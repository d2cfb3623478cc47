"""`make bench-turns`: how many turns a second one, two and three hubs write on one PostgreSQL database.

    make bench-turns ARGS="--seconds 5"

A turn is a touch or a resident who leaves: call, event, history, audit, words. Turns follow one another over
all hubs, so more hubs do not write more of them; this says what that costs. Beside it, on the same server,
what the lock and the commit alone would allow: a writer that changes one row in each transaction. The server
syncs nothing, so that the disk is left out. The table goes to var/bench/turns.json.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from hub.core.presence import PresenceRecord
from hub.store import people, places
from hub.store.database import Database, open_database
from hub.store.fences import POOL
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.values import Membership, PresenceState, Role
from tests.bench.report import Row, publish
from tests.fakes.hub_program import STORE
from tests.fakes.postgres import new_database

HUBS = (1, 2, 3)
TERMINALS = 4  # of each hub
TOWN = "minami"


def main() -> int:
    """Always 0: there is no goal."""
    parser = argparse.ArgumentParser(prog="make bench-turns", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each number of hubs (10)")
    chosen = parser.parse_args()
    rows = [asyncio.run(_measure(number, chosen.seconds)) for number in HUBS]
    return 0 if publish("turns", rows) else 1


async def _measure(hubs: int, seconds: float) -> Row:
    with tempfile.TemporaryDirectory(prefix="turns-") as directory:
        url = new_database()
        (Path(directory) / STORE).write_text(url)
        database = await open_database(url)
        names = [[f"t{hub}-{number}" for number in range(TERMINALS)] for hub in range(hubs)]
        await _cast(database, [name for ours in names for name in ours])
        bare = await _bare(database, seconds / 4)
        found = await _run(Path(directory), names, seconds)
        await database.close()
    by_hub = [turns / took for turns, took in found]
    return Row(
        f"turns a second, {hubs} hub{'s' * (hubs > 1)}", "1/s", sum(by_hub), {"lock, one row, commit": bare},
        note=f"{1000 / sum(by_hub):.1f} ms a turn; by hub {', '.join(f'{one:.0f}' for one in by_hub)}",
    )  # fmt: skip


async def _cast(database: Database, devices: list[str]) -> None:
    """An operator who is on duty, at no desk: touches are taken, and nobody is rung."""
    async with database.write(POOL) as tx:
        await places.know(tx, [(TOWN, "taiken")])
        for device in devices:
            key = device.encode().ljust(32)
            await places.add_kiosk(
                tx, Kiosk(id=device, municipality=TOWN, site="taiken", terminal="taiken-1", public_key=key)
            )
        hana = User(
            id="hana", login_name="hana", name="花", password_hash="-",
            memberships=(Membership(municipality=TOWN, role=Role.OPERATOR),),
        )  # fmt: skip
        await people.add_user(tx, hana)
        now = datetime.now(UTC)
        duty = PresenceRecord(user=hana.id, state=PresenceState.AVAILABLE, since=now, idle_since=now)
        await people.presences.insert(tx, duty)


async def _bare(database: Database, seconds: float) -> float:
    """Transactions a second of one writer that takes the lock and changes a row."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        async with database.write(POOL) as tx:
            await tx.execute(text("UPDATE presence SET version = version + 1"))
        done += 1
    return done / (time.monotonic() - began)


async def _run(directory: Path, names: list[list[str]], seconds: float) -> list[tuple[int, float]]:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.turns.hub", str(directory), str(seconds),
            stdin=PIPE, stdout=PIPE,
        )
        for _ in names
    ]  # fmt: skip
    for process, ours in zip(processes, names, strict=True):
        assert process.stdin is not None
        process.stdin.write(" ".join(ours).encode() + b"\n")
    for process in processes:
        await _line(process)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
    found = [(int(turns), float(took)) for turns, took in [await _line(process) for process in processes]]
    for process in processes:
        await process.wait()
    return found


async def _line(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().split()


if __name__ == "__main__":
    sys.exit(main())
