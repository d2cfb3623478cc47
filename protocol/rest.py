"""Bodies of the HTTPS requests between desk, kiosk and hub; the links carry everything else."""

from __future__ import annotations

from typing import Annotated

import msgspec

from protocol.values import (
    CaptureKind,
    Count,
    Id,
    Me,
    Membership,
    Moment,
    Name,
    Page,
    PageBlock,
    Role,
    Text,
    Value,
)


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
    passkey: bool = False  # a passkey serves as well as a code


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


class PasskeyQuestion(Value, frozen=True):
    """What a browser is to be asked about a passkey: the JSON form of WebAuthn's options, as text."""

    options: Annotated[str, msgspec.Meta(max_length=32 * 1024)]


class PasskeyAnswer(Value, frozen=True):
    """The browser's answer: the JSON form of WebAuthn's credential, as text."""

    answer: Annotated[str, msgspec.Meta(min_length=1, max_length=32 * 1024)]


class PasskeyNew(Value, frozen=True):
    """Body of POST /api/me/passkeys: an answer, and what its owner calls it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    answer: Annotated[str, msgspec.Meta(min_length=1, max_length=32 * 1024)]


class PasskeyShown(Value, frozen=True):
    """One of somebody's own passkeys."""

    id: Id
    name: Name
    made_at: Moment
    used_at: Moment | None = None


class PasskeyGone(Value, frozen=True):
    """Body of /api/me/passkeys/remove."""

    id: Id


class PasskeyList(Value, frozen=True):
    """Answer of /api/me/passkeys. `offered`: another one may be added."""

    offered: bool
    passkeys: tuple[PasskeyShown, ...] = ()


class KeptPerson(Value, frozen=True):
    """Somebody of a municipality as its admin sees her. `roles` are those in this municipality."""

    user: Id
    login_name: Name
    name: Name
    roles: tuple[Membership, ...]
    elsewhere: bool = False  # works for other municipalities too
    disabled: bool = False
    second_factor: bool = False
    mine: bool = True  # this admin may disable her and reset what she logs in with


class KeptPeople(Value, frozen=True):
    """Answer of /api/admin/municipalities/{id}/people."""

    people: tuple[KeptPerson, ...]
    departments: tuple[tuple[str, str], ...] = ()  # (id, name)
    roles: tuple[tuple[Role, str], ...] = ()  # that this admin may give, with their names


class RolesWanted(Value, frozen=True):
    """Body of .../people/{user}/roles: (role, department or null). With none she leaves the town."""

    roles: Annotated[tuple[tuple[Role, Id | None], ...], msgspec.Meta(max_length=12)]


class PersonWanted(Value, frozen=True):
    """Body of POST .../people."""

    login_name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    name: Name
    roles: Annotated[tuple[tuple[Role, Id | None], ...], msgspec.Meta(min_length=1, max_length=12)]


class Disabled(Value, frozen=True):
    """Body of .../people/{user}/disabled."""

    disabled: bool


class NewPassword(Value, frozen=True):
    """Made by the hub, told once to the admin who asked."""

    password: str


class AuditLine(Value, frozen=True):
    """An entry of the audit trail, in words."""

    id: Count
    at: Moment
    actor: str  # as people read it
    action: Id
    words: Text  # the action as people read it
    subject: str = ""
    detail: tuple[tuple[str, str], ...] = ()


class AuditPage(Value, frozen=True):
    """Answer of .../audit, newest first; `before` asks for what is older, null when there is no more."""

    lines: tuple[AuditLine, ...]
    before: Count | None = None


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
    phrases: tuple[Text, ...] = ()  # canned captions, the municipality's own first
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


class DisasterSwitch(Value, frozen=True):
    """The disaster switch of a municipality; `page` is empty while it is off."""

    page: str
    pages: tuple[tuple[str, str], ...]  # id and title of those that are prepared


class DisasterWanted(Value, frozen=True):
    """Show this page on every terminal; an empty one: none any more."""

    page: Annotated[str, msgspec.Meta(max_length=64)]


REST_BODIES: tuple[type[Value], ...] = (
    Failure,
    Login,
    LoggedIn,
    HalfLogin,
    FactorCode,
    Enrolment,
    Enrolled,
    PasskeyQuestion,
    PasskeyAnswer,
    PasskeyNew,
    PasskeyShown,
    PasskeyGone,
    PasskeyList,
    KeptPerson,
    KeptPeople,
    RolesWanted,
    PersonWanted,
    Disabled,
    NewPassword,
    AuditLine,
    AuditPage,
    DisasterSwitch,
    DisasterWanted,
    HandbookProcedure,
    Handbook,
    CaptureStored,
    Health,
)
