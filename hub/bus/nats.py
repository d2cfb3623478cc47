"""A NATS server as carrier: for more relayed messages than a database's notifications carry."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from hub.bus.shared import CarrierError
from protocol.errors import LocalError

log = logging.getLogger(__name__)

CONNECT_S = 2
RETRY_S = 0.2


class NatsCarrier:
    """All hubs of one `name` hear one another. `credentials` is a file, or '' for none."""

    def __init__(self, servers: Sequence[str], name: str, credentials: str = "") -> None:
        self._servers = list(servers)
        self._subject = f"madoguchi.{name.replace('.', '-')}"
        self._credentials = credentials or None
        self._client: Client | None = None

    async def open(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """LocalError when no server answers at the start; later ones are waited for."""

        async def take(message: Msg) -> None:
            heard(message.data.decode())

        async def again() -> None:
            missed()

        async def failed(error: Exception) -> None:
            log.warning("message server", extra={"why": str(error) or type(error).__name__})

        try:
            async with asyncio.timeout(CONNECT_S):
                self._client = await nats.connect(
                    self._servers, max_reconnect_attempts=-1,
                    reconnect_time_wait=RETRY_S, reconnected_cb=again, error_cb=failed,
                    user_credentials=self._credentials, allow_reconnect=True, name="madoguchi-hub",
                )  # fmt: skip
        except (OSError, NatsError, TimeoutError) as error:
            raise LocalError(
                "bus",
                f"{', '.join(self._servers)}: no NATS server answers ({str(error) or type(error).__name__}); "
                "start it, or set bus.nats",
            ) from None
        await self._client.subscribe(self._subject, cb=take)
        await self._client.flush()

    async def send(self, texts: Sequence[str]) -> None:
        """The server has them when this returns, and passes them on in order."""
        if self._client is None or not self._client.is_connected:
            raise CarrierError("no NATS server is connected")
        try:
            for text in texts:
                await self._client.publish(self._subject, text.encode())
            await self._client.flush(CONNECT_S)
        except (OSError, NatsError, TimeoutError) as error:
            raise CarrierError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Flushes what was handed over."""
        if self._client is None:
            return
        try:
            async with asyncio.timeout(1):
                await self._client.flush()
        except (TimeoutError, OSError, NatsError):
            log.debug("message server gone before the end")
        await self._client.close()
