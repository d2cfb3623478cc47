"""Decides what the resident reads when less than moving pictures carries the call. Pure."""

from __future__ import annotations

from kiosk.core.terminal import Terminal
from kiosk.core.texts import text
from kiosk.core.view import Choice, TouchKind, Words
from protocol.values import ReplyWord, Rung

KEYS = (ReplyWord.YES, ReplyWord.NO, ReplyWord.AGAIN, ReplyWord.WAIT, ReplyWord.UNHEARD)
"""In the order of the screen; the first two are the answers, the others are about the talk itself."""


def calm(terminal: Terminal) -> str:
    """One line in plain words; empty while pictures move on both sides, however few."""
    language, ladder = terminal.preferences.language, terminal.ladder
    if ladder.rung is Rung.AUDIO_STILLS:
        return text(language, "calm_stills")
    if ladder.rung is Rung.TEXT:
        return text(language, "calm_text")
    return text(language, "calm_operator") if terminal.operator_still else ""


def words(terminal: Terminal) -> Words | None:
    """The caption and its keys, on the lowest rung alone."""
    if terminal.ladder.rung is not Rung.TEXT:
        return None
    language, replies = terminal.preferences.language, terminal.replies
    keys = tuple(
        Choice(
            kind=TouchKind.REPLY,
            value=word.value,
            label=text(language, f"reply_{word}"),
            selected=replies.chosen is word,
        )
        for word in KEYS
    )
    said = ""
    if replies.chosen is not None:
        label = text(language, f"reply_{replies.chosen}")
        said = text(language, "reply_saying" if replies.waiting else "reply_said", word=label)
    caption = terminal.presentation.caption
    return Words(
        text=caption or text(language, "words_wait"), ask=text(language, "reply_ask"), keys=keys, said=said
    )
