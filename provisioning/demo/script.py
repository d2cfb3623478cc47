"""The scripted call: one touch, one face, a page, a still, an ID photo, the end; with pictures at every step.

Every figure of the report is read back from what the desk's page, the kiosk's display or a speaker gave.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hardware.audio_server import KIOSK_MIC, KIOSK_SPEAKER
from hardware.simulated import speech_like
from protocol.errors import LocalError
from provisioning.demo import sound, verdict
from provisioning.demo.counters import DisplayWatch, Seen
from provisioning.demo.desk_browser import DeskBrowser
from provisioning.demo.display import VirtualDisplay, find_area, largest_area
from provisioning.demo.programs import wait_for
from provisioning.demo.stage import BRAND, MUNICIPALITY, OPERATOR, Stage

COUNT_S = 10.0
VOICE_S = 8.0
TAKES = 4
BENT = 0.01  # part of a take that the jitter buffer may bend
PROCEDURE = "mynumber-card"
DESK_SPEAKER = "desk_speaker"


class Script:
    """Runs once. `report` fills as it goes, so that a failed run leaves what it had found."""

    def __init__(
        self,
        stage: Stage,
        display: VirtualDisplay,
        desk: DeskBrowser,
        voice: np.ndarray[Any, np.dtype[np.int16]],
        clip_frames: int,
        pictures: Path,
        tell: Callable[[str], None],
    ) -> None:
        self.stage, self.display, self.desk = stage, display, desk
        self._voice = voice  # what the desk's microphone plays, over and over
        self._lap = clip_frames
        self._pictures = pictures
        self._tell = tell
        self._step = 0
        self._voice_begins = 0.0  # wall clock in s at which the desk's voice was at its first sample
        self.report: dict[str, Any] = {"run": stage.run, "simulated": ["cameras", "microphones", "speakers"]}

    def play(self) -> None:
        """The whole call. LocalError names the step that did not come."""
        self._arrive()
        self._ring()
        self._accept()
        self._listen()  # before the canvases are read: reading them starves the browser's own playout
        self._count_frames()
        self._page()
        self._still("document_still", "take-document-still", "書類を写す")
        self._still("id_photo", "take-id-photo", "写真を撮る")
        self._end()

    # ------------------------------------------------------------------ steps

    def _arrive(self) -> None:
        self.desk.begin_shift(self.stage.address, OPERATOR, self.stage.password)
        self._find_button("the idle screen")
        self._picture("idle")

    def _ring(self) -> None:
        x, y = self._find_button("the button on the idle screen")
        self._tell(f"a finger touches the kiosk at {x}, {y}")
        touched = self.display.tap(x, y)
        self.desk.shows("ring-card")
        self.report["touch_to_ring_ms"] = round(self.desk.mark("ring") - touched)
        self._wait_screen(lambda area: area is None or area[2] < 8000, "the waiting screen")
        self._picture("ringing")

    def _accept(self) -> None:
        watch = DisplayWatch(self.display)
        accepted = time.time() * 1000
        self.desk.press("accept")
        wait_for(lambda: self.desk.mark("face") > 0, 20, "the resident's picture at the desk")
        self.desk.page.wait_for_timeout(2500)
        watch.stop()
        kiosk = watch.seen(self.stage.run, "O", self._lap)
        if not kiosk.numbers:
            raise LocalError(
                "picture", "the operator's picture did not reach the kiosk's display within 2.5 s"
            )
        self.report["accept_to_picture_ms"] = {
            "desk": round(self.desk.mark("face") - accepted),
            "kiosk": round(kiosk.first_at - accepted),
        }
        self._picture("talking")

    def _count_frames(self) -> None:
        self._tell(f"counting frames for {COUNT_S:.0f} s each: face, paper, operator")
        face = self.desk.collect(self.stage.run, "F", "face", COUNT_S)
        document = self.desk.collect(self.stage.run, "D", "document", COUNT_S)
        watch = DisplayWatch(self.display)
        self.desk.page.wait_for_timeout(COUNT_S * 1000)
        watch.stop()
        remote = watch.seen(self.stage.run, "O", self._lap)
        self.report["desk"] = {"face_frames": face.rising, "document_frames": document.rising}
        self.report["kiosk"] = {"remote_frames": remote.rising}
        self.report["frames_of_another_run"] = sum(_foreign(seen) for seen in (face, document, remote))

    def _listen(self) -> None:
        if self.stage.sound.server is None:
            raise LocalError("sound", "the script needs the private audio server")
        audio: dict[str, Any] = {}
        seed, other = secrets.randbits(32), secrets.randbits(32)
        self._tell("the operator speaks; the kiosk's speaker is recorded")
        said_at, own = self.desk.record_microphone(3.0)
        self._voice_begins = said_at - sound.phase_of(own, self._voice) / sound.RATE
        audio["kiosk_heard_desk"] = self._takes(lambda: self._desk_speaks(other))
        self.desk.press("mute")
        audio["kiosk_heard_muted_desk"] = self._desk_speaks(other).as_row()
        self.desk.press("mute")
        self._tell("the resident speaks; the desk's speaker is recorded")
        audio["desk_heard_kiosk"] = self._takes(lambda: self._kiosk_speaks(seed, other))
        self._mute_kiosk(True)
        audio["desk_heard_muted_kiosk"] = self._kiosk_speaks(seed, other).as_row()
        self._mute_kiosk(False)
        self.report["audio"] = audio

    def _page(self) -> None:
        self.desk.press("tab-pages")
        first = self.desk.page.locator('[data-testid^="page-"][data-page]').first
        page = first.get_attribute("data-page")
        first.click()
        pushed = time.time() * 1000
        before = self.display.shot()
        self.desk.press("page-show")
        self.desk.page.locator('[data-testid="page-state"][data-state="shown"]').wait_for()
        changed = float(np.mean(np.any(self.display.shot() != before, axis=2)))
        self.report["page_shown"] = {
            "page": page,
            "confirmed_ms": round(time.time() * 1000 - pushed),
            "display_changed": round(changed, 3),
        }
        self._picture("page")
        self.desk.press("page-hide")

    def _still(self, kind: str, button: str, what: str) -> None:
        self._tell(f"a still: {kind}")
        self.desk.press(button)
        self._picture_when("consent", f"{kind}-consent")
        x, y = self._find_button("the resident's yes")
        self.display.tap(x, y)
        rows = self._wait_stored(kind)
        self._wait_screen(lambda area: area is not None, "the still on the kiosk")
        self._picture(f"{kind}-stored")
        image = self._download(rows["id"])
        path = self._pictures / f"{kind}.jpg"
        path.write_bytes(image)
        kiosk = self._kiosk_digest(rows["id"])
        self.report[kind] = {
            "path": str(path.name),
            "pixels": [rows["width"], rows["height"]],
            "sha256": {
                "kiosk": kiosk,
                "hub": rows["sha256"],
                "downloaded": hashlib.sha256(image).hexdigest(),
            },
        }
        if len(set(self.report[kind]["sha256"].values())) != 1:
            raise LocalError("digest", f"{kind}: kiosk, hub and download differ")

    def _end(self) -> None:
        self.desk.press("end-call")
        self.desk.press("end-confirm")
        self.desk.shows("wrap-up")
        self.report["ended"] = self._call_row()
        wait_for(lambda: self._wiped() is not None, 10, "the kiosk's proof of wiping")
        self.report["wiped"] = self._wiped()
        self._find_button("the thank-you")
        self._picture("ended")
        self.desk.press("outcome-completed")
        self.desk.press(f"procedure-is-{PROCEDURE}")
        self.desk.press("wrap-up-save")
        self.desk.gone("wrap-up")
        self._picture("wrapped-up")

    # ------------------------------------------------------------------ sound

    def _takes(self, take: Callable[[], sound.Heard]) -> dict[str, float]:
        """One take; another where it fell short while the machine was starved or the browser bent the voice.

        A browser squeezes what it hears while it empties its jitter buffer; that does not correlate.
        """
        for number in range(1, TAKES + 1):
            watch, before = sound.MachineWatch(), self.desk.stretched()
            heard = take()
            late, bent = watch.p99(), (self.desk.stretched() - before) / VOICE_S
            void = late > watch.DISTURBED_S or bent > BENT
            if heard.correlation >= verdict.HEARD or not void or number == TAKES:
                break
            self._tell(f"take {number} is void: late by {late * 1000:.0f} ms, {bent:.1%} of the voice bent")
        return {
            **heard.as_row(),
            "takes": number,
            "machine_late_p99_ms": round(late * 1000, 1),
            "bent_by_jitter_buffer": round(bent, 4),
        }

    def _kiosk_speaks(self, seed: int, other: int) -> sound.Heard:
        env = self.stage.sound.environment()
        said = speech_like(seed, VOICE_S)
        far = sound.Recorder(f"{DESK_SPEAKER}.monitor", env)
        near = sound.Recorder(f"{KIOSK_MIC}.monitor", env)
        self.desk.page.wait_for_timeout(500)
        player = sound.Player(KIOSK_MIC, said, env)
        player.wait()
        self.desk.page.wait_for_timeout(700)
        heard, at_microphone = far.stop(), near.stop()
        # when it sounded before the microphone, not when the player was started
        said_at = player.started_at
        if at_microphone.any():
            said_at += sound.compare(at_microphone, near.started_at, said, said_at, other).lag_s
        return sound.compare(heard, far.started_at, said, said_at, other)

    def _desk_speaks(self, other: int) -> sound.Heard:
        """The desk's microphone plays its file over and over; `_voice_begins` says where it stands."""
        env = self.stage.sound.environment()
        recorder = sound.Recorder(f"{KIOSK_SPEAKER}.monitor", env)
        self.desk.page.wait_for_timeout(VOICE_S * 1000 + 500)
        heard = recorder.stop()
        begin = round((recorder.started_at - self._voice_begins) * sound.RATE)
        said = np.take(self._voice, range(begin, begin + heard.size), mode="wrap")
        return sound.compare(heard, recorder.started_at, said, recorder.started_at, other)

    def _mute_kiosk(self, mute: bool) -> None:
        command = ["pactl", "set-source-mute", f"{KIOSK_MIC}.monitor", "1" if mute else "0"]
        subprocess.run(command, check=True, env=self.stage.sound.environment())

    # ------------------------------------------------------------------ reading back

    def _wait_screen(self, ready: Callable[[tuple[int, int, int] | None], bool], what: str) -> None:
        """Until the largest area in the municipality's colour is as wanted."""
        wait_for(lambda: ready(largest_area(self.display.shot(), BRAND)), 10, what, self.stage.terminal.ui)

    def _find_button(self, what: str) -> tuple[int, int]:
        return find_area(self.display, BRAND, what, self.stage.terminal.ui)

    def _wait_stored(self, kind: str) -> dict[str, Any]:
        statement = "select * from capture where kind = ? and stage = 'stored' and municipality = ?"
        wait_for(
            lambda: self.stage.query(statement, kind, MUNICIPALITY) is not None, 30, f"{kind} at the hub"
        )
        row = self.stage.query(statement, kind, MUNICIPALITY)
        assert row is not None
        return row

    def _kiosk_digest(self, capture: str) -> str:
        assert self.stage.terminal.agent is not None
        for line in reversed(self.stage.terminal.agent.log.read_text("utf-8", "replace").splitlines()):
            if f"capture={capture} " in line and "sha256=" in line:
                return line.rsplit("sha256=", 1)[1].strip()
        raise LocalError("digest", f"the kiosk's log names no digest of {capture}")

    def _download(self, capture: str) -> bytes:
        call = self._call_row()["call"]
        answer = self.desk.page.request.get(
            f"{self.stage.address}api/desk/calls/{call}/captures/{capture}/image"
        )
        if not answer.ok:
            raise LocalError("capture", f"the hub does not give {capture} to its operator: {answer.status}")
        return answer.body()

    def _call_row(self) -> dict[str, Any]:
        row = self.stage.query("select id, state, ended_by from call order by queued_at desc limit 1")
        assert row is not None
        return {"call": row["id"], "state": row["state"], "by": row["ended_by"]}

    def _wiped(self) -> Any:
        """What the kiosk said of its wipe, as the hub has stored it."""
        row = self.stage.query("select detail from call_event where kind = 'Wiped' order by id desc limit 1")
        return json.loads(row["detail"]) if row else None

    # ------------------------------------------------------------------ pictures

    def _picture_when(self, testid: str, name: str) -> None:
        self._find_button("the question on the kiosk")
        self._picture(name)

    def _picture(self, name: str) -> None:
        place = self.picture(name)
        self.display.save(place.with_name(f"{place.name}-kiosk.png"))
        self.desk.save(place.with_name(f"{place.name}-desk.png"))

    def picture(self, name: str) -> Path:
        """Where the pictures of the next step belong; each side adds its own ending."""
        self._step += 1
        self._tell(f"step {self._step}: {name}")
        return self._pictures / f"{self._step:02d}-{name}"


def _foreign(seen: Seen) -> int:
    return seen.foreign
