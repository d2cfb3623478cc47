"""Runs the application until a signal: binds first, so that a taken port is said before anything starts."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import resource
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from litestar.types import ASGIApp

from hub.api.app import application
from hub.connections import HEAD_LIMIT, Crowd, CrowdConfig, PromptHttp
from hub.house import House
from hub.scheduler import Scheduler
from hub.settings import Listen
from protocol.errors import LocalError
from protocol.strict_json import LIMIT

log = logging.getLogger(__name__)

GRACE_S = 5
"""Seconds that running requests get at a stop."""

HANDSHAKE_S = 5.0
"""Seconds for a TLS handshake, and for its goodbye."""

GOODBYE_S = 0.3
"""For the links to hear that the hub is going away."""


FILES = 65_536
"""Open files that the hub asks for, where the machine lets it: the usual 1,024 are two busy addresses."""


class PortInUseError(LocalError):
    """Somebody else listens there."""


def bind(listen: Listen) -> socket.socket:
    """The listening socket. PortInUseError, or LocalError for an address that this machine does not have."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    # asyncio lets small messages leave at once only where the protocol is named; Nagle holds them 40 ms
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listen.host, listen.port))
    except OSError as error:
        bound.close()
        where = f"{listen.host} port {listen.port}"
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                "port_in_use",
                f"{where}: another program listens there; stop it (ss -ltnp shows which), or choose another "
                "with --port N or listen.port",
            ) from None
        raise LocalError("address", f"{where}: cannot listen: {error.strerror}; check listen.host") from None
    return bound


class Server(uvicorn.Server):
    """Tells all links before it stops."""

    def __init__(self, config: uvicorn.Config, house: House) -> None:
        super().__init__(config)
        self._house = house

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """The first signal stops gracefully, the second at once; the program ends by itself, code 0."""
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, with a bound on TLS handshakes: until theirs is done, nobody has been counted."""
        if not self.config.is_ssl:
            await super().startup(sockets)
            return
        self.servers = [
            await asyncio.get_running_loop().create_server(
                self._connection, sock=one, ssl=self.config.ssl, backlog=self.config.backlog,
                ssl_handshake_timeout=HANDSHAKE_S, ssl_shutdown_timeout=HANDSHAKE_S,
            )
            for one in sockets or ()
        ]  # fmt: skip
        self.started = True

    def _connection(self) -> PromptHttp:
        return PromptHttp(config=self.config, server_state=self.server_state, app_state={})

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """SIGTERM or SIGINT has come."""
        log.info("hub going away", extra={"links": len(self._house.registry)})
        self._house.registry.going_away()
        await asyncio.sleep(GOODBYE_S if len(self._house.registry) else 0)
        await super().shutdown(sockets)


def config(app: ASGIApp, listen: Listen) -> uvicorn.Config:
    """How the server reads the network."""
    return CrowdConfig(
        app,
        crowd=Crowd(listen.connections_per_address, listen.trusted_proxies),
        host=listen.host,
        port=listen.port,
        h11_max_incomplete_event_size=HEAD_LIMIT,
        ws_max_size=LIMIT,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # the links have a heartbeat of their own
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(listen.trusted_proxies),
        forwarded_allow_ips=list(listen.trusted_proxies),
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=listen.certificate or None,
        ssl_keyfile=listen.private_key or None,
    )


def allow_files() -> int:
    """As many open files as this process may have, at most FILES; gives how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


def spare_the_collector() -> None:
    """What is there when the hub begins to serve stays, so nobody need look through it for rubbish.

    Nor after every 700 new objects: a thousand links come with some hundred thousand, of which none is any.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def serve(house: House, bound: socket.socket) -> None:
    """Until SIGTERM or SIGINT; everything is written by then."""
    allow_files()
    spare_the_collector()
    tasks = [
        asyncio.create_task(Scheduler(house.counter, house.clock).run()),
        asyncio.create_task(house.inspection.run()),
        asyncio.create_task(house.wallboards.run()),
    ]
    if house.nodes is not None:
        tasks.append(asyncio.create_task(house.nodes.run()))
    server = Server(config(application(house), house.settings.listen), house)
    log.info("hub listening", extra={"address": f"{bound.getsockname()[0]}:{bound.getsockname()[1]}"})
    try:
        await server.serve(sockets=[bound])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await house.close()
        log.info("hub stopped")
