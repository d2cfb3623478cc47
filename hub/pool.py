"""What `python -m hub` says about the pool: who can what, who sits where, how many operators a load wants."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from hub.commands import audit, open_all
from hub.core import erlang
from hub.core.audit import Action
from hub.core.centres import FILE, LEVELS
from hub.core.content import Content
from hub.core.erlang import Load
from hub.settings import HubSettings
from hub.store import people, pool
from hub.store.database import Tx
from hub.store.fences import POOL
from hub.store.people import User
from protocol.errors import LocalError


async def set_skill(settings: HubSettings, content: Content, name: str, skill: str, level: int) -> str:
    """Give somebody a skill; level 0 takes it away. LocalError when person, skill or level is none."""
    _known("skill", skill, [one.id for one in content.shared.skills])
    lowest, highest = LEVELS
    if level != 0 and not lowest <= level <= highest:
        raise LocalError(
            "level", f"{level} is no level; give {lowest} to {highest}, or 0 to take the skill away"
        )
    database = await open_all(settings, content)
    try:
        async with database.write(POOL) as tx:
            user = await _user(tx, name)
            await pool.set_skill(tx, user.id, skill, level)
            await audit(tx, Action.SKILL_SET, None, user.id)
    finally:
        await database.close()
    return f"{name}: {skill} at level {level}" if level else f"{name}: {skill} taken away"


async def set_centre(settings: HubSettings, content: Content, name: str, centre: str) -> str:
    """Say where somebody sits; '-' for no centre. LocalError when person or centre is none."""
    if centre != "-":
        _known("centre", centre, [one.id for one in content.shared.centres])
    database = await open_all(settings, content)
    try:
        async with database.write(POOL) as tx:
            user = await _user(tx, name)
            await pool.set_centre(tx, user.id, "" if centre == "-" else centre)
            await audit(tx, Action.CENTRE_SET, None, user.id)
    finally:
        await database.close()
    return f"{name}: no centre" if centre == "-" else f"{name}: centre {centre}"


def _known(kind: str, word: str, known: Collection[str]) -> None:
    if word in known:
        return
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
    raise LocalError(f"unknown_{kind}", f"no {kind} {word} in {FILE}; {hint}")


async def _user(tx: Tx, name: str) -> User:
    found = await people.anyone_named(tx, name)
    if found is None:
        raise LocalError("unknown_user", f"{name}: nobody has this login name; see: python -m hub list")
    return found


def staffing(calls_per_hour: float, minutes: float, percent: float, within_s: float) -> str:
    """How many operators answer such a load, by Erlang C; LocalError for figures that no pool has."""
    for what, value, low, high in (
        ("calls per hour", calls_per_hour, 0.1, 10_000.0),
        ("minutes per call", minutes, 0.1, 240.0),
        ("percent", percent, 1.0, 99.9),
        ("seconds", within_s, 0.0, 3600.0),
    ):
        if not low <= value <= high:
            raise LocalError("staffing", f"{what}: {value:g} is not from {low:g} to {high:g}")
    load = Load(calls_per_hour, minutes * 60)
    wanted = erlang.operators_for(load, percent / 100, within_s)
    lines = [
        f"{calls_per_hour:g} calls an hour of {minutes:g} minutes keep {load.erlangs:.1f} operators busy",
        f"operators  within {within_s:g} s  mean wait",
    ]
    for count in range(max(int(load.erlangs) + 1, wanted - 2), wanted + 3):
        level, wait = erlang.service_level(load, count, within_s), erlang.mean_wait_s(load, count)
        mark = f"  <- {percent:g} % wanted" if count == wanted else ""
        lines.append(f"{count:9}  {level:11.1%}  {wait:7.0f} s{mark}")
    return "\n".join(lines)
