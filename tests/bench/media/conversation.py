"""A conversation between a terminal's peer program and a desk: a page in Chromium, or a program.

    async with page_desk(lab) as desk, Conversation(lab, desk, "ours") as talk:
        await talk.flows()                             # pictures both ways
        lab.lose("kiosk", 0.05)
        await asyncio.sleep(12)
        up, down = await talk.pictures()               # what the desk saw, what the terminal saw

Offers and answers pass through this program, and, as in the product, not while the line is cut.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

from tests.bench.media.gaps import Pictures
from tests.bench.media.program import PATIENCE_S, Program
from tests.network.lab import Lab

PEERS = "tests.bench.media.peers"
PAGE = Path(__file__).parent / "peers" / "desk.html"


class Desk(Protocol):
    """Answers offers and keeps what it sees."""

    async def answer(self, offer: dict[str, Any]) -> str: ...

    async def face(self, since: int) -> Pictures:
        """(came, drawn) in ms of the terminal's face."""
        ...


D = TypeVar("D", bound=Desk)


class PageDesk:
    """A page in the desk's Chromium."""

    def __init__(self, page: Any) -> None:
        self.page = page

    async def answer(self, offer: dict[str, Any]) -> str:
        return str(await self.page.evaluate("o => answer(o)", offer))

    async def face(self, since: int) -> Pictures:
        seen = await self.page.evaluate("since => seen.face.filter(([came]) => came >= since)", since)
        return [tuple(pair) for pair in seen]

    async def counters(self) -> dict[str, Any]:
        """getStats, in short."""
        return dict(await self.page.evaluate("counters()"))


class ProgramDesk:
    """desk.py in the desk's host."""

    def __init__(self, lab: Lab) -> None:
        self._program = Program(lab.prefix("desk"), f"{PEERS}.desk", self._heard)
        self._answers: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        await self._program.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._program.__aexit__(*error)

    async def answer(self, offer: dict[str, Any]) -> str:
        self._program.order("take", epoch=offer["epoch"], sdp=offer["sdp"], mids=offer["mids"])
        async with asyncio.timeout(PATIENCE_S):
            return await self._answers.get()

    async def face(self, since: int) -> Pictures:
        return [tuple(pair) for pair in (await self._program.report(since))["seen"]]

    def _heard(self, word: dict[str, Any]) -> None:
        if word["say"] == "answer":
            self._answers.put_nowait(word["sdp"])


@contextlib.asynccontextmanager
async def page_desk(lab: Lab) -> AsyncIterator[PageDesk]:
    """Chromium in the desk's namespace; Playwright speaks to it through pipes, so no network is needed."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=lab.wrapper("desk", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
            ],
        )
        try:
            page = await browser.new_page()
            await page.route("**/*", lambda route: route.fulfill(path=PAGE, content_type="text/html"))
            await page.goto("http://localhost/")
            await page.evaluate("begin()")
            yield PageDesk(page)
        finally:
            await browser.close()


class Conversation(Generic[D]):
    """One desk, one terminal's program ("ours" or "stock"), one line."""

    def __init__(self, lab: Lab, desk: D, peer: str) -> None:
        self._lab, self.desk = lab, desk
        self._program = Program(lab.prefix("kiosk"), f"{PEERS}.{peer}", self._heard)
        self._offers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._signals: asyncio.Task[None] | None = None
        self._passing = asyncio.Event()
        self._passing.set()
        self.events: list[str] = []  # of the terminal: "lost 1", "active 2"
        self.epochs = 0  # answered

    async def __aenter__(self) -> Self:
        await self._program.__aenter__()
        self._signals = asyncio.create_task(self._signal())
        self._program.order("start")
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._signals is not None
        self._signals.cancel()
        await asyncio.gather(self._signals, return_exceptions=True)
        await self._program.__aexit__(*error)

    async def flows(self, pictures: int = 10, seconds: float = PATIENCE_S, since: int = 0) -> None:
        """Until both sides have seen so many different pictures that were drawn from `since` on."""
        async with asyncio.timeout(seconds):
            while any(len(seen) < pictures for seen in await self.pictures(since)):
                await asyncio.sleep(0.2)

    async def pictures(self, since: int = 0) -> tuple[Pictures, Pictures]:
        """(face that the desk saw, picture that the terminal saw), each (came, drawn) in ms."""
        report = await self.report(since)
        return await self.desk.face(since), [tuple(pair) for pair in report["seen"]]

    async def report(self, since: int = 0) -> dict[str, Any]:
        """The terminal's own words."""
        return await self._program.report(since)

    def cut(self) -> None:
        """The terminal's line is dead, for its signalling too."""
        self._lab.cut("kiosk")
        self._passing.clear()

    def heal(self) -> None:
        """Signalling is back with the line; and the terminal offers anew, as when its link returns."""
        self._lab.heal("kiosk")
        lost = any(event.startswith("lost") for event in self.events)
        self._passing.set()
        if lost:
            self._program.order("start")

    def _heard(self, word: dict[str, Any]) -> None:
        if word["say"] == "offer":
            self._offers.put_nowait(word)
        elif word["say"] == "event":
            self.events.append(f"{word['kind']} {word['epoch']}")

    async def _signal(self) -> None:
        """Passes offers and answers while the line is up; what was offered before is heard by nobody."""
        while True:
            offer = await self._offers.get()
            if not self._passing.is_set():
                continue
            answer = await self.desk.answer(offer)
            self._program.order("answer", epoch=offer["epoch"], sdp=answer)
            self.epochs += 1
