"""What an operator's step against harassment does: words on the terminal, a supervisor called, the end."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from hub.core import conduct as rules
from hub.core.audit import Action
from hub.core.call import EndPressed
from hub.counter.desk_words import actor, show, talking
from hub.counter.steps import step as step_call
from hub.counter.turn import Turn
from hub.store import calls
from protocol.values import Conduct, ConductStep


async def step(turn: Turn, user: str, call: str | None, asked: ConductStep) -> None:
    """One step, recorded. NotNow when it is not the next one, or the call is over."""
    record = await talking(turn, user, call)
    shown = record.presentation
    now = rules.after(shown.conduct, asked)
    await calls.add_event(turn.tx, record, "Conduct", turn.now, {"by": actor(user), "step": str(asked)})
    await turn.note(Action.CONDUCT, record, actor(user), step=str(asked))
    changed = msgspec.structs.replace(shown, conduct=now, revision=shown.revision + 1)
    if now is Conduct.ENDED:
        marked = await turn.save(replace(record, presentation=changed))
        await step_call(turn, marked, EndPressed(user), actor(user))
    else:
        await show(turn, user, record, changed)
