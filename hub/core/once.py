"""Decides whether a message has had its effect already.

Remembers the newest ids of each sender, across its links. What must survive a restart of the hub (a touch, a
capture) carries its id in the table instead.
"""

from __future__ import annotations

from collections import OrderedDict


class Once:
    """The newest `ids` ids of each of the newest `senders` senders."""

    def __init__(self, *, ids: int = 512, senders: int = 10_000) -> None:
        self._ids = ids
        self._senders = senders
        self._seen: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def first(self, sender: str, id: str) -> bool:
        """Whether this id is new; it is remembered."""
        seen = self._seen.setdefault(sender, OrderedDict())
        self._seen.move_to_end(sender)
        if len(self._seen) > self._senders:
            self._seen.popitem(last=False)
        if id in seen:
            return False
        seen[id] = None
        if len(seen) > self._ids:
            seen.popitem(last=False)
        return True

    def forget(self, sender: str, id: str) -> None:
        """It had no effect after all: the sender may say it again."""
        self._seen.get(sender, OrderedDict()).pop(id, None)
