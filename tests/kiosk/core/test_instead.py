"""What a resident reads where no call begins: never a dead tile, never a screen that just jumps back."""

from __future__ import annotations

from msgspec.structs import replace

from kiosk.core.effects import Say
from kiosk.core.instead import READ_S
from kiosk.core.screen import view
from kiosk.core.terminal import Terminal
from kiosk.core.view import Screen, TouchKind, View
from protocol.common import Refused
from protocol.kiosk_link import CallRequest, Snapshot
from protocol.values import Topic
from tests.kiosk.core.cast import FALLBACK, SITE, at, new_terminal, of_kind, say, touch

BRANCH = Topic(id="copy", title="住民票", words="こちらの窓口の職員が承ります。")
CARD = Topic(id="card", title="カード", pilot=True)
PLACE = replace(
    SITE, tiles=True, topics=(CARD, BRANCH), later=("「介護」は今日の午後1時から",), event=True,
    site_name="みなとモール",
)  # fmt: skip


def terminal() -> Terminal:
    """At an event, with a tile of each kind."""
    made = new_terminal()
    say(made, Snapshot(site=PLACE), call=None)
    return made


def seen(one: Terminal, after: float = 0) -> View:
    return view(one, at(after), 1, FALLBACK)


def test_a_tile_of_the_staff_on_the_spot_opens_words_and_no_call() -> None:
    """The words name the procedure; a touch or half a minute takes them away."""
    one = terminal()
    assert touch(one, TouchKind.START, "copy") == []
    dialog = seen(one).dialog
    assert dialog is not None
    assert (dialog.title, dialog.text) == ("住民票", "こちらの窓口の職員が承ります。")
    touch(one, TouchKind.READ)
    assert seen(one).dialog is None
    touch(one, TouchKind.START, "copy", after=1)
    assert one.deadline() == at(1 + READ_S).mono
    one.tick(at(1 + READ_S))
    assert seen(one, 1 + READ_S).dialog is None


def test_a_refusal_of_the_hub_is_read_out_instead_of_a_jump_back() -> None:
    """The hour has struck between the look and the touch."""
    one = terminal()
    effects = touch(one, TouchKind.START, "card")
    (request,) = of_kind(effects, Say)
    assert isinstance(request.message, CallRequest)
    say(one, Refused(about=request.id or "", code="topic_closed", text="ただいま受け付けておりません。"))
    shown = seen(one)
    assert shown.screen is Screen.IDLE
    assert shown.dialog is not None
    assert (shown.dialog.title, shown.dialog.text) == ("カード", "ただいま受け付けておりません。")
    touch(one, TouchKind.START, "")
    assert seen(one).dialog is None, "a call has begun"


def test_tiles_say_what_is_on_trial_what_comes_later_and_where_one_is() -> None:
    """D1, D2, D10 on the start screen."""
    idle = seen(terminal()).idle
    assert idle is not None
    assert [(tile.value, bool(tile.sub)) for tile in idle.tiles[:2]] == [("card", True), ("copy", False)]
    assert "おためし" in idle.tiles[0].sub
    assert "みなとモール" in idle.hours
    assert len(idle.later) == 1
    assert idle.later[0].startswith("「介護」は今日の午後1時から")
