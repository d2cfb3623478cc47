"""A stage for the built desk alone: its files under the hub's policy, a scripted hub, a page as terminal.

    with DeskStage(chromium) as stage:
        stage.sign_in()
        stage.hub.ring(card())
        stage.page.get_by_test_id("accept").click()

The hub's words are made from `protocol` and the desk's are read by it, so neither can drift from the real
one. The terminal is a page with drawn pictures that offers as a kiosk does; between them is real WebRTC.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, WebSocketRoute

from protocol import desk_link
from protocol.common import Answer, Candidate, Offer, Ping, Pong, Renew
from protocol.envelope import Envelope, Message, read_body, read_envelope, write
from protocol.values import (
    AttachedCamera,
    CallState,
    DeskCall,
    DeviceState,
    Me,
    MediaRole,
    PageBlock,
    PresenceState,
    RingCard,
    WaitingCall,
    WrapUpTask,
)
from protocol.values import (
    Page as GuidancePage,
)

DIST = Path(__file__).resolve().parents[2] / "hub" / "desk" / "dist"
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'"
)
STILL = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='400' height='300'><rect width='400' height='300'/></svg>"
)
ME = Me(
    user="u1", name="山口 みどり", role="オペレーター", municipalities=(("mine", "美祢市"),),
    views=("counter", "queue"),
)  # fmt: skip

TERMINAL = """
(() => {
  const moving = (width, height, colour) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const pen = canvas.getContext('2d');
    let n = 0;
    setInterval(() => {
      pen.fillStyle = colour; pen.fillRect(0, 0, width, height);
      pen.fillStyle = '#fff'; pen.fillRect((n++ * 7) % width, 0, 20, height);
    }, 100);
    return canvas.captureStream(10).getVideoTracks()[0];
  };
  const hum = () => {
    const sound = new AudioContext();
    const out = sound.createMediaStreamDestination();
    const tone = sound.createOscillator();
    tone.connect(out); tone.start();
    return out.stream.getAudioTracks()[0];
  };
  window.peers = {};
  window.offer = async (epoch, colour) => {
    const peer = window.peers[epoch] = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const add = (track, direction) => peer.addTransceiver(track, { direction });
    add(hum(), 'sendrecv');
    add(moving(640, 480, colour), 'sendrecv');
    const paper = moving(960, 540, colour);
    paper.contentHint = 'detail';  // a busy machine may cost frames, never size: ink is measured in pixels
    add(paper, 'sendonly');
    peer.received = {};
    peer.ontrack = ({ track }) => { peer.received[track.kind] = track; };
    await peer.setLocalDescription();
    if (peer.iceGatheringState !== 'complete') {
      await new Promise((go) => {
        peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && go();
      });
    }
    const mids = {};
    peer.getTransceivers().forEach((t, n) => { mids[t.mid] = ['audio', 'face', 'document'][n]; });
    return { sdp: peer.localDescription.sdp, mids };
  };
  window.answer = (epoch, sdp) => window.peers[epoch].setRemoteDescription({ type: 'answer', sdp });
  window.take = (epoch, candidate, sdpMid) =>
    window.peers[epoch].addIceCandidate(candidate ? { candidate, sdpMid } : undefined);
  window.mute = (epoch) => window.peers[epoch].getSenders().forEach((s) => s.replaceTrack(null));
  window.frames = async (epoch) => {
    let found = { video: 0, audio: 0 };
    for (const s of (await window.peers[epoch].getStats()).values()) {
      if (s.type !== 'inbound-rtp') continue;
      if (s.kind === 'video') found.video = s.framesReceived ?? 0; else found.audio = s.packetsReceived ?? 0;
    }
    return found;
  };
})();
"""


def now() -> datetime:
    return datetime.now(UTC)


def card(call: str = "c1") -> RingCard:
    """A ring from the first municipality."""
    return RingCard(
        call=call,
        municipality="mine",
        municipality_name="美祢市",
        brand="#00696B",
        site_name="秋芳総合支所",
        terminal_name="窓口端末 1",
        queued_at=now() - timedelta(seconds=70),
        expires_at=now() + timedelta(seconds=20),
        topic="care",
        topic_title="介護保険の申請",
        greeting="お待たせしました。美祢市 秋芳総合支所の窓口です。",
        simulated=True,
    )


def waiting(call: str = "c2") -> WaitingCall:
    """A line of the queue."""
    ring = card(call)
    return WaitingCall(
        call=call,
        state=CallState.WAITING,
        municipality=ring.municipality,
        municipality_name=ring.municipality_name,
        brand=ring.brand,
        site_name=ring.site_name,
        terminal_name=ring.terminal_name,
        queued_at=ring.queued_at,
    )


def talking(ring: RingCard, **more: Any) -> DeskCall:
    """The call that an accepted ring becomes."""
    values = {"card": ring, "state": CallState.TALKING, "accepted_at": now(), **more}
    return DeskCall(**values)


DEVICES = (
    DeviceState(name="face", state="live", simulated=True),
    DeviceState(name="document", state="live", can=("focus", "exposure")),
    DeviceState(name="audio", state="live"),
)
ATTACHED = tuple(
    AttachedCamera(id=id, name=name)
    for id, name in (("face", "顔カメラ"), ("document", "書画カメラ"), ("spare-1", "予備カメラ 1"))
)

PAGE = GuidancePage(
    id="flow",
    title="申請からの流れ",
    sheets=(
        (
            PageBlock(kind="heading", text="{申請|しんせい}から"),
            PageBlock(kind="steps", items=("窓口で申請", "調査")),
        ),
        (PageBlock(kind="text", text="結果が届く"),),
    ),
)
HANDBOOK: dict[str, Any] = {
    "municipality": "mine",
    "name": "美祢市",
    "procedures": [
        {
            "id": "care",
            "title": "介護保険の申請",
            "sub": "",
            "ready": ["被保険者証"],
            "greeting": "お待たせしました。",
            "handbook": [msgspec.to_builtins(PageBlock(kind="text", text="まず本人か家族かを聞く。"))],
            "pages": ["flow"],
            "captures": [],
        }
    ],
    "pages": [msgspec.to_builtins(PAGE)],
}


class ScriptedHub:
    """Greets a desk as the hub does and says what a test wants; `heard` is all that the desk said."""

    def __init__(self) -> None:
        self.heard: list[tuple[Envelope, Message]] = []
        self.snapshot: dict[str, Any] = {"presence": PresenceState.AWAY}
        self.refuse_with: tuple[int, str] | None = None
        self.on: dict[type[Message], Callable[[Envelope, Any], None]] = {
            desk_link.SetPresence: self._presence
        }
        self._socket: WebSocketRoute | None = None
        self._seq = 0
        self._taken = 0  # what a hub does not acknowledge is said again to the next one
        self._ids = 0

    def attach(self, socket: WebSocketRoute) -> None:
        """A desk has opened its socket."""
        if self.refuse_with is not None:
            socket.close(code=self.refuse_with[0], reason=self.refuse_with[1])
            return
        self._socket, self._seq, self._taken = socket, 0, 0
        socket.on_message(self._read)

    def say(self, message: Message, *, call: str | None = None, epoch: int | None = None) -> None:
        """One message to the desk."""
        assert self._socket is not None
        self._seq += 1
        self._ids += 1
        self._socket.send(
            write(
                message,
                version=1,
                id=f"hub-{self._ids}",
                seq=self._seq,
                ack=self._taken,
                call=call,
                epoch=epoch,
            )
        )

    def close(self, code: int) -> None:
        """Ends the socket from the hub's side."""
        assert self._socket is not None
        self._socket.close(code=code)

    def tell_snapshot(self) -> None:
        """The whole truth, as `snapshot` has it."""
        self.say(desk_link.DeskSnapshot(me=ME, presence_since=now(), **self.snapshot))

    def ring(self, ring: RingCard) -> None:
        self.say(desk_link.Presence(state=PresenceState.RINGING, since=now()))
        self.say(desk_link.Ring(card=ring))

    def accept(self, ring: RingCard, **more: Any) -> None:
        """What the hub says to an accept that came in time."""
        self.say(desk_link.Presence(state=PresenceState.TALKING, since=now()))
        self.say(desk_link.DeskCallUpdate(call=talking(ring, **more)), call=ring.call)

    def end(self, ring: RingCard, by: str) -> None:
        """The call is over and wants its outcome."""
        call = talking(ring, ended_by=by)
        self.say(
            desk_link.DeskCallUpdate(call=msgspec.structs.replace(call, state=CallState.ENDED)),
            call=ring.call,
        )
        self.say(desk_link.Presence(state=PresenceState.WRAP_UP, since=now()))
        task = WrapUpTask(call=ring.call, card=ring, ended_at=now(), ended_by=by)
        self.snapshot = {"presence": PresenceState.WRAP_UP, "wrap_up": task}
        self.tell_snapshot()

    def of(self, kind: type[Message]) -> list[Any]:
        """What the desk said of one kind."""
        return [message for _, message in self.heard if isinstance(message, kind)]

    def _read(self, text: str | bytes) -> None:
        envelope = read_envelope(text)
        message = read_body(envelope, desk_link.DESK_SAYS)
        assert message is not None, envelope.type
        self.heard.append((envelope, message))
        self._taken = max(self._taken, envelope.seq)
        if isinstance(message, desk_link.DeskHello):
            self.say(desk_link.DeskWelcome(version=1, server_time=now(), heartbeat_s=5, dead_s=12))
            self.tell_snapshot()
        elif isinstance(message, Ping):
            self.say(Pong(about=envelope.id))
        else:
            act = self.on.get(type(message))
            if act is not None:
                act(envelope, message)

    def _presence(self, _envelope: Envelope, message: desk_link.SetPresence) -> None:
        self.say(desk_link.Presence(state=PresenceState(message.state), since=now()))


class DeskStage:
    """The built desk in a page of `browser`, with `hub` and, when asked for, `terminal`."""

    def __init__(self, browser: Browser, *, permissions: tuple[str, ...] = ("camera", "microphone")) -> None:
        self.hub = ScriptedHub()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.logged_in = False
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(DIST)))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://localhost:{self._server.server_port}"
        self._context = browser.new_context(
            viewport={"width": 1366, "height": 768}, permissions=list(permissions), locale="ja-JP"
        )
        self.page: Page = self._context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"pageerror: {error}"))
        self.page.route("**/api/**", self._rest)
        self.page.route_web_socket("**/ws/desk", self.hub.attach)
        self._terminal: Page | None = None
        self._later: list[tuple[str, list[Any]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.close()
        self._server.shutdown()
        self._server.server_close()

    def open(self) -> None:
        self.page.goto(self.address)

    def sign_in(self) -> None:
        """Login, device test, desk."""
        self.open()
        self.page.get_by_test_id("login-name").fill("midori")
        self.page.get_by_test_id("login-password").fill("right")
        self.page.get_by_test_id("login-submit").click()
        self.page.get_by_test_id("start-shift").click()
        self.page.get_by_test_id("desk").wait_for()

    def terminal(self) -> Page:
        """A second page that speaks WebRTC as a terminal does."""
        if self._terminal is None:
            self._terminal = self._context.new_page()
            empty = "<!doctype html><title>terminal</title>"
            self._terminal.route("**/terminal", lambda r: r.fulfill(content_type="text/html", body=empty))
            self._terminal.goto(f"{self.address}/terminal")
            self._terminal.evaluate(TERMINAL)
            self.hub.on[Answer] = self._answer
            self.hub.on[Candidate] = self._candidate
        return self._terminal

    def offer(self, call: str, epoch: int, colour: str = "#345") -> None:
        """The terminal offers; the answer finds its way back by itself."""
        made = self.terminal().evaluate("([epoch, colour]) => offer(epoch, colour)", [epoch, colour])
        mids = {mid: MediaRole(role) for mid, role in made["mids"].items()}
        self.hub.say(Offer(sdp=made["sdp"], mids=mids), call=call, epoch=epoch)

    def renews(self) -> list[str]:
        return [message.reason for message in self.hub.of(Renew)]

    def wait(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Waits for something that the desk does outside of its page."""
        until = now() + timedelta(seconds=seconds)
        while self.pump() or not condition():
            assert now() < until, "the desk did not do it in time"
            self.page.wait_for_timeout(50)

    def settle(self) -> None:
        """Returns once the page has worked off all that the hub said, so that keys meet what it shows now."""
        before = len(self.hub.of(Pong))
        self.hub.say(Ping())
        self.wait(lambda: len(self.hub.of(Pong)) > before)

    def pump(self) -> bool:
        """Carries answers and candidates to the terminal; whether there were any."""
        later, self._later = self._later, []
        for script, arguments in later:
            self.terminal().evaluate(script, arguments)
        return bool(later)

    def _answer(self, envelope: Envelope, message: Answer) -> None:
        self._later.append(("([e, sdp]) => answer(e, sdp)", [envelope.epoch, message.sdp]))

    def _candidate(self, envelope: Envelope, message: Candidate) -> None:
        self._later.append(("([e, c, m]) => take(e, c, m)", [envelope.epoch, message.candidate, message.mid]))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _rest(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(self.address)
        self.asked.append(f"{request.method} {path}")
        mine = {"me": msgspec.to_builtins(ME), "csrf": "token"}
        if path == "/api/login":
            tried = json.loads(request.post_data or "{}")
            self.logged_in = tried["password"] == "right"
            if tried["password"] == "often":
                answer = (
                    429,
                    {
                        "code": "too_many_tries",
                        "text": "試行が多すぎます。14:05 以降にもう一度お試しください。",
                    },
                )
            elif not self.logged_in:
                answer = (401, {"code": "wrong_login", "text": "違います。"})
            else:
                answer = (200, mine)
        elif path == "/api/me":
            answer = (200, mine) if self.logged_in else (401, {"code": "no_login", "text": ""})
        elif path.endswith("/handbook"):
            answer = (200, HANDBOOK)
        elif path == "/api/health":
            answer = (200, {"status": "ok", "version": "0.1.0"})
        elif path.endswith("/image"):
            route.fulfill(status=200, content_type="image/svg+xml", body=STILL)
            return
        else:
            answer = (404, {"code": "not_found", "text": ""})
        route.fulfill(status=answer[0], content_type="application/json", body=json.dumps(answer[1]))


class _Files(http.server.SimpleHTTPRequestHandler):
    """dist/ under the policy that the hub serves it with."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return
