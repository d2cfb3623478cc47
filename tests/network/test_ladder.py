"""The call ladder on real lines, with the whole product: agent, hub, desk, and a line that is made bad."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.view import TouchKind, Words
from provisioning.demo.programs import wait_for
from tests.network.house import House, house

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


@pytest.fixture
def talking(tmp_path: Path, namespaces: None) -> Iterator[House]:
    """A call with pictures both ways on a good line."""
    with house(tmp_path) as found:
        found.talk()
        yield found


def carried(talking: House) -> str:
    """What the desk says that carries the call; empty for moving pictures and sound."""
    tag = talking.desk.part("quality-terminal-carried")
    return tag.first.inner_text() if tag.count() else ""


def sound(talking: House) -> int:
    """Packets of the resident's voice that the desk's browser has received on its newest connection."""
    count = """async () => {
      const peer = window.peersForDemo.filter((p) => p.connectionState === 'connected').at(-1);
      let packets = 0;
      if (peer) for (const s of (await peer.getStats()).values())
        if (s.type === 'inbound-rtp' && s.kind === 'audio') packets = s.packetsReceived;
      return packets;
    }"""
    return int(talking.desk.page.evaluate(count))


def words(talking: House) -> Words | None:
    """What the resident's screen shows of a written call."""
    view = talking.screen.view
    return view.talking.words if view is not None and view.talking is not None else None


def test_a_thin_uplink_keeps_the_voice_and_brings_pictures_back_by_itself(talking: House) -> None:
    """On 100 kbit/s the call goes on with sound and stills, and has video again when the line heals."""
    call = talking.call()[0]
    talking.lab.limit("kiosk", up_bps=100_000)
    wait_for(
        lambda: "静止画" in carried(talking),
        40,
        "the rung of stills at the desk",
        talking.stage.terminal.agent,
    )
    heard, since = sound(talking), time.monotonic()
    wait_for(
        lambda: sound(talking) - heard >= 200, 8, "two hundred packets of voice", talking.stage.terminal.agent
    )
    assert time.monotonic() - since < 8
    talking.lab.heal("kiosk")
    wait_for(lambda: carried(talking) == "", 90, "moving pictures at the desk", talking.stage.terminal.agent)
    assert talking.call()[:2] == (call, "talking")


def test_a_call_whose_media_are_blocked_goes_on_in_writing(talking: House) -> None:
    """Only the hub is reached: captions down, answers up, same call; and pictures when the way is free."""
    call, desk = talking.call()[0], talking.desk
    talking.lab.allow("kiosk", ("tcp", talking.stage.port))
    wait_for(
        lambda: carried(talking) == "文字", 40, "a written call at the desk", talking.stage.terminal.agent
    )
    desk.part("caption-input").fill("お声が聞こえません。書けますか。")
    desk.press("caption-send")
    wait_for(lambda: "書けますか" in getattr(words(talking), "text", ""), 10, "the caption in large type")
    talking.screen.touch(TouchKind.REPLY, "yes")
    wait_for(lambda: "はい" in desk.part("reply").first.inner_text(), 10, "the resident's answer")
    wait_for(lambda: "伝" in getattr(words(talking), "said", ""), 10, "the confirmation on the screen")
    talking.lab.heal("kiosk")
    talking.pictures_back(time.time(), 40)
    wait_for(lambda: words(talking) is None and carried(talking) == "", 10, "video again on both sides")
    assert talking.call()[:2] == (call, "talking")
