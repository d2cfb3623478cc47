"""The one cast of the terminal's tests: みなみ市, its terminal, one operator, one call.

terminal = new_terminal()
say(terminal, Snapshot(site=SITE))
effects = touch(terminal, TouchKind.START)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from kiosk.core.clock import Now
from kiosk.core.effects import Effect, HubSaid, LinkUp, Say, Touched
from kiosk.core.screen import Fallback
from kiosk.core.terminal import Preferences, Terminal
from kiosk.core.view import Touch, TouchKind
from protocol.envelope import Message
from protocol.kiosk_link import Call, Snapshot
from protocol.values import CallState, Page, PageBlock, Person, Presentation, Site, TerminalCall, Topic

START = datetime(2026, 11, 24, 1, 24, tzinfo=UTC)  # 午前10:24 in Tokyo
FALLBACK = Fallback("みなみ市", "0000-00-1100")
OPERATOR = Person(name="佐藤", role="オペレーター", municipality="みなみ市")
SITE = Site(
    municipality="minami",
    municipality_name="みなみ市",
    site_name="北支所",
    terminal_name="1番の端末",
    telephone="0000-00-1210",
    hours="8:30-17:15",
    open=True,
    topics=(Topic(id="mynumber-card", title="マイナンバーカード", ready=("通知書",)),),
)
PAGE = Page(
    id="card",
    title="カードの申請",
    sheets=((PageBlock(kind="text", text="一枚目"),), (PageBlock(kind="text", text="二枚目"),)),
)

E = TypeVar("E")


def at(seconds: float = 0.0) -> Now:
    """The time, `seconds` after the test began."""
    return Now(1000.0 + seconds, START + timedelta(seconds=seconds))


def new_terminal(*, linked: bool = True) -> Terminal:
    """A terminal that has just started; linked and with its site unless told otherwise."""
    terminal = Terminal(Preferences(), at())
    if linked:
        terminal.handle(LinkUp(), at())
        say(terminal, Snapshot(site=SITE))
    return terminal


def call(state: CallState, *, id: str = "call-1", epoch: int = 0, **values: object) -> TerminalCall:
    """A call in a state; talking calls have the operator."""
    operator = OPERATOR if state in (CallState.TALKING, CallState.HELD) else None
    fields = {"operator": operator, "queued_at": START, **values}
    return TerminalCall(id=id, state=state, epoch=epoch, **fields)  # type: ignore[arg-type]


def say(
    terminal: Terminal,
    message: Message,
    *,
    call: str | None = "call-1",
    epoch: int | None = None,
    after: float = 0,
) -> list[Effect]:
    """The hub says something."""
    return terminal.handle(HubSaid(message, call, epoch), at(after))


def touch(terminal: Terminal, kind: TouchKind, value: str = "", after: float = 0) -> list[Effect]:
    """A finger."""
    return terminal.handle(Touched(Touch(kind=kind, value=value)), at(after))


def talking(*, presentation: Presentation | None = None) -> Terminal:
    """A terminal in a call with the operator."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.WAITING)))
    say(terminal, Call(call=call(CallState.RINGING)))
    values = {"presentation": presentation} if presentation else {}
    say(terminal, Call(call=call(CallState.TALKING, epoch=1, **values)))
    return terminal


def of_kind(effects: list[Effect], kind: type[E]) -> list[E]:
    """The effects of one kind."""
    return [effect for effect in effects if isinstance(effect, kind)]


def said(effects: list[Effect], kind: type[E]) -> list[E]:
    """What was said to the hub, of one kind."""
    return [
        effect.message for effect in effects if isinstance(effect, Say) and isinstance(effect.message, kind)
    ]
