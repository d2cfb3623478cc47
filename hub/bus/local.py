"""The bus of one process: a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from hub.bus.port import Parcel, Receiver, Subscription


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

    def subscribe(self, topic: str, receiver: Receiver) -> Subscription:
        """Receive from now on."""
        self._receivers.setdefault(topic, []).append(receiver)
        return _Entry(self._receivers, topic, receiver)


class _Entry:
    """One line of the dictionary."""

    __slots__ = ("_receiver", "_receivers", "_topic")

    def __init__(self, receivers: dict[str, list[Receiver]], topic: str, receiver: Receiver) -> None:
        self._receivers = receivers
        self._topic = topic
        self._receiver: Receiver | None = receiver

    def close(self) -> None:
        """The topic goes with its last receiver."""
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        receivers = self._receivers[self._topic]
        receivers.remove(receiver)
        if not receivers:
            del self._receivers[self._topic]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()
