"""One hub of the bench, without sockets: its terminals touch and leave, again and again, as fast as turns go.

    python -m tests.bench.turns.hub DIRECTORY SECONDS

Terminals are named on the first line of standard input, separated by spaces; "ready" is answered, and the
next line begins. The result is one line: turns that were written, and seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
import uuid
from pathlib import Path

from hub.bus.port import Parcel, kiosk_topic
from hub.counter.counter import Counter
from hub.house import House, build
from hub.scheduler import Scheduler
from hub.store import places
from hub.store.fences import POOL
from protocol.envelope import Envelope, Message
from protocol.kiosk_link import Call, CallLeave, CallRequest
from tests.fakes.hub_program import content, settings_in


async def main(directory: Path, seconds: float) -> None:
    """Prints "ready", then the result."""
    names = sys.stdin.readline().split()
    house = await build(settings_in(directory), content())
    assert house.nodes is not None
    tasks = [
        asyncio.create_task(one) for one in (house.nodes.run(), Scheduler(house.counter, house.clock).run())
    ]
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    began = time.monotonic()
    turns = sum(await asyncio.gather(*(_residents(house, one, began + seconds) for one in names)))
    print(turns, time.monotonic() - began, flush=True)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await house.close()


async def _residents(house: House, device: str, until: float) -> int:
    """Of one terminal, one after the other; gives how many turns their words were."""
    counter, turns = house.counter, 1
    heard: list[str] = []

    def hear(parcel: Parcel) -> None:
        if isinstance(parcel.message, Call):
            heard.append(parcel.message.call.id)

    with house.bus.subscribe(kiosk_topic(device), hear):
        async with house.database.read(POOL) as tx:
            kiosk = await places.find_kiosk(tx, device)
        assert kiosk is not None
        await counter.kiosk_arrived(kiosk, object(), simulated=True, software="bench")
        while time.monotonic() < until:
            await _say(counter, device, CallRequest())
            with contextlib.suppress(IndexError):  # its word may still be on its way
                await _say(counter, device, CallLeave(reason="resident"), heard[-1])
                turns += 1
            turns += 1
    return turns


async def _say(counter: Counter, device: str, message: Message, call: str | None = None) -> None:
    tag = str(message.__struct_config__.tag)
    await counter.kiosk_says(device, Envelope(v=1, type=tag, id=uuid.uuid4().hex, call=call), message)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
