"""The operator's part: a real browser that does nothing but press the desk's own buttons.

Its camera plays a drawn operator with counters, its microphone a speech-shaped file; the rest of the browser
is as an operator has it. What it reads back it reads from the page's own video elements.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

from hardware.simulated import decode_counters
from protocol.errors import LocalError
from provisioning.demo.counters import Seen

WAIT_MS = 20_000

MARKS = """
(() => {
  const marks = (window.marks = {});
  const note = (name) => { marks[name] ??= Date.now(); };
  const look = () => {
    if (document.querySelector('[data-testid="ring-card"]')) note('ring');
    for (const role of ['face', 'document']) {
      const video = document.querySelector(`[data-testid="video-${role}"]`);
      if (video && !video.watchedForDemo) {
        video.watchedForDemo = true;
        video.requestVideoFrameCallback(() => note(role));
      }
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""

PEERS = """
(() => {
  const peers = (window.peersForDemo = []);
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(...words) { super(...words); peers.push(this); }
  };
})();
"""

RECORD = """
async (seconds) => {
  const peer = window.peersForDemo.filter((p) => p.connectionState === 'connected').at(-1);
  const track = peer.getSenders().map((s) => s.track).find((t) => t && t.kind === 'audio');
  const context = new AudioContext({ sampleRate: 48000 });
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const tap = context.createScriptProcessor(1024, 1, 1);
  const chunks = [];
  let at = 0;
  tap.onaudioprocess = (event) => {
    at ||= Date.now() - 1024 / 48;
    chunks.push(new Float32Array(event.inputBuffer.getChannelData(0)));
  };
  source.connect(tap);
  tap.connect(context.destination);
  await new Promise((go) => setTimeout(go, seconds * 1000));
  tap.disconnect();
  source.disconnect();
  await context.close();
  const samples = new Int16Array(chunks.length * 1024);
  chunks.forEach((chunk, n) => chunk.forEach((v, i) => {
    samples[n * 1024 + i] = Math.max(-1, Math.min(1, v)) * 32767;
  }));
  const bytes = new Uint8Array(samples.buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return [at, btoa(text)];
}
"""

STRETCHED = """
async () => {
  const peer = window.peersForDemo.filter((p) => p.connectionState === 'connected').at(-1);
  for (const row of (await peer.getStats()).values()) {
    if (row.type !== 'inbound-rtp' || row.kind !== 'audio') continue;
    const { removedSamplesForAcceleration: a, insertedSamplesForDeceleration: d, concealedSamples: c } = row;
    return ((a ?? 0) + (d ?? 0) + (c ?? 0)) / 48000;
  }
  return 0;
}
"""

PLAYING = """
(testid) => {
  const video = document.querySelector(`[data-testid="${testid}"]`);
  return video && video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 10;
}
"""

COLLECT = """
async ([role, seconds]) => {
  const find = () => document.querySelector(`[data-testid="video-${role}"]`);
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const shots = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const video = find();
    if (!video || !video.videoWidth) { await new Promise((go) => setTimeout(go, 20)); continue; }
    await Promise.race([
      new Promise((go) => video.requestVideoFrameCallback(go)),
      new Promise((go) => setTimeout(go, 500)),
    ]);
    const width = video.videoWidth >> 1, height = video.videoHeight >> 1;
    if (!width) continue;
    canvas.width = width; canvas.height = height;
    context.drawImage(video, 0, height, width, height, 0, 0, width, height);
    const rgba = context.getImageData(0, 0, width, height).data;
    const grey = new Uint8Array(width * height);
    for (let i = 0; i < grey.length; i++) grey[i] = rgba[i * 4 + 1];
    shots.push({ at: Date.now(), width, height, grey });
  }
  const text = (bytes) => {
    let out = '';
    for (let i = 0; i < bytes.length; i += 32768) out += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(out);
  };
  return shots.map((s) => ({ at: s.at, width: s.width, height: s.height, grey: text(s.grey) }));
}
"""


class DeskBrowser:
    """One operator at one desk. Every method waits for what it wants to press."""

    def __init__(
        self,
        clip: Path,
        voice: Path,
        env: Mapping[str, str],
        size: tuple[int, int] = (1440, 900),
        extra: tuple[str, ...] = (),
        program: str = "chromium",
        beside: DeskBrowser | None = None,
    ) -> None:
        """`beside` is another desk of the same run: one thread drives all browsers through one driver."""
        executable = shutil.which(program)
        if executable is None:
            raise LocalError("missing", f"{program}: not on this machine; run `make setup`")
        self._own = beside is None
        self._playwright: Playwright = sync_playwright().start() if beside is None else beside._playwright
        self._browser: Browser = self._playwright.chromium.launch(
            executable_path=executable,
            env=dict(env),
            ignore_default_args=["--mute-audio"],
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={clip}",
                f"--use-file-for-fake-audio-capture={voice}",
                "--autoplay-policy=no-user-gesture-required",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-quic",
                "--disable-gpu",
                "--no-first-run",
                *extra,
            ],
        )
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="ja-JP", timezone_id="Asia/Tokyo"
        )
        context.add_init_script(MARKS)
        context.add_init_script(PEERS)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"pageerror: {error}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        if self._own:
            self._playwright.stop()

    def part(self, testid: str) -> Locator:
        """A control or region of the desk."""
        return self.page.get_by_test_id(testid)

    def press(self, testid: str) -> None:
        self.part(testid).first.click()

    def shows(self, testid: str, seconds: float = WAIT_MS / 1000) -> Locator:
        """Waits until it is visible."""
        found = self.part(testid).first
        found.wait_for(state="visible", timeout=seconds * 1000)
        return found

    def gone(self, testid: str, seconds: float = WAIT_MS / 1000) -> None:
        """Waits until it is not there any more."""
        self.part(testid).first.wait_for(state="hidden", timeout=seconds * 1000)

    def playing(self, testid: str, seconds: float = WAIT_MS / 1000) -> None:
        """Waits until a video shows pictures that move on."""
        self.page.wait_for_function(PLAYING, arg=testid, timeout=seconds * 1000)

    def begin_shift(self, address: str, name: str, password: str) -> None:
        """Logs in, passes the device test, becomes available."""
        self.page.goto(address)
        self.part("login-name").fill(name)
        self.part("login-password").fill(password)
        self.press("login-submit")
        self.shows("device-test")
        self.press("test-tone")
        self.press("tone-heard")
        self.press("start-shift")
        self.press("set-available")

    def mark(self, name: str) -> float:
        """Wall clock in ms at which something first appeared; 0 when it never did."""
        return float(self.page.evaluate("name => window.marks[name] ?? 0", name))

    def collect(self, run: str, scene: str, role: str, seconds: float) -> Seen:
        """The counters that the page's video of `role` shows for `seconds`, read from a canvas."""
        shots: list[dict[str, Any]] = self.page.evaluate(COLLECT, [role, seconds])
        seen = Seen(run, scene)
        for shot in shots:
            grey = np.frombuffer(base64.b64decode(shot["grey"]), np.uint8)
            seen.take(decode_counters(grey.reshape(shot["height"], shot["width"])), float(shot["at"]))
        return seen

    def record_microphone(self, seconds: float) -> tuple[float, npt.NDArray[np.int16]]:
        """What the desk sends: wall clock in s of the first sample, and the samples (48 kHz)."""
        at, text = self.page.evaluate(RECORD, seconds)
        return float(at) / 1000, np.frombuffer(base64.b64decode(text), np.int16)

    def stretched(self) -> float:
        """Seconds of the resident's voice that the jitter buffer has squeezed, drawn out or made up."""
        return float(self.page.evaluate(STRETCHED))

    def save(self, path: Path) -> None:
        """A screenshot of the desk."""
        self.page.screenshot(path=str(path))
