"""The bus of one process: a dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hub.bus.port import Parcel, Receiver


class LocalBus:
    """Delivers at once and in order; forgets a topic with its last receiver."""

    def __init__(self) -> None:
        self._receivers: dict[str, list[Receiver]] = {}

    async def publish(self, topic: str, parcel: Parcel) -> None:
        """To every receiver of the topic."""
        self.deliver(topic, parcel)

    async def tell(self, words: Sequence[tuple[str, Parcel]], turn: int = 0, *, news: bool = False) -> None:
        """Alone, turns are in order by themselves."""
        for topic, parcel in words:
            self.deliver(topic, parcel)

    def deliver(self, topic: str, parcel: Parcel) -> None:
        """The same without waiting for anything."""
        for receiver in tuple(self._receivers.get(topic, ())):
            receiver(parcel)

    def listens(self, topic: str) -> bool:
        """Whether anybody receives it here."""
        return topic in self._receivers

    @contextmanager
    def subscribe(self, topic: str, receiver: Receiver) -> Iterator[None]:
        """Receive within the block."""
        receivers = self._receivers.setdefault(topic, [])
        receivers.append(receiver)
        try:
            yield
        finally:
            receivers.remove(receiver)
            if not receivers:
                self._receivers.pop(topic, None)
