"""Decides how much of late sound is still sent after silence stood in for it.

A microphone whose blocks come late under load is first replaced by silence and then delivers all of them.
Were both sent, the desk would get more than a second of sound in a second, and its buffer would grow. Never
sends, never reads a clock.
"""

from __future__ import annotations

SLACK_S = 0.04
"""So much more than the elapsed time may be sent: blocks come a little early, too."""

CATCH_UP_S = 2.0
"""Sound that has not come so long after the last silence was never recorded: nothing is owed any more."""


class Pace:
    """`stood_in` for each block of silence, `allowed` for the blocks that came. Times are monotonic s."""

    def __init__(self, step: float) -> None:
        self._step = step  # seconds of one block
        self._since: float | None = None  # last sound before the gap; None while nothing is owed
        self._sent = 0  # blocks since then, silence included
        self._until = 0.0  # when the debt is forgotten

    def stood_in(self, now: float, last_sound: float) -> None:
        """One block of silence was sent; the last sound came at `last_sound`."""
        if self._since is None or now > self._until:
            self._since, self._sent = max(last_sound, now - CATCH_UP_S), 0
        self._sent += 1
        self._until = now + CATCH_UP_S

    def allowed(self, blocks: int, now: float) -> int:
        """How many of `blocks` may be sent: send the newest, forget the rest."""
        if self._since is None:
            return blocks
        if now > self._until:
            self._since = None
            return blocks
        budget = int((now - self._since + SLACK_S) / self._step) - self._sent
        sent = max(0, min(blocks, budget))
        self._sent += sent
        return sent
