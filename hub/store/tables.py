"""The tables as SQLAlchemy Core knows them; the migrations make them, a test compares both.

Municipality in every table that has one, times in UTC, enumerations as text. What may exist only once is a
partial unique index: it holds even where a program errs.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from hub.store.types import Json, Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

LIVE = "state IN ('waiting', 'ringing', 'talking', 'held', 'consulting')"
STAFF_WANTED = "state IN ('calling', 'coming')"
OCCUPIED = "state IN ('ringing', 'talking', 'held', 'consulting')"

ID = String(64)


def _municipality(*, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    return Column(
        "municipality", ID, ForeignKey("municipality.id"), nullable=nullable, primary_key=primary_key
    )


municipality = Table("municipality", metadata, Column("id", ID, primary_key=True))

site = Table(
    "site",
    metadata,
    _municipality(primary_key=True),
    Column("id", ID, primary_key=True),
)

kiosk = Table(
    "kiosk",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("site", ID, nullable=False),
    Column("terminal", ID, nullable=False),  # its word in the municipality's file
    Column("public_key", LargeBinary, nullable=False),  # Ed25519, 32 bytes
    Column("revoked_at", Utc),
    Column("seen_at", Utc),  # telemetry
    Column("software", String(64), nullable=False, server_default=""),  # telemetry
)

user = Table(
    "user",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login_name", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("disabled_at", Utc),
    Column("centre", ID, nullable=False, server_default=""),  # its word in centres.yaml; empty: none
)

user_skill = Table(
    "user_skill",
    metadata,
    Column("user", ID, ForeignKey("user.id"), primary_key=True),
    Column("skill", ID, primary_key=True),  # its word in centres.yaml
    Column("level", Integer, nullable=False),  # 1 to 5
)

membership = Table(
    "membership",
    metadata,
    Column("user", ID, ForeignKey("user.id"), primary_key=True),
    _municipality(primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("department", ID),  # of a specialist
)

login = Table(
    "login",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user", ID, ForeignKey("user.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("pending", Boolean, nullable=False, server_default=false()),  # the second factor is to come
    Column("proved_at", Utc),  # when a second factor was last given
)

second_factor = Table(
    "second_factor",
    metadata,
    Column("user", ID, ForeignKey("user.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("confirmed_at", Utc),
    Column("last_step", BigInteger, nullable=False),  # of the last code: none counts twice
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", ID, ForeignKey("user.id"), nullable=False, index=True),
    Column("used_at", Utc),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", String(64), primary_key=True),  # digest of the id that the device gave it
    Column("user", ID, ForeignKey("user.id"), nullable=False, index=True),
    Column("name", String(40), nullable=False),
    Column("credential", LargeBinary, nullable=False),  # its id and public key
    Column("sign_count", BigInteger, nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("used_at", Utc),
)

passkey_challenge = Table(  # given out and not answered yet
    "passkey_challenge",
    metadata,
    Column("login", String(64), ForeignKey("login.token_hash"), primary_key=True),
    Column("user", ID, ForeignKey("user.id"), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("challenge", LargeBinary, nullable=False),
    Column("until", Utc, nullable=False),
)

call = Table(
    "call",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("site", ID, nullable=False),
    Column("kiosk", ID, ForeignKey("kiosk.id"), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("queued_at", Utc, nullable=False),
    Column("operator", ID, ForeignKey("user.id")),
    Column("ring_until", Utc),
    Column("accepted_at", Utc),
    Column("ended_at", Utc),
    Column("ended_by", String(16), nullable=False),
    Column("held_reason", String(80), nullable=False, server_default=""),
    Column("epoch", Integer, nullable=False),
    Column("presentation", Json, nullable=False),
    Column("presented", Integer, nullable=False),
    Column("outcome", String(16), nullable=False, server_default=""),
    Column("outcome_procedure", String(64), nullable=False, server_default=""),
    Column("outcome_reason", String(40), nullable=False, server_default=""),
    Column("outcome_note", Text, nullable=False, server_default=""),
    Column("wrapped_at", Utc),
    Column("version", Integer, nullable=False),
    UniqueConstraint("kiosk", "request_id"),
    Index(
        "one_live_call_per_kiosk", "kiosk", unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)
    ),
    Index(
        "one_live_call_per_operator", "operator", unique=True,
        sqlite_where=text(OCCUPIED), postgresql_where=text(OCCUPIED),
    ),
    Index("ix_call_municipality_state_queued_at", "municipality", "state", "queued_at"),
)  # fmt: skip

call_leg = Table(
    "call_leg",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _municipality(),
    Column("call", ID, ForeignKey("call.id"), nullable=False, index=True),
    Column("user", ID, ForeignKey("user.id"), nullable=False),
    Column("rung_at", Utc, nullable=False),
    Column("accepted_at", Utc),
    Column("ended_at", Utc),
    Column("outcome", String(16), nullable=False, server_default=""),  # declined, timeout, left, ended, gone
    Column("role", String(16), nullable=False, server_default="primary"),  # primary, consult, monitor
    Index("one_open_leg_per_call", "call", "role", unique=True, sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
)  # fmt: skip

transfer = Table(
    "transfer",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("call", ID, ForeignKey("call.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("origin", ID, ForeignKey("user.id"), nullable=False),
    Column("department", ID, nullable=False),  # its word in the municipality's file
    Column("reason", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("wait_until", Utc, nullable=False),
    Column("until", Utc),
    Column("specialist", ID, ForeignKey("user.id")),
    Column("tried", Json, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("ended_at", Utc),
    # the origin's own wrap-up: the call itself goes on with somebody else
    Column("outcome", String(16), nullable=False, server_default=""),
    Column("outcome_procedure", String(64), nullable=False, server_default=""),
    Column("outcome_reason", String(40), nullable=False, server_default=""),
    Column("outcome_note", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Index("one_open_transfer_per_call", "call", unique=True, sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
    Index("one_open_transfer_per_specialist", "specialist", unique=True,
          sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    Index("ix_transfer_call", "call"),
)  # fmt: skip

guest = Table(  # of a call: family or interpreter, by a code; its row is the leg of somebody without a login
    "guest",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("call", ID, ForeignKey("call.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("code_digest", String(64), nullable=False, index=True),
    Column("invited_by", ID, ForeignKey("user.id"), nullable=False),
    Column("invited_at", Utc, nullable=False),
    Column("until", Utc),
    Column("secret_digest", String(64), nullable=False, index=True),
    Column("node", String(16)),  # hub at which the page is linked
    Column("admitted_by", ID, ForeignKey("user.id")),
    Column("admitted_at", Utc),
    Column("muted", Boolean, nullable=False),
    Column("sees", Boolean, nullable=False),
    Column("ended_at", Utc),
    Column("version", Integer, nullable=False),
    Index("one_open_guest_per_code", "code_digest", unique=True, sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
)  # fmt: skip

monitor = Table(  # a supervisor's part in a call
    "monitor",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("call", ID, ForeignKey("call.id"), nullable=False, index=True),
    Column("supervisor", ID, ForeignKey("user.id"), nullable=False),
    Column("operator", ID, ForeignKey("user.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("began_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("ended_why", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Index("one_open_monitor_per_call", "call", unique=True, sqlite_where=text("ended_at IS NULL"),
          postgresql_where=text("ended_at IS NULL")),
    Index("one_open_monitor_per_supervisor", "supervisor", unique=True,
          sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
)  # fmt: skip

callback = Table(
    "callback",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("call", ID, ForeignKey("call.id"), nullable=False),
    Column("department", ID, nullable=False),
    # gone once it is settled
    Column("telephone", String(20), nullable=False),
    Column("name", String(40), nullable=False),
    Column("wanted", String(60), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("created_by", ID, ForeignKey("user.id"), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("settled_at", Utc),
    Column("settled_by", ID, ForeignKey("user.id")),
    Column("outcome", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_callback_municipality_settled_at", "municipality", "settled_at"),
)

call_event = Table(
    "call_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _municipality(),
    Column("call", ID, ForeignKey("call.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("detail", Json, nullable=False),
)

presence = Table(
    "presence",
    metadata,
    Column("user", ID, ForeignKey("user.id"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since", Utc, nullable=False),
    Column("idle_since", Utc, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("call", ID, ForeignKey("call.id")),
    Column("until", Utc),  # of a wrap-up
    Column("version", Integer, nullable=False),
)

capture = Table(
    "capture",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("call", ID, ForeignKey("call.id"), nullable=False, index=True),
    Column("kiosk", ID, ForeignKey("kiosk.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("requested_by", ID, ForeignKey("user.id"), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("cause", Text, nullable=False),
    Column("checks", Json, nullable=False),
    Column("stored_at", Utc),
    Column("delete_after", Utc),
    Column("version", Integer, nullable=False),
    UniqueConstraint("call", "request_id"),
)

capture_key = Table(
    "capture_key",
    metadata,
    Column("capture", ID, ForeignKey("capture.id"), primary_key=True),
    _municipality(),
    Column("wrapped", LargeBinary),  # None once destroyed: the picture is then unreadable for ever
    Column("destroyed_at", Utc),
)

done = Table(
    "done",
    metadata,
    Column("sender", String(80), primary_key=True),  # topic of the bus: kiosk:ID or desk:ID
    Column("id", String(64), primary_key=True),  # of the envelope
    Column("at", Utc, nullable=False, index=True),
    Column("answers", Json, nullable=False),  # what the sender was answered: type, body, call
)

staff_ring = Table(
    "staff_ring",
    metadata,
    Column("id", ID, primary_key=True),
    _municipality(),
    Column("site", ID, nullable=False),
    Column("kiosk", ID, ForeignKey("kiosk.id"), nullable=False),
    Column("call", ID, ForeignKey("call.id")),
    Column("reason", String(16), nullable=False),
    Column("rung_by", String(80), nullable=False),  # kiosk:ID or user:ID
    Column("state", String(16), nullable=False),
    Column("rung_at", Utc, nullable=False),
    Column("listening", Integer, nullable=False),
    Column("until", Utc),
    Column("coming", ID, ForeignKey("user.id")),
    Column("coming_at", Utc),
    Column("ended_at", Utc),
    Column("version", Integer, nullable=False),
    Index("one_open_ring_per_kiosk", "kiosk", unique=True, sqlite_where=text(STAFF_WANTED),
          postgresql_where=text(STAFF_WANTED)),
    Index("ix_staff_ring_municipality_site_state", "municipality", "site", "state"),
)  # fmt: skip

bell = Table(
    "bell",
    metadata,
    Column("user", ID, ForeignKey("user.id"), primary_key=True),
    _municipality(primary_key=True),
    Column("site", ID, primary_key=True),
)

disaster = Table(
    "disaster",
    metadata,
    _municipality(primary_key=True),  # a row while its switch is on
    Column("page", ID, nullable=False),
    Column("since", Utc, nullable=False),
    Column("switched_by", String(80), nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    _municipality(nullable=True),
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("detail", Json, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
)

offboarding = Table(  # a municipality that is being taken out: a row until all of it is gone
    "offboarding",
    metadata,
    _municipality(primary_key=True),
    Column("manifest", String(64), nullable=False),  # digest of the export that was handed over
    Column("begun_at", Utc, nullable=False),
    Column("begun_by", ID, ForeignKey("user.id"), nullable=False),
    Column("counts", Json, nullable=False),  # of what was there
    Column("leaving", Json, nullable=False),  # users who served nobody else
)

node = Table(  # one running hub of several
    "node",
    metadata,
    Column("id", String(16), primary_key=True),  # new at every start
    Column("fence", Integer, nullable=False),  # one more each time that it was given up
    Column("started_at", Utc, nullable=False),
    Column("lease_until", Utc),  # by the database's clock; None once it is given up
    Column("turns", BigInteger, nullable=False),  # number of its newest, counted over all hubs
)

endpoint = Table(  # where a terminal or an operator is linked, or was last
    "endpoint",
    metadata,
    Column("topic", String(80), primary_key=True),  # of the bus: kiosk:ID or desk:ID
    Column("node", String(16), index=True),  # None: nowhere, its hub is gone
    Column("fence", Integer, nullable=False),  # of that node
    Column("here_since", Utc),
    Column("away_since", Utc),  # None while linked
    Column("changed", BigInteger, nullable=False, index=True),  # rises with every write of this table
    Column("facts", Json, nullable=False),  # what the side has said of itself
)

relay = Table(  # texts between hubs that are too long for a notification; written, read once, dropped
    "relay",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("body", Text, nullable=False),
)
