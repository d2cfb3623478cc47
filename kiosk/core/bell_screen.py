"""Decides what the resident reads and may touch about the branch's own staff. Pure."""

from __future__ import annotations

from kiosk.core.bell import UNDER_WAY, BellState
from kiosk.core.terminal import Terminal
from kiosk.core.texts import text
from kiosk.core.view import Band, Choice, Dialog, TouchKind

_LINES = {
    BellState.SAYING: "staff_calling",
    BellState.CALLING: "staff_calling",
    BellState.COMING: "staff_coming",
    BellState.UNANSWERED: "staff_unanswered",
    BellState.UNHEARD: "staff_unheard",
}
_TROUBLED = frozenset({BellState.UNANSWERED, BellState.UNHEARD})


def key(terminal: Terminal) -> Choice | None:
    """The key at the foot: to ring, or to take it back; none where nobody could be rung."""
    language, state = terminal.preferences.language, terminal.bell.state
    if state in UNDER_WAY:
        return Choice(kind=TouchKind.STAFF_STOP, label=text(language, "staff_stop"))
    if terminal.site is None or not terminal.site.staff or not terminal.linked:
        return None
    return Choice(kind=TouchKind.STAFF, label=text(language, "staff_key"))


def band(terminal: Terminal) -> Band | None:
    """How the ring stands, on every screen."""
    sentence = _LINES.get(terminal.bell.state)
    if sentence is None:
        return None
    telephone = terminal.site.telephone if terminal.site else ""
    line = text(terminal.preferences.language, sentence, telephone=telephone)
    return Band(text=line, urgent=terminal.bell.state in _TROUBLED, icon="person")


def dialog(terminal: Terminal) -> Dialog | None:
    """One question, so that nobody is rung by an elbow."""
    if terminal.bell.state is not BellState.ASKING:
        return None
    language = terminal.preferences.language
    return Dialog(
        title=text(language, "staff_ask"),
        text=text(language, "staff_ask_text"),
        choices=(
            Choice(kind=TouchKind.STAFF_YES, label=text(language, "staff_yes"), selected=True),
            Choice(kind=TouchKind.STAFF_NO, label=text(language, "staff_no")),
        ),
    )
