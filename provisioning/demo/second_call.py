"""The second call: a resident of another town is consulted on, handed over to her head office, and served.

The same operator, a second terminal with a screen of its own, and a specialist in a browser of hers. Whose
picture a screen shows is told by the run number in it: the specialist's clip has one of its own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from protocol.errors import LocalError
from provisioning.demo.counters import DisplayWatch, look
from provisioning.demo.desk_browser import DeskBrowser
from provisioning.demo.display import VirtualDisplay, find_area
from provisioning.demo.programs import wait_for
from provisioning.demo.stage import SPECIALIST, Stage, Terminal

WATCH_S = 8.0
PROCEDURE = "care-insurance"
TILE = "#FFFFFF"
REASON = "要支援の認定と、手すりの工事の順番を確認したい"


class SecondCall:
    """Runs once, after both desks have begun their shift. `report` fills as it goes."""

    def __init__(
        self,
        stage: Stage,
        terminal: Terminal,
        display: VirtualDisplay,
        operator: DeskBrowser,
        specialist: DeskBrowser,
        specialist_run: str,
        lap: int,
        picture: Callable[[str], Path],
    ) -> None:
        """`lap` are the frames of the specialist's clip; `picture` gives where a step's picture belongs."""
        self.stage, self.terminal, self.display = stage, terminal, display
        self.operator, self.specialist = operator, specialist
        self._run, self._lap = specialist_run, lap
        self._place = picture
        self._call = ""
        self.report: dict[str, Any] = {"municipality": terminal.place.municipality}

    def play(self) -> None:
        """The whole call. LocalError names the step that did not come."""
        self._ring()
        self._consult()
        self._hand_over()
        self._finish()

    def _ring(self) -> None:
        x, y = find_area(self.display, TILE, "the tiles of the second terminal", self.terminal.ui)
        touched = self.display.tap(x, y)
        self.operator.shows("ring-card")
        self.report["touch_to_ring_ms"] = round(time.time() * 1000 - touched)
        self.operator.press("accept")
        self._sees(self.stage.run, "the operator's picture on the second terminal")
        for role in ("face", "document"):
            self.operator.playing(f"video-{role}")
        self._call = str(self._row("id")["id"])
        self._pictures("second-talking")

    def _consult(self) -> None:
        self.operator.press("tab-transfer")
        self.operator.press(f"department-{SPECIALIST.department}")
        self.operator.part("transfer-reason").fill(REASON)
        self.operator.press("consult")
        self.specialist.shows("ring-reason")
        self._pictures("second-specialist-rung")
        self.specialist.press("accept")
        self.specialist.shows("consult-stage")
        wait_for(lambda: self._row("state")["state"] == "consulting", 10, "the call in a consult")
        wait_for(lambda: not self._shown(), 10, "the hold on the second terminal", self.terminal.ui)
        self.specialist.playing("video-side-face")
        self.operator.playing("video-specialist")
        self.report["consulted"] = {"reason": self.specialist.part("consult-reason").inner_text()}
        self._pictures("second-consult")

    def _hand_over(self) -> None:
        pressed = time.time() * 1000
        self.operator.press("hand-over")
        self._sees(self._run, "the specialist's picture on the second terminal")
        self.operator.shows("wrap-up")
        wait_for(lambda: self.specialist.mark("face") > 0, 20, "the resident at the specialist's desk")
        resident = self.specialist.collect(self.stage.run, "F", "face", WATCH_S)
        watch = DisplayWatch(self.display)  # afterwards: reading a canvas slows the browser's own camera
        self.specialist.page.wait_for_timeout(WATCH_S * 1000)
        watch.stop()
        shown = watch.seen(self._run, "O", self._lap)
        self.report["handed_over"] = {
            "same_call": str(self._row("id")["id"]) == self._call,
            "resident_at_specialist_ms": round(self.specialist.mark("face") - pressed),
            "specialist_face_frames": resident.rising,
            "kiosk_specialist_frames": shown.rising,
        }
        self._pictures("second-handed-over")
        self._wrap_up(self.operator, "transferred")

    def _finish(self) -> None:
        self.specialist.press("end-call")
        self.specialist.press("end-confirm")
        self.specialist.shows("wrap-up")
        row = self._row("state, ended_by")
        self.report["ended"] = {"state": row["state"], "by": row["ended_by"]}
        wait_for(lambda: self._wiped() is not None, 10, "the second terminal's proof of wiping")
        self.report["wiped"] = self._wiped()
        self._wrap_up(self.specialist, "completed")
        find_area(self.display, self.terminal.place.brand, "the thank-you", self.terminal.ui)
        self._pictures("second-ended")

    def _wrap_up(self, desk: DeskBrowser, outcome: str) -> None:
        desk.shows("wrap-up")
        desk.press(f"outcome-{outcome}")
        if outcome == "transferred":
            desk.press("reason")
        desk.press(f"procedure-is-{PROCEDURE}")
        desk.press("wrap-up-save")
        desk.gone("wrap-up")

    # ------------------------------------------------------------------ reading back

    def _shown(self) -> set[str]:
        """The runs of the desks whose picture the second terminal shows."""
        return {run for run, scene, _ in look(self.display.shot()) if scene == "O"}

    def _sees(self, run: str, what: str) -> None:
        wait_for(lambda: run in self._shown(), 20, what, self.terminal.agent)

    def _row(self, columns: str) -> dict[str, Any]:
        row = self.stage.query(
            f"select {columns} from call where municipality = ? order by queued_at desc limit 1",  # noqa: S608
            self.terminal.place.municipality,
        )
        if row is None:
            raise LocalError("call", f"the hub has no call of {self.terminal.place.municipality}")
        return row

    def _wiped(self) -> Any:
        row = self.stage.query(
            "select detail from call_event where kind = 'Wiped' and call = ? limit 1", self._call
        )
        return json.loads(row["detail"]) if row else None

    def _pictures(self, name: str) -> None:
        place = self._place(name)
        self.display.save(place.with_name(f"{place.name}-kiosk.png"))
        self.operator.save(place.with_name(f"{place.name}-desk.png"))
        self.specialist.save(place.with_name(f"{place.name}-specialist.png"))
