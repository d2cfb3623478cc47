"""The media of a call against a real browser that answers as the desk does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from tests.kiosk.media.test_call_media import Kind, Terminal

ANSWER = """
async ([sdp, media, trickle]) => {
  const wanted = {audio: true, video: {width: 640, height: 480}};
  const local = media ? await navigator.mediaDevices.getUserMedia(wanted) : null;
  const pc = window.pc = new RTCPeerConnection({iceServers: []});
  window.candidates = [];
  pc.onicecandidate = e => window.candidates.push(e.candidate ? e.candidate.candidate : '');
  window.streams = new Set();
  pc.ontrack = e => {
    e.streams.forEach(s => window.streams.add(s.id));
    const el = document.createElement(e.track.kind); el.autoplay = true; el.muted = e.track.kind === 'video';
    el.srcObject = new MediaStream([e.track]); document.body.append(el);
  };
  await pc.setRemoteDescription({type: 'offer', sdp});
  let videos = 0;
  for (const t of local ? pc.getTransceivers() : []) {
    const kind = t.receiver.track.kind;
    if (kind === 'audio') { t.sender.replaceTrack(local.getAudioTracks()[0]); t.direction = 'sendrecv'; }
    else if (videos++ === 0) { t.sender.replaceTrack(local.getVideoTracks()[0]); t.direction = 'sendrecv'; }
  }
  await pc.setLocalDescription();
  if (!trickle) while (pc.iceGatheringState !== 'complete') await new Promise(r => setTimeout(r, 20));
  return pc.localDescription.sdp;
}
"""

STATS = """
async () => {
  const out = {};
  for (const r of (await pc.getStats()).values()) {
    if (r.type === 'inbound-rtp') out[r.mid] = {frames: r.framesDecoded ?? 0, energy: r.totalAudioEnergy ?? 0,
      keys: r.keyFramesDecoded ?? 0, width: r.frameWidth ?? 0};
  }
  return out;
}
"""


async def _stats_until(page: Any, done: Any, seconds: float = 30) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        while True:
            stats = await page.evaluate(STATS)
            if done(stats):
                return stats  # type: ignore[no-any-return]
            await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def blank_page(*flags: str) -> AsyncIterator[Any]:
    """A secure page without content in headless Chromium."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required", *flags],
        )
        try:
            page = await browser.new_page()
            await page.route(
                "**/*", lambda route: route.fulfill(body="<body></body>", content_type="text/html")
            )
            await page.goto("http://localhost/")
            yield page
        finally:
            await browser.close()


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    """With a simulated camera and microphone that its user allows."""
    async with blank_page("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream") as page:
        yield page


@pytest.fixture
async def shy_page() -> AsyncIterator[Any]:
    """Whose user has allowed nothing, so that it hides its addresses."""
    async with blank_page() as page:
        yield page


@pytest.mark.system
@pytest.mark.timeout(120)
async def test_browser_and_terminal_see_and_hear_each_other(page: Any) -> None:
    """A real browser shows both pictures and plays the voice; the terminal gets its picture and sound."""
    terminal = Terminal()
    try:
        offer = await terminal.media.start(1)
        roles = {role.value: mid for mid, role in offer.mids.items()}
        answer = await page.evaluate(ANSWER, [offer.sdp, True, False])
        await terminal.media.answer(1, answer)
        stats = await _stats_until(
            page,
            lambda s: (
                all(s.get(roles[r], {}).get("frames", 0) >= 30 for r in ("face", "document"))
                and s[roles["audio"]]["energy"] > 0.01
            ),
        )
        assert stats[roles["document"]]["width"] == 640
        await terminal.until(lambda: len(terminal.pictures) >= 30)
        report = terminal.media.report()
        assert report.live
        assert report.received_frames >= 30
        heard = np.concatenate(terminal.heard[-150:]).astype(np.float64)  # 3 s hold a beep
        assert np.sqrt(np.mean(heard**2)) > 30
        assert await page.evaluate("streams.size") == 3
    finally:
        await terminal.close()


@pytest.mark.system
@pytest.mark.timeout(120)
async def test_a_browser_that_hides_its_addresses_is_reached(shy_page: Any) -> None:
    """Without camera permission a browser only gives .local names; the call connects all the same."""
    terminal = Terminal()
    try:
        offer = await terminal.media.start(1)
        answer = await shy_page.evaluate(ANSWER, [offer.sdp, False, True])
        await terminal.media.answer(1, answer)
        await _stats_until(shy_page, lambda s: s.get("1", {}).get("frames", 0) >= 5, 10)
        candidates = await shy_page.evaluate("candidates")
        for candidate in candidates:
            await terminal.media.candidate(1, candidate, "0")
        assert candidates
        assert all(".local" in text for text in candidates if text)
        assert terminal.saw(Kind.CONNECTED, 1)
    finally:
        await terminal.close()
