"""Fault after fault on the links of a whole town while words go both ways: which were lost or doubled?

    toll = await links.run(directory, count=40, seed=1)
    toll.lost, toll.doubled, toll.reordered          # all 0, or the links do not keep their word

A word is lost when it has no effect at the hub, or when its receiver neither heard it nor was told a newer
truth by a snapshot. A desk whose link is down does not take a word, and says so; its operator presses again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.town import PATIENCE_S, Program, Town

EVERY_S = 0.6
"""Between two words of one side: below what a hub takes for a flood."""

AGAIN = 40
"""Words that a terminal says again after its program was killed: it cannot know which of them arrived."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to whom, and for how long (s)."""

    kind: str  # cut, loss, reset, unplug, move, freeze, kill
    whom: str  # kiosk, desk, hub
    seconds: float


MENU = (
    ("cut", "kiosk"), ("cut", "desk"), ("cut", "hub"), ("loss", "kiosk"), ("loss", "desk"), ("loss", "hub"),
    ("reset", "kiosk"), ("reset", "desk"), ("reset", "hub"), ("unplug", "kiosk"), ("unplug", "desk"),
    ("move", "kiosk"), ("move", "desk"), ("freeze", "kiosk"), ("freeze", "desk"), ("freeze", "hub"),
    ("kill", "hub"), ("kill", "hub"), ("kill", "kiosk"), ("kill", "kiosk"),
)  # fmt: skip


def faults(count: int, chance: random.Random) -> list[Fault]:
    """The whole menu as often as it fits, the rest by chance, in any order."""
    chosen = [*itertools.islice(itertools.cycle(chance.sample(MENU, len(MENU))), count)]
    chance.shuffle(chosen)
    return [
        Fault(kind, whom, round(chance.uniform(0.5, 15 if kind == "freeze" else 6), 1))
        for kind, whom in chosen
    ]  # fmt: skip


@dataclass(slots=True)
class Toll:
    """What `count` faults have cost. `plain_*` are of the terminal that only connects again."""

    said: int = 0  # words that somebody was to hear, in all directions
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    resumed: int = 0  # links that went on where they were
    begun: int = 0  # links that began anew, with a snapshot
    plain_said: int = 0
    plain_lost: int = 0
    plain_doubled: int = 0
    back_s: list[float] = field(default_factory=list)  # from the end of each fault until words flow again
    remarks: list[str] = field(default_factory=list)

    def judge(self, what: str, wanted: int, found: list[int]) -> None:
        """Words 1 to `wanted` that must have arrived once and in order."""
        self.said += wanted
        missing = sorted(set(range(1, wanted + 1)) - set(found))
        self.lost += len(missing)
        self.doubled += len(found) - len(set(found))
        self.reordered += sum(later < sooner for sooner, later in itertools.pairwise(found))
        if missing or found != sorted(set(found)):
            self.remarks.append(f"{what}: {len(found)} of {wanted}, missing {missing[:5]}")

    def judge_heard(self, what: str, heard: list[tuple[str, int]]) -> None:
        """Words by number as one side heard them; a snapshot stands for all before it."""
        last = 0
        for kind, number in heard:
            if kind == "snapshot":
                self.reordered += number < last
                last = max(last, number)
                continue
            self.said += 1
            if number > last + 1:
                self.lost += number - last - 1
                self.remarks.append(f"{what}: {number} after {last}")
            elif number <= last:
                self.doubled += number == last
                self.reordered += number < last
                self.remarks.append(f"{what}: {number} again after {last}")
            last = max(last, number)


class Talk:
    """Words of both sides, without end until `stop`."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.wiped = 0  # words of the terminal
        self.captions = 0  # words of the desk that its link took
        self.plain: list[int] = []
        self._silent = False  # the terminal's program is dead
        self._over = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Both sides begin to speak."""
        self._tasks = [asyncio.create_task(self._terminals()), asyncio.create_task(self._operator())]

    async def stop(self) -> None:
        """The last words have been said."""
        self._over = True
        await asyncio.gather(*self._tasks)

    def wipe(self, program: Program, number: int, call: str) -> None:
        """A terminal's word whose every arrival is written down."""
        body = {"buffers": number, "files": 0, "left": 0, "ui": True}
        program.say({"type": "wiped", "id": f"wiped-{number}", "call": call, "body": body})

    async def _terminals(self) -> None:
        while not self._over:
            if not self._silent:
                self.wiped += 1
                self.wipe(self.town.kiosk, self.wiped, self.town.ended_call)
                self.plain.append(self.wiped)
                self.wipe(self.town.plain, self.wiped, self.town.plain_call)
            await asyncio.sleep(EVERY_S)

    async def _operator(self) -> None:
        while not self._over:
            await self.press(f"c{self.captions + 1}")
            await asyncio.sleep(EVERY_S)

    async def press(self, text: str) -> None:
        """A caption, pressed again while the desk says that its link is down."""
        desk = self.town.desk
        for tried in itertools.count(1):
            since = len(desk.lines)
            id = f"{text}-{tried}"
            self.town.press("caption", {"text": text}, self.town.call, id)
            line = await desk.expect(lambda line, id=id: line.get("said") == id, since)
            if line["up"]:
                self.captions += 1
                return
            await asyncio.sleep(0.1)

    async def killed(self) -> None:
        """The terminal's program dies and comes back; it says again what may not have arrived."""
        self._silent = True
        for program in (self.town.kiosk, self.town.plain):
            program.kill()
            program.start()
            await program.expect(lambda line: "up" in line, program.starts[-1])
        for number in range(max(1, self.wiped - AGAIN), self.wiped + 1):
            self.wipe(self.town.kiosk, number, self.town.ended_call)
        self._silent = False

    async def flows(self, ahead: int = 2) -> None:
        """Until words that are said from now on (`ahead` of them) have arrived on both sides."""
        wiped, captions = self.wiped + ahead, self.captions + ahead
        async with asyncio.timeout(PATIENCE_S):
            while (
                len(self.town.events(self.town.ended_call, "Wiped")) < wiped
                or max((number for _, number in heard_by_kiosk(self.town)), default=0) < captions
            ):
                await asyncio.sleep(0.1)


async def run(directory: Path, *, count: int, seed: int) -> Toll:
    """So many faults, one after the other, each healed. LabError where there are no namespaces."""
    toll = Toll()
    async with Town(directory) as town:
        await town.talk()
        talk = Talk(town)
        talk.start()
        for fault in faults(count, random.Random(seed)):
            await _inflict(talk, fault)
            healed = time.monotonic()
            try:
                await talk.flows()
            except TimeoutError:
                toll.remarks.append(f"nothing flows {PATIENCE_S:g} s after {fault}")
            toll.back_s.append(time.monotonic() - healed)
            print(f"{fault}: words flow again after {toll.back_s[-1]:.1f} s", flush=True)
        await talk.stop()
        with contextlib.suppress(TimeoutError):
            await talk.flows(ahead=0)
        _count(toll, town, talk)
    return toll


async def _inflict(talk: Talk, fault: Fault) -> None:
    """From the first moment to the last of one fault. What hits the terminal hits the plain one, too."""
    town = talk.town
    hosts = ["kiosk", "plain"] if fault.whom == "kiosk" else [fault.whom]
    programs = [getattr(town, host) for host in hosts]
    if fault.kind == "kill" and fault.whom == "kiosk":
        await talk.killed()
    elif fault.kind == "kill":
        town.hub.kill()
        await asyncio.sleep(fault.seconds / 3)
        town.hub.start()
        await town.listening()
    elif fault.kind == "freeze":
        for program in programs:
            program.freeze()
        await asyncio.sleep(fault.seconds)
        for program in programs:
            program.thaw()
    elif fault.kind == "move":
        for host in hosts:
            town.lab.move(host)
    else:
        for host in hosts:
            _line(town, fault.kind, host)
        await asyncio.sleep(fault.seconds)
        for host in hosts:
            town.lab.plug(host) if fault.kind == "unplug" else town.lab.heal(host)
    for program in (town.desk, town.kiosk):  # a browser, and a terminal's media, notice that a line changes
        program.say({"check": True})


def _line(town: Town, kind: str, host: str) -> None:
    match kind:
        case "cut":
            town.lab.cut(host)
        case "loss":
            town.lab.lose(host, 0.3)
        case "reset":
            town.lab.reset(host)
        case "unplug":
            town.lab.unplug(host)


def heard_by_kiosk(town: Town) -> list[tuple[str, int]]:
    """Captions by number, and the newest one of each snapshot."""
    heard: list[tuple[str, int]] = []
    for line in town.kiosk.lines:
        if "present" in line:
            heard.append(("present", _number(line["present"])))
        elif "snapshot" in line and line["call"] == town.call:
            heard.append(("snapshot", _number(line["snapshot"])))
    return heard


def _number(caption: str) -> int:
    return int(caption[1:] or 0)


def _heard_by_desk(town: Town) -> tuple[list[tuple[str, int]], int]:
    """Captions of the call as it was told, each once as they changed, and how many words came twice."""
    heard: list[tuple[str, int]] = []
    ids: list[str] = []
    for line in town.desk.lines:
        said: dict[str, Any] = line.get("heard", {})
        ids += [said["id"]] if said else []
        call = (
            said.get("body", {}).get("call") if said.get("type") in ("desk_call", "desk_snapshot") else None
        )
        if not call or call["card"]["call"] != town.call:
            continue
        kind = "snapshot" if said["type"] == "desk_snapshot" else "desk_call"
        number = _number(call["presentation"]["caption"])
        if kind == "snapshot" or not heard or heard[-1][1] != number:
            heard.append((kind, number))
    return [one for one in heard if one[1]], len(ids) - len(set(ids))


def _count(toll: Toll, town: Town, talk: Talk) -> None:
    wiped = [detail["buffers"] for detail in town.events(town.ended_call, "Wiped")]
    toll.judge("terminal to hub", talk.wiped, wiped)
    shown = len(town.events(town.call, "Presented"))
    toll.said += talk.captions
    toll.lost += max(0, talk.captions - shown)
    toll.doubled += max(0, shown - talk.captions)
    if shown != talk.captions:
        toll.remarks.append(f"desk to hub: {shown} of {talk.captions}")
    toll.judge_heard("hub to terminal", heard_by_kiosk(town))
    heard, twice = _heard_by_desk(town)
    toll.judge_heard("hub to desk", heard)
    toll.doubled += twice
    toll.resumed = sum(line.get("up") is True for line in town.kiosk.lines)
    toll.begun = sum(line.get("up") is False for line in town.kiosk.lines)
    stored = [detail["buffers"] for detail in town.events(town.plain_call, "Wiped")]
    toll.plain_said = len(talk.plain)
    toll.plain_lost = len(set(talk.plain) - set(stored))
    toll.plain_doubled = len(stored) - len(set(stored))
