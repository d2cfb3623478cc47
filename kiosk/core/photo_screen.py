"""Decides what stands on the screen while a still is made: one instruction at a time."""

from __future__ import annotations

from kiosk.core.clock import Now
from kiosk.core.terminal import Terminal
from kiosk.core.texts import text
from kiosk.core.view import Check, Choice, Person, Photo, PhotoStage, Picture, TouchKind
from protocol.values import CaptureKind

_STILL_STAGES = frozenset({PhotoStage.SENDING, PhotoStage.SHOWN})


def photo(terminal: Terminal, now: Now, person: Person) -> Photo:
    """The body of the photo screen; a capture must be under way."""
    machine = terminal.capture
    assert machine is not None
    assert machine.stage is not None
    language, stage = terminal.preferences.language, machine.stage
    face = machine.kind is CaptureKind.ID_PHOTO
    name = terminal.site.municipality_name if terminal.site else ""
    instruction = text(language, _instruction(stage, face), municipality=name)
    if stage is PhotoStage.FAILED and machine.cause:
        instruction = f"{machine.cause}\n{instruction}"
    return Photo(
        stage=stage,
        of=Picture.SELF if face else Picture.PAPER,
        title=text(language, "photo_title" if face else "paper_still_title"),
        instruction=instruction,
        count=machine.count(now.mono),
        checks=tuple(Check(label=label, state=state, word=word) for label, state, word in machine.checks),
        choices=_choices(stage, language),
        person=person,
        still=stage in _STILL_STAGES,
    )


def _instruction(stage: PhotoStage, face: bool) -> str:
    match stage:
        case PhotoStage.CONSENT:
            return "photo_consent" if face else "paper_consent"
        case PhotoStage.AIM:
            return "aim"
        case PhotoStage.COUNT:
            return "count" if face else "paper_count"
        case PhotoStage.SHUTTER:
            return "shutter_now" if face else "paper_count"
        case PhotoStage.SENDING:
            return "sending"
        case PhotoStage.SHOWN:
            return "shown"
        case PhotoStage.FAILED:
            return "failed"


def _choices(stage: PhotoStage, language: str) -> tuple[Choice, ...]:
    if stage is PhotoStage.CONSENT:
        return (
            Choice(kind=TouchKind.CONSENT_NO, label=text(language, "no")),
            Choice(kind=TouchKind.CONSENT_YES, label=text(language, "yes"), selected=True),
        )
    if stage in (PhotoStage.SHOWN, PhotoStage.FAILED):
        return (Choice(kind=TouchKind.CONSENT_NO, label=text(language, "close")),)
    return ()
