"""One offscreen window for all tests of the screen in this process; no X server is needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kiosk.ui.boot import WindowWish, configure


@pytest.fixture(scope="session")
def window() -> Iterator[Any]:
    """Kivy's window, drawn into memory."""
    before = os.environ.get("SDL_VIDEODRIVER")
    configure(WindowWish(640, 480), "offscreen")
    from kivy.base import EventLoop

    EventLoop.ensure_window()
    yield EventLoop.window
    if before is None:
        os.environ.pop("SDL_VIDEODRIVER", None)
    else:
        os.environ["SDL_VIDEODRIVER"] = before


@pytest.fixture
def make_stage(window: Any) -> Callable[..., Any]:
    """Builds a stage of a size; its touches land in `stage.touches`."""
    from kiosk.ui.stage import Stage

    def make(width: int = 1280, height: int = 800) -> Any:
        touches: list[Any] = []
        stage = Stage((width, height), touches.append)
        stage.touches = touches
        return stage

    return make
