"""Decides how a supervisor takes part in a call: listens, whispers to the operator, speaks to both, leaves.

Nobody is heard in secret: every step is told to the desks, what changes for the resident to her screen too.
Never decides who may do it (`permissions`) and knows no media: the operator's browser passes the voices on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hub.core.call import NotNow
from protocol.values import MonitorState


class Step(StrEnum):
    """What can happen; the last four end it, and are the `why` that her desk is told."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    LEAVE = "leave"  # the supervisor does not want any more
    GONE = "gone"  # her desk has been away for longer than a reload takes, or she may not be here any more
    CALL_OVER = "call_over"  # it ended, or waits for another operator
    HANDED_OVER = "handed_over"  # another operator has it: whoever passed the voices on is out of it


class Effect(StrEnum):
    """What the driver owes after the record is written."""

    TELL = "tell"  # the desks of the call, and the supervisor's
    SCREEN = "screen"  # the resident reads it
    CLOSE = "close"  # her part of the call is over


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorRecord:
    """One supervisor's part in one call: at most one open for each. `version` counts its writes."""

    id: str
    municipality: str
    call: str
    supervisor: str
    operator: str  # whose browser passes the voices on
    state: MonitorState
    began_at: datetime
    ended_at: datetime | None = None
    ended_why: str = ""  # one of the last four steps
    version: int = 1

    @property
    def open(self) -> bool:
        """Whether she still takes part."""
        return self.state is not MonitorState.OVER


@dataclass(frozen=True, slots=True)
class Transition:
    """Where a step leads and what the driver owes."""

    to: MonitorState
    effects: tuple[Effect, ...]


_S = MonitorState
_TOLD = (Effect.TELL,)
_SEEN = (Effect.TELL, Effect.SCREEN)  # the resident hears her from now on, or no longer
_ENDED = (Effect.TELL, Effect.SCREEN, Effect.CLOSE)
ENDS = (Step.LEAVE, Step.GONE, Step.CALL_OVER, Step.HANDED_OVER)

TRANSITIONS: Mapping[tuple[MonitorState, Step], Transition] = {
    (_S.LISTENING, Step.WHISPER): Transition(_S.WHISPERING, _TOLD),
    (_S.LISTENING, Step.BARGE): Transition(_S.BARGING, _SEEN),
    (_S.WHISPERING, Step.LISTEN): Transition(_S.LISTENING, _TOLD),
    (_S.WHISPERING, Step.BARGE): Transition(_S.BARGING, _SEEN),
    (_S.BARGING, Step.LISTEN): Transition(_S.LISTENING, _SEEN),
    (_S.BARGING, Step.WHISPER): Transition(_S.WHISPERING, _SEEN),
    **{
        (state, step): Transition(_S.OVER, _ENDED)
        for state in (_S.LISTENING, _S.WHISPERING, _S.BARGING) for step in ENDS
    },
}  # fmt: skip
"""Everything that can happen. What stands nowhere changes nothing; once it is over it is 'gone'."""

CHOICES: Mapping[MonitorState, Step] = {
    _S.LISTENING: Step.LISTEN, _S.WHISPERING: Step.WHISPER, _S.BARGING: Step.BARGE, _S.OVER: Step.LEAVE,
}  # fmt: skip
"""What a supervisor may wish for."""


def handle(record: MonitorRecord, step: Step, now: datetime) -> tuple[MonitorRecord, tuple[Effect, ...]]:
    """The record after a step, to be written, and what follows; nothing when she does that already.

    NotNow('gone') once it is over.
    """
    if not record.open:
        raise NotNow("gone", "このモニタリングはもう終わっています。")
    transition = TRANSITIONS.get((record.state, step))
    if transition is None:
        return record, ()
    after = replace(record, state=transition.to)
    if not after.open:
        after = replace(after, ended_at=now, ended_why=str(step))
    return after, transition.effects


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documents; what leads the same way shares an arrow."""
    arrows: dict[tuple[MonitorState, MonitorState], list[str]] = {}
    for (state, step), one in TRANSITIONS.items():
        arrows.setdefault((state, one.to), []).append(str(step))
    lines = ["stateDiagram-v2", *(f"    [*] --> {state}" for state in CHOICES if state is not _S.OVER)]
    lines += [f"    {state} --> {to}: {', '.join(steps)}" for (state, to), steps in arrows.items()]
    return "\n".join([*lines, f"    {_S.OVER} --> [*]"]) + "\n"
