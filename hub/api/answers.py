"""What a refused request gets: a status, a stable code, a sentence for the person; no framework page."""

from __future__ import annotations

import logging
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from hub.core.call import NotNow
from hub.core.captures import UploadError
from hub.store.database import NotWrittenError
from protocol.rest import Failure

log = logging.getLogger(__name__)


class RefusedError(Exception):
    """Answer this request with a failure."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status = status
        self.failure = Failure(code=code, text=text)


NOT_FOUND = RefusedError(404, "not_found", "見つかりません。")

_TEXTS = {
    400: ("bad_request", "送られた内容を読み取れませんでした。"),
    404: ("not_found", "見つかりません。"),
    405: ("method", "この操作はできません。"),
    413: ("too_large", "送られた内容が大きすぎます。"),
    415: ("media_type", "この形式は受け付けていません。"),
}


def _failure(status: int, failure: Failure) -> Response[Failure]:
    return Response(failure, status_code=status, media_type=MediaType.JSON)


def _refused(_: Request[Any, Any, Any], error: RefusedError) -> Response[Failure]:
    return _failure(error.status, error.failure)


def _upload(_: Request[Any, Any, Any], error: UploadError) -> Response[Failure]:
    return _failure(error.status, Failure(code=error.code, text=error.message))


def _not_now(_: Request[Any, Any, Any], error: NotNow) -> Response[Failure]:
    return _failure(409, Failure(code=error.code, text=error.message))


def _not_written(request: Request[Any, Any, Any], error: NotWrittenError) -> Response[Failure]:
    log.error("request not written", extra={"path": request.url.path, "why": error.message})
    text = "記録を保存できないため、実行しませんでした。管理者に連絡してください。"
    return _failure(507, Failure(code=error.code, text=text))


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[Failure]:
    code, text = _TEXTS.get(error.status_code, ("failed", "処理できませんでした。"))
    return _failure(error.status_code, Failure(code=code, text=text))


def _too_deep(_: Request[Any, Any, Any], __: RecursionError) -> Response[Failure]:
    """A body nested beyond what the decoder follows; nothing of ours recurses."""
    return _failure(400, Failure(code="bad_request", text=_TEXTS[400][1]))


def _not_utf8(_: Request[Any, Any, Any], __: UnicodeDecodeError) -> Response[Failure]:
    """A body that is not UTF-8: msgspec raises this one past the framework; nothing of ours decodes here."""
    return _failure(400, Failure(code="bad_request", text=_TEXTS[400][1]))


def _ours(request: Request[Any, Any, Any], _: Exception) -> Response[Failure]:
    log.exception("request failed", extra={"method": request.method, "path": request.url.path})
    text = "サーバーで問題が起きました。もう一度お試しください。"
    return _failure(500, Failure(code="internal", text=text))


HANDLERS: ExceptionHandlersMap = {
    RefusedError: _refused,
    UploadError: _upload,
    NotNow: _not_now,
    NotWrittenError: _not_written,
    HTTPException: _http,
    RecursionError: _too_deep,
    UnicodeDecodeError: _not_utf8,
    Exception: _ours,
}
