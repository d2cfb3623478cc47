"""Decides what becomes of the wish for a still: one at a time, in this call alone, under its token.

`capture.py` has the steps of one still; here they become words for the hub and work for the agent.
Never touches a camera and never sends anything itself.
"""

from __future__ import annotations

from kiosk.core.capture import CaptureAction, CaptureEvent, CaptureMachine, Step
from kiosk.core.effects import (
    DropStill,
    Effect,
    Say,
    Sound,
    StillFailed,
    StillTaken,
    TakeStill,
    Upload,
    Uploaded,
)
from kiosk.core.view import PhotoStage
from protocol.kiosk_link import CaptureProgress, TakeCapture
from protocol.values import CaptureStage


class Stills:
    """One per terminal. Every method gives the effects of what happened; times are monotonic seconds."""

    def __init__(self) -> None:
        self.machine: CaptureMachine | None = None  # the still that is being made
        self._call = ""  # in which it was wished for
        self._token = ""  # lets it be uploaded once

    def deadline(self) -> float | None:
        """When to `tick`; None when nothing waits for the time."""
        return None if self.machine is None else self.machine.deadline()

    def tick(self, now: float) -> list[Effect]:
        return [] if self.machine is None else self._follow(self.machine.tick(now))

    def wished(self, take: TakeCapture, call: str, now: float, *, possible: bool) -> list[Effect]:
        """The operator asks for a still; refused where it is not `possible` or another is being made."""
        over = self.machine is None or self.machine.stage in (PhotoStage.SHOWN, PhotoStage.FAILED)
        if not possible or not over:
            busy = CaptureProgress(
                capture=take.capture, stage=CaptureStage.FAILED, code="busy", cause="ほかの撮影の途中です"
            )
            return [Say(busy, call=call)]
        effects: list[Effect] = [DropStill(self.machine.capture)] if self.machine is not None else []
        self.machine = CaptureMachine(take.capture, take.kind, now)
        self._call, self._token = call, take.upload_token
        return [*effects, Say(CaptureProgress(capture=take.capture, stage=CaptureStage.ASKING), call=call)]

    def answered(self, yes: bool, now: float) -> list[Effect]:
        """The resident's answer to the question, or a touch on what is shown afterwards."""
        return self._handle(CaptureEvent.YES if yes else CaptureEvent.NO, now)

    def cancelled(self, capture: str, now: float) -> list[Effect]:
        """The operator changed her mind."""
        if self.machine is None or self.machine.capture != capture:
            return []
        return self._handle(CaptureEvent.CANCELLED, now)

    def worked(self, event: StillTaken | StillFailed | Uploaded, now: float) -> list[Effect]:
        """The agent's word about the still; one that nobody waits for any more is dropped."""
        machine = self.machine
        if machine is None or machine.capture != event.capture:
            return [DropStill(event.capture)]
        match event:
            case StillTaken(checks=checks):
                machine.checks = checks
                return self._handle(CaptureEvent.TAKEN, now)
            case Uploaded():
                return self._handle(CaptureEvent.STORED, now)
            case StillFailed(code=code, cause=cause):
                machine.cause = cause
                return self._handle(CaptureEvent.FAILED, now, code)
        return []

    def clear(self) -> list[Effect]:
        """The call is over: nothing of it is kept."""
        effects: list[Effect] = [DropStill(self.machine.capture)] if self.machine is not None else []
        self.machine, self._call, self._token = None, "", ""
        return effects

    def _handle(self, event: CaptureEvent, now: float, code: str = "") -> list[Effect]:
        return [] if self.machine is None else self._follow(self.machine.handle(event, now), code)

    def _follow(self, step: Step, code: str = "") -> list[Effect]:
        assert self.machine is not None
        effects: list[Effect] = []
        if step.said is not None:
            effects.append(Say(self._progress(self.machine, step.said, code), call=self._call))
        for action in step.actions:
            effects += self._obey(action, self.machine)
        return effects

    def _progress(self, machine: CaptureMachine, stage: CaptureStage, code: str) -> CaptureProgress:
        failed = stage is CaptureStage.FAILED
        return CaptureProgress(
            capture=machine.capture,
            stage=stage,
            code=(code or "timeout") if failed else "",
            cause=(machine.cause or "時間内に終わりませんでした") if failed else "",
            checks=machine.checks,
        )

    def _obey(self, action: CaptureAction, machine: CaptureMachine) -> list[Effect]:
        match action:
            case CaptureAction.TAKE:
                return [Sound("shutter"), TakeStill(machine.capture, machine.kind)]
            case CaptureAction.TICK:
                return [Sound("tick")]
            case CaptureAction.UPLOAD:
                token, self._token = self._token, ""
                return [Upload(machine.capture, token)]
            case CaptureAction.DROP:
                return [DropStill(machine.capture)]
            case CaptureAction.FINISH:
                self.machine, self._token = None, ""
        return []
