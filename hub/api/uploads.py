"""Takes a still from a terminal: one token, one picture, sealed before it is acknowledged."""

from __future__ import annotations

import logging
from datetime import timedelta

from litestar import put
from litestar.params import FromPath

from hub.api.answers import RefusedError
from hub.api.who import Asked, house_of
from hub.core import captures as rules
from hub.core.captures import BODY_LIMIT, CaptureRecord, UploadError
from hub.core.jpeg import Size
from hub.counter import stills
from hub.house import House
from hub.store import captures, places
from hub.store.database import NotWrittenError
from hub.store.fences import POOL
from protocol.rest import CaptureStored

log = logging.getLogger(__name__)


@put("/api/kiosk/captures/{capture:str}", status_code=201, request_max_body_size=BODY_LIMIT)
async def upload(request: Asked, capture: FromPath[str]) -> CaptureStored:
    """201; 401 bad token, 409 already stored, 413, 415 not a JPEG, 422 digest differs, 507 no space."""
    house = house_of(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    async with house.database.read(POOL) as tx:
        record = rules.check_token(await captures.by_upload(tx, capture[:64]), token)
        if await places.find_kiosk(tx, record.kiosk) is None:
            raise UploadError(401, "bad_token", "この端末の登録は取り消されています。")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "image/jpeg":
        raise UploadError(415, "not_jpeg", "JPEGの写真ではありません。")
    body = await request.body()
    digest, size = rules.check_body(body, request.headers.get("x-madoguchi-sha256", ""))
    await _keep(house, record, token, body, digest, size)
    log.info("capture stored", extra={"capture": record.id, "bytes": len(body)})
    return CaptureStored(sha256=digest, width=size.width, height=size.height, bytes=len(body))


async def _keep(
    house: House, record: CaptureRecord, token: str, body: bytes, digest: str, size: Size
) -> None:
    """In one turn, so that of two uploads with the same token the second is refused before it writes."""
    laid = False
    try:
        async with house.counter.turn() as turn:
            fresh = rules.check_token(await captures.by_upload(turn.tx, record.id), token)
            wrapped = await house.stills.put(fresh, body)
            laid = True
            until = turn.now + timedelta(hours=house.settings.captures.keep_h)
            stored = rules.store(fresh, digest, size, len(body), turn.now, until)
            await stills.keep(turn, fresh, stored, wrapped)
    except (OSError, NotWrittenError) as error:
        log.error("capture not stored", extra={"capture": record.id, "why": str(error)})
        if laid:
            await house.stills.drop(record)  # without its key it is noise
        raise RefusedError(
            507, "no_space", "写真を保存できませんでした。管理者に連絡してください。"
        ) from None
