"""Decides which roles may use which request, say which word at a desk, and see which view of it.

Tables, and nothing beside them: a request or a word without a line is refused to everybody. It says only
what a role may; whether the municipality at hand is one in which that role is held is asked with `where`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.core.roles import where
from protocol.values import GuestState, Membership, Role

TAKERS = frozenset({Role.OPERATOR, Role.SPECIALIST, Role.BRANCH})
"""Who may be in a call: operators in any, specialists and branch staff in those that reach them."""

KEEPERS = frozenset({Role.ADMIN, Role.FLEET_ADMIN})
"""Who looks after people and reads the audit."""

SWITCHERS = KEEPERS | {Role.SUPERVISOR}
"""Who turns the disaster switch: in a hurry, so without the second factor anew."""

EVERYBODY = frozenset(Role)


class Proof(StrEnum):
    """What a request must bring before roles are looked at."""

    NONE = "none"  # anybody, or the handler has a proof of its own (a terminal's token, a password)
    HALF = "half"  # the password was right, the second factor is to come
    LOGIN = "login"
    FRESH = "fresh"  # a login whose second factor was given a short while ago


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a request: one of `roles` must be held, in the municipality of the path if it names one."""

    proof: Proof
    roles: Collection[Role] = frozenset()


OPEN, HALF = Rule(Proof.NONE), Rule(Proof.HALF)
MYSELF = Rule(Proof.LOGIN)
"""About the login itself: whoever is logged in, even without any role."""


MYSELF_FRESH = Rule(Proof.FRESH)
"""The same, a short while after a second factor."""


def may(roles: Collection[Role]) -> Rule:
    """These roles."""
    return Rule(Proof.LOGIN, frozenset(roles))


def fresh(roles: Collection[Role]) -> Rule:
    """These roles, a short while after a second factor."""
    return Rule(Proof.FRESH, frozenset(roles))


REQUESTS = {
    "GET /": OPEN,
    "GET /{file_path}": OPEN,  # the built desk
    "GET /api/schema": OPEN,
    "GET /api/schema/openapi.json": OPEN,
    "GET /api/schema/{path}": OPEN,
    "GET /api/health": OPEN,
    "PUT /api/kiosk/captures/{capture}": OPEN,  # the one-time token in it is the proof
    "POST /api/login": OPEN,
    "POST /api/login/code": HALF,
    "POST /api/login/enrol": HALF,
    "POST /api/login/enrol/code": HALF,
    "POST /api/login/passkey": HALF,
    "POST /api/login/passkey/question": HALF,
    "POST /api/login/step-up": MYSELF,
    "POST /api/login/step-up/passkey": MYSELF,
    "POST /api/login/step-up/passkey/question": MYSELF,
    "POST /api/logout": MYSELF,
    "GET /api/me": MYSELF,
    "GET /api/me/passkeys": MYSELF,
    "POST /api/me/passkeys": MYSELF_FRESH,
    "POST /api/me/passkeys/question": MYSELF_FRESH,
    "POST /api/me/passkeys/remove": MYSELF_FRESH,
    "GET /api/desk/municipalities/{municipality}/handbook": may(TAKERS | {Role.SUPERVISOR}),
    "GET /api/desk/calls/{call}/captures/{capture}/image": may(TAKERS),
}
"""Method and path template of every request."""

PEOPLE = "/api/admin/municipalities/{municipality}/people"
REQUESTS |= {
    f"GET {PEOPLE}": may(KEEPERS),
    f"POST {PEOPLE}": fresh(KEEPERS),
    f"POST {PEOPLE}/{{user}}/roles": fresh(KEEPERS),
    f"POST {PEOPLE}/{{user}}/disabled": fresh(KEEPERS),
    f"POST {PEOPLE}/{{user}}/password": fresh(KEEPERS),
    f"POST {PEOPLE}/{{user}}/second-factor": fresh(KEEPERS),
    "GET /api/admin/municipalities/{municipality}/audit": may(KEEPERS),
    "GET /api/admin/municipalities/{municipality}/disaster": may(SWITCHERS),
    "POST /api/admin/municipalities/{municipality}/disaster": may(SWITCHERS),
}

LINK = ("desk_hello", "ping", "pong", "refused", "unsupported")
CALL = (
    "set_presence", "accept", "decline", "hold_call", "resume_call", "end_call", "wrap_up",
    "answer", "candidate", "renew",
    "show_page", "hide_page", "set_focus", "caption", "freeze", "pointer", "ink", "ink_clear",
    "adjust_camera", "choose_camera", "set_volume", "restart_device",
    "request_capture", "abort_capture", "call_staff", "withdraw_staff", "step_conduct",
    "promise_callback", "start_transfer", "step_transfer", "side_offer", "invite_guest", "step_guest",
)  # fmt: skip
JOINED = ("side_answer", "side_candidate", "side_renew")
"""To the operator's desk, by whoever takes part in her call."""

SUPERVISION = ("monitor_call", "watch_board")
BELL = ("set_bells", "staff_coming", "staff_arrived")

WORDS: Mapping[str, Collection[Role]] = (
    dict.fromkeys(LINK, EVERYBODY)
    | dict.fromkeys(CALL, TAKERS)
    | dict.fromkeys(JOINED, TAKERS | {Role.SUPERVISOR})
    | {key: {Role.SUPERVISOR} for key in SUPERVISION}
    | {key: {Role.BRANCH} for key in BELL}
    | {"settle_callback": {Role.SPECIALIST}}
)
"""Every word of a desk."""

INSIDE = frozenset({GuestState.INSIDE})
GUEST_WORDS: Mapping[str, Collection[GuestState]] = {
    "guest_ask": {GuestState.INVITED},
    "guest_leave": {GuestState.LOBBY, GuestState.INSIDE},
    "side_answer": INSIDE,
    "side_candidate": INSIDE,
    "side_renew": INSIDE,
}
"""Every word of a guest, who has no role: in which states it may be said. Those of the link itself aside."""

VIEWS: Mapping[str, Collection[Role]] = {
    "counter": TAKERS,
    "queue": {Role.OPERATOR, Role.SUPERVISOR},
    "wallboard": {Role.SUPERVISOR},
    "bell": {Role.BRANCH},
    "people": KEEPERS,
    "audit": KEEPERS,
    "disaster": SWITCHERS,
}
"""Parts of the desk's page."""


def views(memberships: Collection[Membership]) -> tuple[str, ...]:
    """The parts of the page that somebody sees."""
    return tuple(view for view, roles in VIEWS.items() if where(memberships, roles))


def seen(memberships: Collection[Membership], view: str) -> tuple[str, ...]:
    """The municipalities that somebody sees in a part of the page."""
    return where(memberships, VIEWS[view])


class Verdict(StrEnum):
    """What becomes of a word or a request."""

    ALLOWED = "allowed"
    ROLE = "role"  # a member there, in none of the roles that may
    FOREIGN = "foreign"  # no member there: nothing is to be learnt, not even that it exists


def judge(memberships: Collection[Membership], roles: Collection[Role], municipality: str | None) -> Verdict:
    """Whether one of these roles is held: in this municipality, or with None anywhere."""
    held = where(memberships, roles)
    if municipality is None:
        return Verdict.ALLOWED if held else Verdict.ROLE
    if municipality in held:
        return Verdict.ALLOWED
    return Verdict.ROLE if municipality in where(memberships, EVERYBODY) else Verdict.FOREIGN
