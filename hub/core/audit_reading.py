"""How an entry of the audit trail reads for an admin: names for ids, words for actions."""

from __future__ import annotations

from collections.abc import Mapping

from hub.core.audit import WORDS, Entry
from protocol.rest import AuditLine

ACTORS = {"hub": "ハブ", "command": "コマンド", "unknown": "不明"}


def actor(text: str, names: Mapping[str, str]) -> str:
    """'user:ID', 'kiosk:ID', 'hub' or 'command' as people read it; a name that is gone stays an id."""
    kind, _, id = text.partition(":")
    if kind == "user":
        return names.get(id, id)
    return f"端末 {id}" if kind == "kiosk" else ACTORS.get(kind, text)


def line(id: int, entry: Entry, names: Mapping[str, str]) -> AuditLine:
    """One line of the page."""
    return AuditLine(
        id=id, at=entry.at, actor=actor(entry.actor, names), action=str(entry.action),
        words=WORDS.get(entry.action, str(entry.action)), subject=names.get(entry.subject, entry.subject),
        detail=tuple((key, str(value)) for key, value in sorted(entry.detail.items())),
    )  # fmt: skip
