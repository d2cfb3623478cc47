"""How a message finds the socket of its receiver, wherever that socket is.

Few methods, so that another bus (a database's notifications, a message broker) can stand behind them. A bus
is a hint: tables are the truth, and a receiver that is not there misses nothing that its snapshot lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from protocol.envelope import Message


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message with what its envelope needs; `seq` and `ack` are the link's own."""

    message: Message
    call: str | None = None
    epoch: int | None = None
    expires: datetime | None = None


Receiver = Callable[[Parcel], None]
"""Takes a parcel at once, without waiting: a link that cannot keep up closes itself."""


class Subscription(Protocol):
    """Receives until it is closed, or for the length of a `with` block."""

    def close(self) -> None:
        """Receive nothing more; closing twice is harmless."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Bus(Protocol):
    """Topics are `kiosk_topic(device)`, `desk_topic(user)` and `guest_topic(guest)`."""

    async def publish(self, topic: str, parcel: Parcel) -> None:
        """Give it to everybody who subscribed; nobody there is no error. For what changes nothing written."""

    async def tell(self, words: Sequence[tuple[str, Parcel]], turn: int = 0, *, news: bool = False) -> None:
        """Publish what a turn says once it is written.

        Among several hubs `turn` is its number; receivers hear turns in the order of their numbers, whichever
        hub had them. `news`: the other hubs had better look at the tables at once.
        """

    def deliver(self, topic: str, parcel: Parcel) -> None:
        """Give it to whoever subscribed in this process: what each hub says to its own links."""

    def subscribe(self, topic: str, receiver: Receiver) -> Subscription:
        """Receive from now on, in the order of publishing."""


def kiosk_topic(device: str) -> str:
    """Where a terminal listens."""
    return f"kiosk:{device}"


def desk_topic(user: str) -> str:
    """Where an operator's desk listens."""
    return f"desk:{user}"


def guest_topic(guest: str) -> str:
    """Where a guest's page listens."""
    return f"guest:{guest}"
