"""Moves what `kiosk.core.relay_ways` decides: asks servers, opens doors through the proxy, keeps what worked.

path = RelayPath(proxy, network=fingerprint, memory=kept, keep=write)
path.look(welcome.ice_servers)                          # at link-up: nobody waits for it
way = await path.way(call.ice_servers)                  # at most LIMIT_S, and the door's few round trips
offer = await media.start(epoch, way.servers, relay_only=way.relay_only)
path.offered(way, offer.sdp)
path.carried(way)                                       # once media came
await path.close()
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiortc.rtcicetransport import parse_stun_turn_uri
from msgspec.structs import replace

from kiosk.core.relay_ways import Choice, RelayWays, Way, way_of
from kiosk.media import ice, probe
from kiosk.media.door import Door
from kiosk.media.tunnel import Proxy
from protocol.errors import LocalError
from protocol.values import IceServer

log = logging.getLogger(__name__)

DOOR_S = 2.0
"""As long as the media library may gather; a proxy that needs longer is no way for a talk."""

KIND = re.compile(r"^a=candidate:.* typ (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class EpochWay:
    """What one epoch may use. `servers` go to `CallMedia.start`; `choice` is what they came from."""

    choice: Choice
    servers: tuple[IceServer, ...]

    @property
    def relay_only(self) -> bool:
        return self.choice.relay_only


class RelayPath:
    """One per agent; everything on the event loop's thread."""

    def __init__(
        self,
        proxy: Proxy | None = None,
        *,
        network: Callable[[], str] = lambda: "",
        memory: Mapping[str, Sequence[str]] | None = None,
        keep: Callable[[dict[str, tuple[str, ...]]], None] = lambda memory: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`network` names the network that we are in, `keep` stores what `memory` brings back."""
        self._proxy = proxy
        self._network = network
        self._keep = keep
        self._tls = tls or ssl.create_default_context()
        self._ways = RelayWays(memory)
        self._news = asyncio.Event()
        self._tries: set[asyncio.Task[None]] = set()
        self._doors: list[Door] = []

    def look(self, servers: Sequence[IceServer], *, doubt: bool = False) -> None:
        """Asks all servers at once, unless their answers are fresh. `doubt`: an epoch has just failed."""
        for url in self._ways.to_try(ice.usable(servers), self._network(), time.monotonic(), doubt=doubt):
            task = asyncio.create_task(self._try(url), name="relay-try")
            self._tries.add(task)
            task.add_done_callback(self._tries.discard)

    async def way(
        self, servers: Sequence[IceServer], *, relay_only: bool = False, doubt: bool = False
    ) -> EpochWay:
        """What the next epoch may use; waits for answers as long as `relay_ways` says."""
        self.look(servers, doubt=doubt)
        while not self._ways.settled(now := time.monotonic()):
            self._news.clear()
            try:
                async with asyncio.timeout(self._ways.deadline() - now):
                    await self._news.wait()
            except TimeoutError:
                break
        choice, relay = await self._choose(servers, relay_only)
        log.info(
            "way to the relay chosen",
            extra={"way": choice.way.name.lower() if choice.way else "none", "alone": choice.relay_only},
        )
        return EpochWay(choice, tuple(server for server in (choice.stun, relay) if server is not None))

    def offered(self, way: EpochWay, sdp: str) -> None:
        """The offer shows what was really got."""
        if self._ways.gathered(way.choice, frozenset(KIND.findall(sdp))):
            self._keep(self._ways.memory)

    def carried(self, way: EpochWay) -> None:
        """Media came in this epoch."""
        if self._ways.carried(way.choice):
            self._keep(self._ways.memory)

    async def close(self) -> None:
        """Ends tries and doors."""
        tries = list(self._tries)
        for task in tries:
            task.cancel()
        await asyncio.gather(*tries, return_exceptions=True)
        for door in self._doors:
            await door.close()

    async def _choose(
        self, servers: Sequence[IceServer], relay_only: bool
    ) -> tuple[Choice, IceServer | None]:
        """The choice, and its relay as the media library reaches it; the next best when the proxy says no."""
        while True:
            choice = self._ways.choose(ice.usable(servers), relay_only=relay_only)
            relay = await self._through_proxy(choice.relay)
            if relay is not None or choice.relay is None:
                return choice, relay
            self._ways.answered(choice.relay.urls[0], False, time.monotonic())

    async def _try(self, url: str) -> None:
        came = await probe.answers(url, self._tls, self._proxy)
        self._ways.answered(url, came, time.monotonic())
        self._news.set()

    async def _through_proxy(self, relay: IceServer | None) -> IceServer | None:
        """The same server, by a door if only the proxy leads there; None when it does not."""
        if relay is None or self._proxy is None or way_of(relay.urls[0]) is not Way.TLS:
            return relay
        server = parse_stun_turn_uri(relay.urls[0])
        try:
            async with asyncio.timeout(DOOR_S):
                door = await Door.open(self._proxy, server["host"], server["port"], self._tls)
        except (OSError, LocalError) as error:
            log.warning("no way to the relay through the proxy", extra={"error": str(error)})
            return None
        self._doors = [one for one in self._doors if not one.closed] + [door]
        return replace(relay, urls=(door.url,))
