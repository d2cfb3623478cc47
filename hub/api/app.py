"""The web application of a house: REST, the sockets, the built pages."""

from __future__ import annotations

import logging
from importlib import metadata
from pathlib import Path

from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp, ControllerRouterHandler

from hub.api import audit, desk, disaster, keeping, logging_in, passkeys, uploads
from hub.api.answers import HANDLERS
from hub.api.door import Door
from hub.api.who import guard
from hub.house import House
from hub.sockets.desk import DeskSocket
from hub.sockets.guest import GuestSocket
from hub.sockets.kiosk import KioskSocket
from protocol.rest import Health

log = logging.getLogger(__name__)

BODY_LIMIT = 64 * 1024
"""Bytes of a request; stills have a limit of their own."""

NOT_BUILT = """<!doctype html><html lang="ja"><meta charset="utf-8"><title>窓口</title>
<h1>オペレーター画面がまだ作られていません</h1>
<p>The operator's desk has not been built. Run <code>make desk</code> in the project's directory, then start
the hub again.</p></html>
"""


def version() -> str:
    """Of the installed package; a bare checkout has none."""
    try:
        return metadata.version("madoguchi")
    except metadata.PackageNotFoundError:
        return "not installed"


@get("/api/health")
async def health() -> Health:
    """The hub answers."""
    return Health(status="ok", version=version())


@get("/", include_in_schema=False, media_type=MediaType.HTML)
async def not_built() -> Response[str]:
    """In place of a desk that is not there."""
    return Response(NOT_BUILT, status_code=503, media_type=MediaType.HTML)


def _desk_files(dist: Path) -> ControllerRouterHandler:
    if (dist / "index.html").is_file():
        return create_static_files_router(
            path="/", directories=[dist], html_mode=True, include_in_schema=False
        )
    log.warning("the desk is not built; run: make desk", extra={"path": str(dist)})
    return not_built


def application(house: House) -> ASGIApp:
    """Everything behind one port."""
    handlers: list[ControllerRouterHandler] = [
        logging_in.log_in, logging_in.prove, logging_in.enrol, logging_in.confirm, logging_in.step_up,
        logging_in.log_out, logging_in.me, *passkeys.HANDLERS, *keeping.HANDLERS, audit.audit,
        disaster.state, disaster.turn,
        desk.handbook, desk.image, uploads.upload,
        health,
        _desk_files(house.desk),
    ]  # fmt: skip
    app = Litestar(
        route_handlers=handlers,
        guards=[guard],
        state=State({"house": house}),
        exception_handlers=HANDLERS,
        request_max_body_size=BODY_LIMIT,
        openapi_config=OpenAPIConfig(
            title="Madoguchi hub", version=version(), path="/api/schema", render_plugins=[JsonRenderPlugin()]
        ),
        logging_config=None,
    )
    links: dict[str, ASGIApp] = {
        "/ws/kiosk": KioskSocket(house), "/ws/desk": DeskSocket(house), "/ws/guest": GuestSocket(house),
    }  # fmt: skip
    return Door(app, house.settings.listen.names, links)
