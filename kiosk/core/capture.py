"""Decides the steps of one still: consent, aim, count-down, shutter, sending, shown. Never touches a camera.

A still is only taken after the resident said yes to this one; a question without an answer is a no.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.view import PhotoStage
from protocol.values import CaptureKind, CaptureStage

log = logging.getLogger(__name__)

CONSENT_S = 60.0
AIM_S = 3.0
COUNT_FROM = 3
STILL_S = 6.0
SEND_S = 20.0
SHOWN_S = 5.0
FAILED_S = 6.0


class CaptureEvent(StrEnum):
    """What can happen while a still is made."""

    YES = "yes"
    NO = "no"
    TAKEN = "taken"
    STORED = "stored"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DUE = "due"


class CaptureAction(StrEnum):
    """What the agent has to do."""

    TAKE = "take"  # the still, now
    UPLOAD = "upload"
    TICK = "tick"  # a sound of the count-down
    DROP = "drop"  # forget the still
    FINISH = "finish"  # back to the call


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from an event."""

    stage: PhotoStage | None
    actions: tuple[CaptureAction, ...] = ()
    said: CaptureStage | None = None  # told to the hub


_STOP = Step(None, (CaptureAction.DROP, CaptureAction.FINISH))
_FAIL = Step(PhotoStage.FAILED, (CaptureAction.DROP,), CaptureStage.FAILED)
_DECLINE = Step(None, (CaptureAction.DROP, CaptureAction.FINISH), CaptureStage.DECLINED)
_COUNT = Step(PhotoStage.COUNT, (CaptureAction.TICK,), CaptureStage.COUNTING)
_SHOOT = Step(PhotoStage.SHUTTER, (CaptureAction.TAKE,))

TRANSITIONS: dict[tuple[PhotoStage, CaptureEvent], Step] = {
    (PhotoStage.CONSENT, CaptureEvent.YES): Step(PhotoStage.AIM, (), CaptureStage.COUNTING),
    (PhotoStage.CONSENT, CaptureEvent.NO): _DECLINE,
    (PhotoStage.CONSENT, CaptureEvent.DUE): _DECLINE,
    (PhotoStage.AIM, CaptureEvent.DUE): _COUNT,
    (PhotoStage.COUNT, CaptureEvent.DUE): _SHOOT,
    (PhotoStage.SHUTTER, CaptureEvent.TAKEN): Step(
        PhotoStage.SENDING, (CaptureAction.UPLOAD,), CaptureStage.SENDING
    ),
    (PhotoStage.SHUTTER, CaptureEvent.DUE): _FAIL,
    (PhotoStage.SENDING, CaptureEvent.STORED): Step(PhotoStage.SHOWN),
    (PhotoStage.SENDING, CaptureEvent.DUE): _FAIL,
    (PhotoStage.SHOWN, CaptureEvent.DUE): _STOP,
    (PhotoStage.SHOWN, CaptureEvent.NO): _STOP,
    (PhotoStage.FAILED, CaptureEvent.DUE): _STOP,
    (PhotoStage.FAILED, CaptureEvent.NO): _STOP,
    # 'やめる' before the shutter is a no
    (PhotoStage.AIM, CaptureEvent.NO): _DECLINE,
    (PhotoStage.COUNT, CaptureEvent.NO): _DECLINE,
    **{(stage, CaptureEvent.CANCELLED): _STOP for stage in PhotoStage},
    **{
        (stage, CaptureEvent.FAILED): _FAIL
        for stage in (PhotoStage.AIM, PhotoStage.COUNT, PhotoStage.SHUTTER, PhotoStage.SENDING)
    },
}

_LASTS = {
    PhotoStage.CONSENT: CONSENT_S,
    PhotoStage.AIM: AIM_S,
    PhotoStage.COUNT: float(COUNT_FROM),
    PhotoStage.SHUTTER: STILL_S,
    PhotoStage.SENDING: SEND_S,
    PhotoStage.SHOWN: SHOWN_S,
    PhotoStage.FAILED: FAILED_S,
}


class CaptureMachine:
    """One still from question to end. `stage` is None once it is over."""

    def __init__(self, capture: str, kind: CaptureKind, now: float) -> None:
        self.capture = capture
        self.kind = kind
        self.checks: tuple[tuple[str, str, str], ...] = ()
        self.cause = ""  # why it failed, for people
        self._stage: PhotoStage | None = PhotoStage.CONSENT
        self._since = now
        self._ticks = 0  # sounds of the count-down already asked for

    @property
    def stage(self) -> PhotoStage | None:
        return self._stage

    def count(self, now: float) -> int:
        """Seconds left of the count-down, 0 outside of it."""
        if self._stage is not PhotoStage.COUNT:
            return 0
        return max(1, COUNT_FROM - int(now - self._since))

    def handle(self, event: CaptureEvent, now: float) -> Step:
        """The step that follows; without one the stage stays and nothing is to do."""
        if self._stage is None:
            return Step(None)
        step = TRANSITIONS.get((self._stage, event))
        if step is None:
            return Step(self._stage)
        if (
            step is TRANSITIONS[(PhotoStage.CONSENT, CaptureEvent.YES)]
            and self.kind is CaptureKind.DOCUMENT_STILL
        ):
            step = Step(PhotoStage.SHUTTER, (CaptureAction.TAKE,), CaptureStage.COUNTING)  # paper holds still
        self._set(step.stage, now)
        return step

    def tick(self, now: float) -> Step:
        """What is due; call it at `deadline()`."""
        if self._stage is None:
            return Step(None)
        if now >= self._since + _LASTS[self._stage]:
            return self.handle(CaptureEvent.DUE, now)
        if self._stage is PhotoStage.COUNT and int(now - self._since) > self._ticks:
            self._ticks = int(now - self._since)
            return Step(self._stage, (CaptureAction.TICK,))
        return Step(self._stage)

    def deadline(self) -> float | None:
        """When `tick` is next worth calling, monotonic s; None once it is over."""
        if self._stage is None:
            return None
        end = self._since + _LASTS[self._stage]
        return min(end, self._since + self._ticks + 1) if self._stage is PhotoStage.COUNT else end

    def _set(self, stage: PhotoStage | None, now: float) -> None:
        log.info("capture %s -> %s", self._stage, stage)
        self._stage = stage
        self._since = now
        self._ticks = 0
