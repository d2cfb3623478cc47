"""All settings of the hub: config/hub.yaml. Relative paths start where the hub is started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import msgspec

from hub.core import away
from hub.core.networks import Networks
from hub.core.passkey_site import site, site_problem
from hub.origin import known_host
from protocol.errors import one_or_all
from protocol.strict_yaml import read, setting
from protocol.values import AwayReason


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every group."""


class Listen(Part, frozen=True):
    """Where the hub is reached."""

    host: Annotated[str, setting("Address to bind; keep loopback behind a proxy", example="127.0.0.1")] = (
        "127.0.0.1"
    )
    port: Annotated[int, setting("TCP port", ge=1, le=65535)] = 8350
    names: Annotated[
        tuple[str, ...],
        setting("Host names under which browsers reach the desk; others are refused", min_length=1),
    ] = ("127.0.0.1", "localhost")
    trusted_proxies: Annotated[
        tuple[str, ...], setting("Addresses of proxies whose X-Forwarded-For and -Proto count")
    ] = ()
    connections_per_address: Annotated[
        int, setting("Open connections of one address; an office behind one router is one", ge=16, le=100_000)
    ] = 512
    certificate: Annotated[str, setting("PEM file with the certificate chain; empty for plain HTTP")] = ""
    private_key: Annotated[str, setting("PEM file with its private key")] = ""


class Storage(Part, frozen=True):
    """Where things are kept."""

    path: Annotated[str, setting("Database file, for a hub of one process", min_length=1)] = "var/hub.db"
    url: Annotated[
        str,
        setting("Instead of the file: a PostgreSQL database, which several hubs may share. No password here: "
                "name its file with passfile=, or use peer authentication",
                example="postgresql://madoguchi@/madoguchi?host=/run/postgresql"),
    ] = ""  # fmt: skip
    owner_url: Annotated[
        str,
        setting("The same database, as the role that owns its tables and migrates them; url is then another "
                "role, for which row-level security holds. Empty: url's role does both",
                example="postgresql://madoguchi_owner@/madoguchi?host=/run/postgresql"),
    ] = ""  # fmt: skip


class BusSettings(Part, frozen=True):
    """How several hubs of one PostgreSQL database reach one another."""

    nats: Annotated[
        tuple[str, ...],
        setting("NATS servers; empty: the database's notifications, for up to about 2,000 messages/s",
                example="nats://127.0.0.1:4222"),
    ] = ()  # fmt: skip
    nats_credentials: Annotated[str, setting("File with the credentials for NATS, if it asks for any")] = ""


class Keys(Part, frozen=True):
    """The municipalities' keys; back them up apart from the database."""

    directory: Annotated[str, setting("Directory of the key files, mode 0600", min_length=1)] = "var/keys"


class Captures(Part, frozen=True):
    """Stills that operators ask for."""

    directory: Annotated[str, setting("Directory of the sealed stills", min_length=1)] = "var/captures"
    keep_h: Annotated[
        float, setting("Time after which a still's key is destroyed", unit="h", ge=0.1, le=8760)
    ] = 24.0
    take_s: Annotated[
        float, setting("Time in which a terminal must begin to take a still", unit="s", ge=5, le=10)
    ] = 10.0
    upload_s: Annotated[
        float, setting("Time without a word of the terminal after which a still has failed", unit="s", ge=20,
                       le=300)
    ] = 90.0  # fmt: skip


class Queue(Part, frozen=True):
    """Waiting and ringing."""

    ring_s: Annotated[float, setting("How long one operator is rung", unit="s", ge=5, le=120)] = 20.0
    decline_pause_s: Annotated[
        float, setting("Pause before somebody who declined is rung again for the same call", unit="s", ge=1,
                       le=600)
    ] = 15.0  # fmt: skip
    department_s: Annotated[
        float,
        setting("Operators are rung too for what the duty table gives to a department, after so long; at "
                "once while none of its specialists is on duty", unit="s", ge=0, le=3600),
    ] = 60.0  # fmt: skip
    priority_s: Annotated[
        float, setting("Waiting that one step of a procedure's priority is worth", unit="s", ge=0, le=600)
    ] = 60.0
    callback_days: Annotated[
        int,
        setting("A promise to call back that nobody has kept is given up after so long; its telephone and "
                "name are erased", unit="d", ge=1, le=365),
    ] = 30  # fmt: skip
    wrap_up_s: Annotated[
        float, setting("How long a wrap-up may take before its operator counts as away; her form "
                       "stays. 0: no limit", unit="s", ge=0, le=3600)
    ] = 300.0  # fmt: skip


class Supervision(Part, frozen=True):
    """What the wallboard counts and warns of."""

    service_s: Annotated[
        int, setting("A call that is answered within it was answered in time", unit="s", ge=1, le=600)
    ] = 20
    waiting_s: Annotated[
        int, setting("A resident who has waited for longer is an alarm", unit="s", ge=5, le=3600)
    ] = 120
    wrap_up_s: Annotated[
        int, setting("A wrap-up that has lasted longer is an alarm", unit="s", ge=10, le=3600)
    ] = 180


class Away(Part, frozen=True):
    """A reason for being away, to be chosen at the desk."""

    id: Annotated[str, setting("Word for it in records", pattern="^[a-z][a-z0-9_-]*$", max_length=40)]
    name: Annotated[str, setting("Name at the desk", min_length=1, max_length=20, example="休憩")]
    minutes: Annotated[
        int, setting("After this time the desk reminds; 0 never", unit="min", ge=0, le=480)
    ] = 0


class Staff(Part, frozen=True):
    """A ring for a branch's own staff."""

    answer_s: Annotated[
        float,
        setting("How long it sounds until the terminal says that nobody came", unit="s", ge=10, le=600),
    ] = 60.0
    nobody_s: Annotated[
        float, setting("The same where no page of the branch is open that could sound", unit="s", ge=2, le=60)
    ] = 8.0
    coming_s: Annotated[
        float,
        setting("How long somebody may be on the way until it is over", unit="s", ge=60, le=3600),
    ] = 600.0


class Transfer(Part, frozen=True):
    """Passing calls to departments."""

    consult_wait_s: Annotated[
        float, setting("How long a free specialist is waited for before the operator is told", unit="s",
                       ge=10, le=600)
    ] = 60.0  # fmt: skip
    blind_wait_s: Annotated[
        float, setting("How long a resident who was passed on waits for a department before she is back with "
                       "the operators", unit="s", ge=20, le=900)
    ] = 90.0  # fmt: skip
    hand_over_s: Annotated[
        float, setting("Time in which the specialist's picture and voice must stand in a hand-over", unit="s",
                       ge=5, le=60)
    ] = 20.0  # fmt: skip


class Guests(Part, frozen=True):
    """Family members and interpreters who join a call by a link."""

    code_min: Annotated[
        float, setting("How long the code of an invitation is good", unit="min", ge=2, le=60)
    ] = 15.0
    return_s: Annotated[
        float, setting("How long a guest's page may be away before the guest counts as gone", unit="s", ge=10,
                       le=300)
    ] = 60.0  # fmt: skip
    address: Annotated[
        str,
        setting("Where guests' browsers reach the hub, if not where desks do; empty: the desk's own address",
                pattern=r"^(https?://[^/?#\s]+)?$", example="https://counter.example.jp"),
    ] = ""  # fmt: skip


class Patience(Part, frozen=True):
    """When somebody counts as gone."""

    desk_s: Annotated[float, setting("Desk away and no media at the terminal", unit="s", ge=5, le=300)] = 20.0
    kiosk_s: Annotated[float, setting("Terminal away from its call", unit="s", ge=10, le=600)] = 60.0
    start_grace_s: Annotated[float, setting("After a start of the hub", unit="s", ge=0, le=300)] = 30.0


class Links(Part, frozen=True):
    """The WebSockets."""

    hello_s: Annotated[float, setting("Time for the first word", unit="s", ge=1, le=30)] = 5.0
    heartbeat_s: Annotated[float, setting("Time between pings in a call", unit="s", ge=1, le=30)] = 5.0
    dead_s: Annotated[
        float, setting("Silence after which a link is dead in a call", unit="s", ge=2, le=120)
    ] = 12.0
    idle_heartbeat_s: Annotated[
        float, setting("Time between pings outside of calls", unit="s", ge=1, le=60)
    ] = 15.0
    idle_dead_s: Annotated[
        float, setting("Silence after which a link is dead outside of calls", unit="s", ge=2, le=240)
    ] = 40.0
    messages_per_minute: Annotated[
        int, setting("Messages of one link; twice as many at once", unit="1/min", ge=60, le=6000)
    ] = 120
    bad_per_minute: Annotated[
        int, setting("Bad messages of one link before it is closed", unit="1/min", ge=1, le=100)
    ] = 10
    per_address: Annotated[
        int, setting("Links of one address that have not yet proved who they are", ge=8, le=10000)
    ] = 256


class Logins(Part, frozen=True):
    """Operators' logins."""

    hours: Annotated[float, setting("How long a login lasts", unit="h", ge=0.1, le=24)] = 12.0
    tries: Annotated[
        int,
        setting(
            "Wrong passwords for a name from one address before one has to wait; for an address, or a name "
            "from everywhere, four times as many",
            ge=3,
            le=100,
        ),
    ] = 5
    tries_per_minute: Annotated[
        float, setting("How many more may be tried after that", unit="1/min", ge=0.1, le=60)
    ] = 2.0
    passkey_address: Annotated[
        str,
        setting("Address of the desk as browsers show it, to which passkeys are bound for good; empty: no "
                "passkeys", example="https://hub.example.jp"),
    ] = ""  # fmt: skip


class Ice(Part, frozen=True):
    """A STUN or TURN server that terminal and desk may use for media."""

    urls: Annotated[tuple[str, ...], setting("Addresses", min_length=1, example="stun:stun.example.jp:3478")]
    username: Annotated[str, setting("User name, for TURN")] = ""
    credential: Annotated[str, setting("Password, for TURN")] = ""
    secret_file: Annotated[
        str,
        setting("Instead of user name and password: file, mode 0600, with the secret shared with the relay",
                example="/etc/madoguchi/relay.secret"),
    ] = ""  # fmt: skip


class HubSettings(Part, frozen=True):
    """The whole file."""

    name: Annotated[
        str, setting("Name of this hub; terminals sign it when they connect", pattern="^[a-z0-9.-]{1,64}$")
    ] = "madoguchi-hub"
    content: Annotated[str, setting("Directory with one directory per municipality", min_length=1)] = (
        "config/municipalities"
    )
    log_level: Annotated[str, setting("How much is logged", pattern="^(debug|info|warning|error)$")] = "info"
    listen: Listen = Listen()
    database: Storage = Storage()
    bus: BusSettings = BusSettings()
    keys: Keys = Keys()
    captures: Captures = Captures()
    queue: Queue = Queue()
    away_reasons: Annotated[
        tuple[Away, ...], setting("Reasons for being away, in order; empty for the usual ones", max_length=12)
    ] = ()
    supervision: Supervision = Supervision()
    staff: Staff = Staff()
    transfer: Transfer = Transfer()
    guests: Guests = Guests()
    patience: Patience = Patience()
    links: Links = Links()
    logins: Logins = Logins()
    ice_servers: Annotated[tuple[Ice, ...], setting("Relays; empty where both sides see each other")] = ()

    @property
    def reasons(self) -> tuple[AwayReason, ...]:
        """Why somebody may be away."""
        said = [AwayReason(id=one.id, name=one.name, minutes=one.minutes) for one in self.away_reasons]
        return tuple(said) or away.DEFAULTS

    @property
    def database_path(self) -> Path:
        """The database file; of no meaning where there is a URL."""
        return Path(self.database.path)

    @property
    def store(self) -> Path | str:
        """Where the records are: a SQLite file, or the URL of a PostgreSQL database."""
        return self.database.url or self.database_path


def load(path: Path) -> HubSettings:
    """The settings in a file. ConfigError with file, line and key for all that is wrong."""
    document = read(path, HubSettings)
    errors = [document.error(key, problem) for key, problem in _together(document.value)]
    if errors:
        raise one_or_all(errors)
    return document.value


def _together(settings: HubSettings) -> Iterator[tuple[str, str]]:
    """What no single value shows: key and problem."""
    listen, links = settings.listen, settings.links
    for key in ("url", "owner_url"):
        if problem := _url_problem(getattr(settings.database, key)):
            yield f"database.{key}", problem
    if settings.database.owner_url and not settings.database.url:
        yield "database.owner_url", "only PostgreSQL has roles; set database.url too, or leave it out"
    if address := settings.logins.passkey_address:
        if problem := site_problem(address):
            yield "logins.passkey_address", problem
        elif (at := site(address)) and at.name not in listen.names:
            yield "logins.passkey_address", "its name is none of listen.names; add it there"
    if settings.bus.nats and not settings.database.url:
        yield "bus.nats", "only hubs that share a database need a bus; set database.url too, or leave it out"
    if bool(listen.certificate) != bool(listen.private_key):
        missing = "private_key" if listen.certificate else "certificate"
        yield "listen", f"certificate and private_key go together; give {missing} too, or neither"
    for number, proxy in enumerate(listen.trusted_proxies):
        try:
            Networks([proxy])
        except ValueError:
            yield (
                f"listen.trusted_proxies[{number}]",
                f"{proxy!r} is no address; give 127.0.0.1, 10.0.0.0/8 or *",
            )
    if settings.guests.address and not known_host(urlsplit(settings.guests.address).netloc, listen.names):
        yield (
            "guests.address",
            f"{settings.guests.address!r}: the hub refuses this name; add it to listen.names too",
        )
    for number, reason in enumerate(settings.away_reasons):
        if reason.id in {one.id for one in settings.away_reasons[:number]}:
            yield (
                f"away_reasons[{number}].id",
                f"{reason.id!r} stands twice; give each reason a word of its own",
            )
    if links.dead_s < 2 * links.heartbeat_s:
        yield "links.dead_s", f"{links.dead_s:g} s: give at least twice links.heartbeat_s, or every link dies"
    if links.idle_dead_s < 2 * links.idle_heartbeat_s:
        yield (
            "links.idle_dead_s",
            f"{links.idle_dead_s:g} s: give at least twice links.idle_heartbeat_s, or every link dies",
        )


def _url_problem(url: str) -> str:
    """What is wrong with the address of a PostgreSQL database; '' when nothing shows."""
    if not url:
        return ""
    shape = "give postgresql://USER@HOST/DATABASE, or postgresql://USER@/DATABASE?host=/run/postgresql"
    try:
        parts = urlsplit(url)
        password = parts.password or parse_qs(parts.query).get("password")
    except ValueError as error:
        return f"no address: {error}; {shape}"
    if password:  # this file is readable, and messages name the address
        return "holds a password; put it into a file of mode 0600 and say ?passfile=/etc/madoguchi/pgpass"
    if parts.scheme not in ("postgresql", "postgres"):
        return f"{parts.scheme or url!r} is no database that is known; {shape}, or leave it out for a file"
    return "" if len(parts.path) > 1 else f"names no database; {shape}"
