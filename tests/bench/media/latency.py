"""How soon pictures are there and how old they are: terminal to a real browser's canvas, and back.

The browser stands where the desk does, its camera open when the offer comes. The number of each picture is
drawn into it in bars; the page reads it from a canvas as soon as the frame can be drawn.
"""

from __future__ import annotations

import asyncio
import statistics
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.bench.calm import calm
from tests.bench.media import clip
from tests.bench.media.sender import running
from tests.bench.report import Goal, Row

ROUNDS = 7
WIDTH, HEIGHT, BPS = 640, 480, 700_000
SETTLE_S, MEASURE_S = 3.0, 6.0
PATIENCE_S = 20.0
LAP_S = clip.FRAMES / clip.FPS
PEERS = ("ours", "stock aiortc", "webrtcbin")
SENDS_SOUND = ("ours", "stock aiortc")
"""webrtcbin is started with a picture only."""

PAGE = """
(() => {
  const BITS = %d, BAR = %d;
  const canvas = Object.assign(document.createElement('canvas'), { width: BITS, height: 1 });
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  window.seen = [];
  window.ready = navigator.mediaDevices
    .getUserMedia({ audio: true, video: { width: 640, height: 480 } })
    .then((stream) => { window.mine = stream; });
  const watch = (video) => video.requestVideoFrameCallback(() => {
    pen.drawImage(video, 0, 0, BITS * BAR, BAR, 0, 0, BITS, 1);
    const data = pen.getImageData(0, 0, BITS, 1).data;
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) if (data[4 * bit] > 128) number |= 1 << bit;
    window.seen.push([number, now()]);
    watch(video);
  });
  window.answer = async (sdp, mid, sound) => {
    const pc = window.pc = new RTCPeerConnection({ iceServers: [] });
    pc.ontrack = ({ track, transceiver }) => {
      const element = Object.assign(document.createElement(track.kind), { autoplay: true });
      element.srcObject = new MediaStream([track]);
      if (track.kind === 'video') { element.muted = true; if (transceiver.mid === mid) watch(element); }
      document.body.append(element);
    };
    await pc.setRemoteDescription({ type: 'offer', sdp });
    for (const t of pc.getTransceivers()) {
      const kind = t.receiver.track.kind;
      if (t.mid === mid) {
        await t.sender.replaceTrack(mine.getVideoTracks()[0]); t.direction = 'sendrecv';
      } else if (kind === 'audio' && sound) {
        await t.sender.replaceTrack(mine.getAudioTracks()[0]); t.direction = 'sendrecv';
      } else t.direction = 'inactive';
    }
    await pc.setLocalDescription();
    if (pc.iceGatheringState !== 'complete') await new Promise((go) => {
      pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && go();
    });
    return pc.localDescription.sdp;
  };
})();
""" % (clip.BITS, clip.BAR)  # noqa: UP031  # braces belong to the script


@dataclass(frozen=True, slots=True)
class Found:
    """One call, ms. `first_there`: offer to the terminal's first picture of the desk, None if none came."""

    first_here: float
    first_there: float | None
    age: float  # median, capture to canvas
    age_p95: float


def rows() -> list[Row]:
    """Some minutes; prints each run."""
    found: dict[tuple[str, bool], list[Found]] = defaultdict(list)
    for number in range(ROUNDS):
        for name in PEERS:
            for sound in (False, True) if name in SENDS_SOUND else (False,):
                one = calm(lambda n=name, s=sound: asyncio.run(run(n, s)))  # type: ignore[misc]
                if one is not None:
                    found[name, sound].append(one)
                    print(f"   round {number + 1} {name}, sound {sound}: {one}", flush=True)

    def beside(field: str, sound: bool) -> dict[str, float | None]:
        return {name: _median(found[name, sound], field) for name in PEERS[1:] if (name, sound) in found}

    ours, loud = found["ours", False], found["ours", True]
    said = f"median of {len(ours)}, worst"
    rows = [
        ("offer to first picture, desk", "first_here", loud, True, 500),
        ("offer to first picture, terminal", "first_there", loud, True, 300),
        ("capture to canvas, one picture", "age", ours, False, 100),
        ("capture to canvas, with sound", "age", loud, True, 150),
    ]
    return [
        Row(
            what,
            "ms",
            _median(runs, field),
            beside(field, sound),
            Goal.at_most(limit),
            f"{said} {_worst(runs, field)}",
        )
        for what, field, runs, sound, limit in rows
    ]


async def run(name: str, sound: bool) -> Found:
    """One call of some seconds."""
    async with _page() as page, running(name, WIDTH, HEIGHT, BPS) as sender:
        offer = await sender.ask(do="offer")
        answer = await page.evaluate(
            "([sdp, mid, sound]) => answer(sdp, mid, sound)", [offer["offer"], offer["mid"], sound]
        )
        sender.tell(do="answer", sdp=answer)
        async with asyncio.timeout(PATIENCE_S):
            while not await page.evaluate("seen.length"):
                await asyncio.sleep(0.1)
        first = (await page.evaluate("seen[0]"))[1]
        await asyncio.sleep(SETTLE_S)
        before = await page.evaluate("seen.length")
        await asyncio.sleep(MEASURE_S)
        seen = (await page.evaluate("seen"))[before:]
        times = await sender.ask(do="times")
    # the sender remembers its last lap, so that every number has one moment
    newest = max(times["sent"].values())
    ages = [
        (at - times["sent"][str(number)]) * 1000
        for number, at in seen
        if newest - LAP_S / 2 < at and str(number) in times["sent"] and at >= times["sent"][str(number)]
    ]
    there = times["seen"]
    return Found(
        first_here=(first - times["offer"]) * 1000,
        first_there=None if there is None else (there - times["offer"]) * 1000,
        age=statistics.median(ages),
        age_p95=statistics.quantiles(ages, n=20)[-1],
    )


@asynccontextmanager
async def _page() -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright

    flags = (
        "--no-sandbox",
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(flags))
        try:
            page = await browser.new_page()
            await page.route("**/*", lambda r: r.fulfill(body="<body></body>", content_type="text/html"))
            await page.goto("http://localhost/")
            await page.evaluate(PAGE)
            await page.evaluate("ready")
            yield page
        finally:
            await browser.close()


def _median(found: list[Found], field: str) -> float | None:
    values = [value for one in found if (value := getattr(one, field)) is not None]
    return statistics.median(values) if values else None


def _worst(found: list[Found], field: str) -> str:
    values = [value for one in found if (value := getattr(one, field)) is not None]
    return f"{max(values):.0f}" if values else "unknown"
