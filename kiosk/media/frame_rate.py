"""Decides which frames of a camera are wanted for a lower rate: evenly spread, and none lost to a jitter of
the camera or of a busy machine. Times are seconds of the camera's clock.
"""

from __future__ import annotations

EARLY = 0.3  # of an interval: so much before its time a frame is still taken,
EARLY_S = 0.015  # but no more than this: half an interval of a usual camera


class FrameRate:
    """Ask `wants`, and tell `took` when the frame was really taken."""

    def __init__(self) -> None:
        self._slot = float("-inf")  # when the frame that was taken last was due

    def wants(self, captured: float, fps: float) -> bool:
        """Whether a frame of this moment belongs into a stream of `fps` frames a second."""
        return captured >= self._slot + 1 / fps - min(EARLY / fps, EARLY_S)

    def took(self, captured: float, fps: float) -> None:
        """The next is due one interval after this one was due: its lateness is not handed on. Only a pause
        begins the count anew."""
        due = self._slot + 1 / fps
        self._slot = due if captured - due <= 1 / fps else captured
