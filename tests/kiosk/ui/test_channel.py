"""The whole screen against a scripted agent: real socket, real memfd, real (offscreen) drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.ports import Frame
from kiosk.core.ui_wire import Drawn, Hello, StreamOpened, encode
from kiosk.core.view import Picture, Pointer, Screen, TouchKind
from kiosk.ui.fallback import KEEP_SECONDS
from kiosk.ui.gallery import pixels
from kiosk.ui.samples import samples
from tests.fakes.ui_agent import FakeAgent


def grey(level: int, width: int = 64, height: int = 48, number: int = 1) -> Frame:
    """A picture of one brightness."""
    data = np.full((height * 3 // 2, width), 128, np.uint8)
    data[:height] = level
    return Frame(data, width, height, float(number), number)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[FakeAgent]:
    """An agent that listens."""
    fake = FakeAgent(tmp_path / "ui.sock")
    yield fake
    fake.close()


class Screenful:
    """The app's parts, stepped by the test instead of by the clock."""

    def __init__(self, path: Path, window: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from kivy.clock import Clock

        self.now = 1000.0
        monkeypatch.setattr(Clock, "get_boottime", lambda: self.now)
        from kiosk.ui.app import KioskUI

        self.app = KioskUI(str(path), (1280, 800))
        self.app.build()
        self.window = window

    def step(self, agent: FakeAgent | None = None, seconds: float = 0.04) -> None:
        """One tick and one flip."""
        self.now += seconds
        self.app._tick(seconds)
        self.app._flipped()
        if agent is not None:
            agent.pump()


@pytest.fixture
def screen(tmp_path: Path, window: Any, monkeypatch: pytest.MonkeyPatch) -> Screenful:
    """A screen whose agent would listen at `tmp_path`/ui.sock."""
    return Screenful(tmp_path / "ui.sock", window, monkeypatch)


def connect(screen: Screenful, agent: FakeAgent) -> None:
    """Until the agent has said hello."""
    for _ in range(3):
        screen.step(agent, 0.31)
    assert isinstance(agent.heard[0], Hello)
    del agent.heard[:]


def test_the_screen_says_hello_and_reports_what_it_has_drawn(screen: Screenful, agent: FakeAgent) -> None:
    """The report comes after the View was drawn, with its revision."""
    connect(screen, agent)
    agent.say(samples()["waiting"])
    screen.step(agent)
    screen.step(agent)
    assert agent.heard == [Drawn(revision=1, screen=Screen.WAITING)]
    assert screen.app.stage.view.screen is Screen.WAITING


def test_a_screen_without_an_agent_waits_calmly(screen: Screenful, tmp_path: Path) -> None:
    """It draws its own notice, and finds the agent when it comes."""
    for _ in range(10):
        screen.step()
    assert screen.app.stage.view.screen is Screen.STARTING
    late = FakeAgent(tmp_path / "ui.sock")
    try:
        connect(screen, late)
        late.say(samples()["idle"])
        screen.step(late)
        assert screen.app.stage.view.screen is Screen.IDLE
    finally:
        late.close()


def test_frames_reach_the_textures_newest_first(screen: Screenful, agent: FakeAgent) -> None:
    """Two frames between two ticks: the second is drawn, the first never."""
    connect(screen, agent)
    agent.say(samples()["talking"])
    agent.picture(Picture.OPERATOR, grey(60))
    agent.picture(Picture.OPERATOR, grey(200, number=2))
    screen.step(agent)
    video = screen.app.stage.pictures[Picture.OPERATOR]
    assert video.frames == 1
    assert set(video.remembered()[::4]) == {200} or 200 in set(video.remembered())


def test_a_stream_of_another_size_takes_over(screen: Screenful, agent: FakeAgent) -> None:
    """The new memory replaces the old."""
    connect(screen, agent)
    agent.say(samples()["talking"])
    agent.picture(Picture.PAPER, grey(60))
    screen.step(agent)
    agent.picture(Picture.PAPER, grey(90, 128, 96))
    screen.step(agent)
    assert screen.app.stage.pictures[Picture.PAPER].frame_size == (128, 96)


def test_an_ended_stream_is_wiped_from_the_graphics_memory(screen: Screenful, agent: FakeAgent) -> None:
    """No trace of the last face."""
    connect(screen, agent)
    agent.say(samples()["talking"])
    agent.picture(Picture.SELF, grey(233))
    screen.step(agent)
    video = screen.app.stage.pictures[Picture.SELF]
    textures = list(video._textures)
    assert 233 in set(bytes(textures[0].pixels))
    agent.end_picture(Picture.SELF)
    screen.step(agent)
    assert 233 not in set(bytes(textures[0].pixels))
    assert not video.lit


def test_the_end_of_a_call_wipes_pictures_and_words(screen: Screenful, agent: FakeAgent) -> None:
    """Even when the agent forgets to end a stream; names and captions go too."""
    from kiosk.ui.text import widget

    connect(screen, agent)
    agent.say(samples()["talking-caption"])
    agent.picture(Picture.OPERATOR, grey(233))
    screen.step(agent)
    assert any("ゆっくりで" in str(key) or "っ" in str(key) for key in widget._textures)
    agent.say(samples()["ended"])
    screen.step(agent)
    assert not any(video.lit for video in screen.app.stage.pictures.values())
    remembered = " ".join("".join(a.text for line in key[0] for a in line) for key in widget._textures)
    assert "田中" not in remembered
    assert "カメラの下に" not in remembered


def test_a_lost_agent_keeps_the_screen_for_three_seconds(screen: Screenful, agent: FakeAgent) -> None:
    """Then the screen speaks for itself, shows no old picture, and comes back by itself."""
    connect(screen, agent)
    agent.say(samples()["talking"])
    agent.picture(Picture.OPERATOR, grey(200))
    screen.step(agent)
    agent.hang_up()
    screen.step()
    screen.step(seconds=KEEP_SECONDS - 0.5)
    assert screen.app.stage.view.screen is Screen.TALKING
    screen.step(seconds=1.0)
    assert screen.app.stage.view.screen is Screen.STARTING
    assert not screen.app.stage.pictures[Picture.OPERATOR].lit
    connect(screen, agent)
    agent.say(samples()["talking"])
    screen.step(agent)
    assert screen.app.stage.view.screen is Screen.TALKING


def test_touches_reach_the_agent(screen: Screenful, agent: FakeAgent, make_stage: Callable[..., Any]) -> None:
    """With the revision that was on the screen."""
    connect(screen, agent)
    agent.say(samples()["idle"])
    screen.step(agent)
    screen.now += 1
    stage = screen.app.stage
    stage._act(stage.target("start"))
    screen.step(agent)
    assert [m.kind for m in agent.heard if not isinstance(m, Drawn)] == [TouchKind.START]  # type: ignore[union-attr]


def test_nonsense_from_the_agent_changes_nothing(screen: Screenful, agent: FakeAgent) -> None:
    """Garbage, a memfd that is none, descriptors without a message: dropped, the connection stays."""
    connect(screen, agent)
    agent.say(samples()["idle"])
    agent.raw(b"Zgarbage")
    with Path("/dev/null").open("rb") as null:
        opened = encode(StreamOpened(stream=Picture.SELF, width=64, height=48))
        agent.raw(opened, (null.fileno(),))
        agent.raw(opened)
    agent.say(Pointer(x=0.5, y=0.5, on=True))
    screen.step(agent)
    assert screen.app.channel.up
    assert screen.app.stage.view.screen is Screen.IDLE


def test_a_still_screen_draws_nothing(screen: Screenful, agent: FakeAgent) -> None:
    """The same View again leaves every canvas as it is."""
    connect(screen, agent)
    agent.say(samples()["idle"])
    screen.step(agent)
    stage = screen.app.stage
    pixels(stage, (1280, 800))
    before = [len(w.canvas.children) for w in stage.walk()]
    ids = [id(c) for w in stage.walk() for c in w.canvas.children]
    for _ in range(5):
        screen.step(agent)
    assert not stage.canvas.needs_redraw
    assert [len(w.canvas.children) for w in stage.walk()] == before
    assert [id(c) for w in stage.walk() for c in w.canvas.children] == ids
