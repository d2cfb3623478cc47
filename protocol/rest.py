"""Bodies of the HTTPS requests between desk, kiosk and hub; the links carry everything else."""

from __future__ import annotations

from typing import Annotated

import msgspec

from protocol.values import CaptureKind, Count, Id, Me, Name, Page, PageBlock, Text, Value


class Failure(Value, frozen=True):
    """Body of every refused request. `code` is stable, `text` is for the person (Japanese)."""

    code: Id
    text: Text


class Login(Value, frozen=True):
    """Body of POST /api/login."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class LoggedIn(Value, frozen=True):
    """Answer of /api/login and /api/me. `csrf` goes back in X-Madoguchi-CSRF with every change."""

    me: Me
    csrf: str


class HalfLogin(Value, frozen=True):
    """Answer 202 of /api/login: the password was right, and a second factor is wanted.

    `step`: code (of the app, or a recovery code), or enrol (there is none yet). `csrf` as in LoggedIn.
    """

    step: Annotated[str, msgspec.Meta(pattern="^(code|enrol)$")]
    csrf: str


class FactorCode(Value, frozen=True):
    """Body of /api/login/code, /api/login/enrol/code and /api/login/step-up."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Enrolment(Value, frozen=True):
    """Answer of /api/login/enrol: what an authenticator app wants, as QR code and for typing."""

    uri: str
    secret: str


class Enrolled(Value, frozen=True):
    """Answer of /api/login/enrol/code. Recovery codes are told here and never again."""

    login: LoggedIn
    recovery: tuple[str, ...]


class HandbookProcedure(Value, frozen=True):
    """What an operator needs for one procedure; texts are plain, without ruby."""

    id: Id
    title: Name
    sub: Text = ""
    ready: tuple[Text, ...] = ()  # what the resident should have at hand
    greeting: Text = ""  # to read aloud
    handbook: tuple[PageBlock, ...] = ()
    pages: tuple[Id, ...] = ()  # guidance pages, in the order in which they are usually shown
    captures: tuple[CaptureKind, ...] = ()  # stills that this procedure usually needs


class Handbook(Value, frozen=True):
    """Answer of /api/desk/municipalities/{id}/handbook; pages are as the resident sees them."""

    municipality: Id
    name: Name
    procedures: tuple[HandbookProcedure, ...] = ()
    pages: tuple[Page, ...] = ()
    readings: tuple[tuple[Text, Text], ...] = ()  # (kanji, kana) of its texts, for a search by sound


class CaptureStored(Value, frozen=True):
    """Answer of PUT /api/kiosk/captures/{id}: what the hub has; the digest is over the plain JPEG."""

    sha256: str
    width: Count
    height: Count
    bytes: Count


class Health(Value, frozen=True):
    """Answer of /api/health."""

    status: Annotated[str, msgspec.Meta(pattern="^ok$")]
    version: str


REST_BODIES: tuple[type[Value], ...] = (
    Failure,
    Login,
    LoggedIn,
    HalfLogin,
    FactorCode,
    Enrolment,
    Enrolled,
    HandbookProcedure,
    Handbook,
    CaptureStored,
    Health,
)
