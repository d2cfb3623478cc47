"""Decides how the epoch after a failed one goes: trying everything anew, or through the relay alone.

An epoch that carried and broke is tried again over whatever is open now. One that never carried anything
would only fail the same way once more: the next goes by TURN over TLS alone, and back to everything
should that fail as well. What carried is kept for the rest of the call. Never starts an epoch itself.
"""

from __future__ import annotations

COMPLAINTS = frozenset({"no_media", "failed"})
"""Reasons of a desk that mean: nothing arrives here. Its other reasons say nothing about the network."""

YOUNG_S = 4.0
"""A complaint that comes sooner after an epoch's beginning is about the one before: a desk waits for 5 s."""

AGAIN_S = 30.0
"""Two complaints within this time, though media arrives here, are a line that is dead in one direction."""


class Renewal:
    """One per terminal. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.doubt = False  # of the next epoch: ask the network again
        self.relay_only = False
        self._began: float | None = None  # the newest epoch
        self._carried = False  # media came in it
        self._complained: float | None = None  # the desk, last

    def begun(self, now: float) -> None:
        """An epoch was started as `doubt` and `relay_only` say."""
        self._began, self._carried, self.doubt = now, False, False

    def carried(self) -> None:
        """Media came in the newest epoch."""
        self._carried = True

    def lost(self) -> None:
        """The newest epoch is silent, or never was anything else; the next one follows."""
        self._failed(useless=not self._carried)

    def asked(self, reason: str, now: float) -> bool:
        """The desk asks for another epoch. False when it complains of one that has been replaced already."""
        if reason not in COMPLAINTS:
            return True
        if self._began is not None and now < self._began + YOUNG_S:
            return False
        deaf = self._complained is not None and now < self._complained + AGAIN_S
        self._complained = now
        self._failed(useless=deaf or not self._carried)
        return True

    def _failed(self, *, useless: bool) -> None:
        self.doubt = True
        if useless:
            self.relay_only = not self.relay_only
            self._complained = None
