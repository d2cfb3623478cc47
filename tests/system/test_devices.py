"""The terminal's devices in the whole product: changed and opened again in a call, closed without one."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from hardware.audio_server import KIOSK_MIC, KIOSK_SPEAKER, PrivateAudioServer
from hardware.simulated import decode_counters
from provisioning.demo.programs import wait_for
from provisioning.demo.stage import DEVICE, Sound
from tests.system.live import CallRow, Live, whole

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]
Grey = npt.NDArray[np.uint8]

GRAB = """
(testid) => {
  const seen = document.querySelector(`[data-testid="${testid}"]`);
  const canvas = document.createElement('canvas');
  canvas.width = seen.videoWidth || seen.naturalWidth;
  canvas.height = seen.videoHeight || seen.naturalHeight;
  canvas.getContext('2d').drawImage(seen, 0, 0);
  return canvas.toDataURL('image/png').split(',')[1];
}
"""

WIDTH = "(role) => document.querySelector(`[data-testid=video-${role}]`)?.videoWidth ?? 0"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The whole product with a real sound server."""
    with (
        PrivateAudioServer(tmp_path_factory.mktemp("pa"), (KIOSK_MIC, KIOSK_SPEAKER)) as server,
        whole(tmp_path_factory.mktemp("devices"), Sound(server)) as live,
    ):
        yield live


def grab(live: Live, what: str) -> Grey:
    """A picture of the desk by its testid, or the moving one of a role: grey, in its own size."""
    testid = f"video-{what}" if what in ("face", "document") else what
    png = base64.b64decode(live.desk.page.evaluate(GRAB, testid))
    picture: Grey = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    return picture


def counters(live: Live, what: str) -> set[tuple[str, int]]:
    """The drawn scenes in a picture of the desk, each with its number of the moment."""
    return {(scene, n) for run, scene, n in decode_counters(grab(live, what)) if run == live.stage.run}


def scenes(live: Live, role: str) -> set[str]:
    return {scene for scene, _ in counters(live, role)}


def moves(live: Live, role: str) -> None:
    """Waits for a picture newer than now; on a busy machine the terminal may send few of them."""
    before = counters(live, role)
    waits(f"a new picture of {role}", lambda: bool(counters(live, role) - before))


def talk(live: Live) -> CallRow:
    """A call with both pictures, whatever the test before has left."""
    if not live.is_talking():
        live.ring()
        live.desk.press("accept")
        waits("the accepted call", live.is_talking)
    for role in ("face", "document"):
        waits(f"a picture of {role}", lambda: live.desk.page.evaluate(WIDTH, role) > 0)  # noqa: B023
        moves(live, role)
    row = live.call()
    assert row is not None
    return row


def waits(what: str, true: Callable[[], bool]) -> None:
    wait_for(true, 30, what)


def keys(live: Live, *pressed: str) -> None:
    live.desk.page.locator("body").click(position={"x": 5, "y": 5})
    for key in pressed:
        live.desk.page.keyboard.press(key)


def likeness(one: Grey, other: Grey) -> float:
    """How much two pictures show the same: 1 is all, 0 nothing."""
    small = [cv2.resize(picture, (96, 54), interpolation=cv2.INTER_AREA) for picture in (one, other)]
    return float(np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1])


def detail(picture: Grey) -> float:
    return float(cv2.Laplacian(picture, cv2.CV_32F).std())


def streams(live: Live) -> int:
    """Our streams at the sound server: what records and what plays, of the agent alone."""
    assert live.stage.terminal.agent is not None
    found = 0
    for what in ("source-outputs", "sink-inputs"):
        listed = subprocess.run(
            ["pactl", "--format=json", "list", what], capture_output=True, check=True, text=True,
            env=live.stage.sound.environment(),
        )  # fmt: skip
        owners = [row["properties"].get("application.process.id") for row in json.loads(listed.stdout)]
        found += owners.count(str(live.stage.terminal.agent.process.pid))
    return found


def held(live: Live) -> set[str]:
    """Device files that the agent or a process below it holds open, read from the kernel."""
    assert live.stage.terminal.agent is not None
    found: set[str] = set()
    family = [live.stage.terminal.agent.process.pid]
    for pid in family:
        family += [int(child) for child in _children(pid)]
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            target = str(entry.readlink())
            if target.startswith(("/dev/video", "/dev/media", "/dev/snd/")):
                found.add(target)
    return found


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]


def proof(live: Live) -> dict[str, object] | None:
    """The newest statement about this terminal's devices in the hub's audit trail."""
    return live.query(
        "select action, detail, at from audit where subject = ? and action like 'devices_%' order by id desc",
        DEVICE,
    )


def test_nothing_is_open_before_the_first_touch(live: Live) -> None:
    """No camera process, no stream of sound, no device file; and the hub has it in writing."""
    waits("the terminal's first statement", lambda: proof(live) is not None)
    assert (live.cameras(), streams(live), held(live)) == (set(), 0, set())
    said = proof(live)
    assert said is not None
    assert said["action"] == "devices_closed"


def test_the_paper_is_turned_and_enlarged_for_both_sides(live: Live) -> None:
    """One key turns it a quarter; a part is sent in real pixels, and the whole comes back."""
    talk(live)
    assert grab(live, "document").shape == (720, 1280)
    keys(live, "r")
    waits("the turned paper", lambda: grab(live, "document").shape == (1280, 720))
    waits("a counter on the turned paper", lambda: scenes(live, "document") == {"D"})
    keys(live, "\\")
    waits("the paper as before", lambda: grab(live, "document").shape == (720, 1280))

    before = grab(live, "document")
    keys(live, "+", "+", "+", "q")
    side = 1 / 1.25**3
    height, width = (round(length * side) for length in before.shape)
    top, left = ((1 - side) / 2 * length for length in before.shape)
    part = before[round(top) : round(top) + height, round(left) : round(left) + width]
    waits("the part of the paper", lambda: likeness(grab(live, "document"), part) > 0.9)
    blown_up = cv2.resize(part, (1280, 720), interpolation=cv2.INTER_LINEAR)
    waits("finer pixels", lambda: detail(grab(live, "document")) > 1.15 * detail(blown_up))
    live.desk.gone("straighten-document")
    keys(live, "q")
    waits("the whole paper", lambda: scenes(live, "document") == {"D"})
    moves(live, "document")


def test_light_and_focus_change_what_both_sides_see(live: Live) -> None:
    """Darker is darker, a moved lens blurs, and one key takes it all back."""
    talk(live)
    before = grab(live, "document")
    keys(live, ",", ",")
    waits("a darker paper", lambda: grab(live, "document").mean() < before.mean() - 10)
    keys(live, "\\")
    waits("the light as before", lambda: grab(live, "document").mean() > before.mean() - 5)
    keys(live, *["]"] * 6)
    waits("a blurred paper", lambda: detail(grab(live, "document")) < 0.7 * detail(before))
    keys(live, "y")
    waits("a sharp paper", lambda: detail(grab(live, "document")) > 0.9 * detail(before))


def test_cameras_change_places_and_come_back(live: Live) -> None:
    """Plugged into the wrong sockets: the operator mends it in the call, and it is one call all the time."""
    before = talk(live)
    pids = live.cameras()
    keys(live, "j")
    live.desk.press("swap-cameras")
    waits("the paper where the face was", lambda: scenes(live, "face") == {"D"})
    waits("the face where the paper was", lambda: scenes(live, "document") == {"F"})
    assert live.cameras() == pids
    live.desk.press("swap-cameras")
    waits("the face", lambda: scenes(live, "face") == {"F"})
    assert live.call() == before


def test_each_device_is_opened_again_without_the_others_or_the_call(live: Live) -> None:
    """A new process for the camera that was meant; sound goes on, and sound itself comes back."""
    before = talk(live)
    keys(live, "j")
    for device in ("face", "document"):
        pids = live.cameras()
        live.desk.press(f"restart-{device}")
        waits("one new camera process", lambda: len(live.cameras() - pids) == 1)  # noqa: B023
        waits("the other camera's old one", lambda: len(live.cameras() & pids) == 1)  # noqa: B023
        moves(live, device)
        live.hears_at_desk()
    live.desk.press("restart-audio")
    waits("both directions of sound", lambda: streams(live) == 2)
    live.hears_at_desk()
    assert live.call() == before


def test_a_camera_that_hangs_is_replaced_while_both_speak(live: Live) -> None:
    """A process that answers nothing, as behind a hung driver, is replaced; sound and the call go on."""
    before = talk(live)
    victim = min(live.cameras())
    os.kill(victim, signal.SIGSTOP)
    live.hears_at_desk()
    waits("a new camera process", lambda: victim not in live.cameras() and len(live.cameras()) == 2)
    live.hears_at_desk()
    for role in ("face", "document"):
        moves(live, role)
    assert live.call() == before


def shown_images(live: Live) -> list[str]:
    """Testids of the images that have loaded."""
    loaded = "() => [...document.images].filter((i) => i.naturalWidth > 0).map((i) => i.dataset.testid ?? '')"
    return list(live.desk.page.evaluate(loaded))


def test_a_frozen_paper_is_taken_as_it_stood(live: Live) -> None:
    """The still has the camera's full size, and shows the very moment that stands still before both sides."""
    talk(live)
    keys(live, "z")
    live.desk.part("picture-document").get_by_text("静止中").wait_for()
    keys(live, "s")
    stored = live.desk.page.locator("[data-testid=capture][data-stage=stored]")
    live.touch("the yes to the question", lambda: stored.count() > 0)
    waits("the still at the desk", lambda: "capture-image" in shown_images(live))
    taken = counters(live, "capture-image")
    assert grab(live, "capture-image").shape == (1944, 2592)
    assert len(taken) == 1
    waits("the same moment on the desk", lambda: counters(live, "document") == taken)
    keys(live, "z")
    moves(live, "document")


def test_the_volume_is_set_from_the_desk_and_is_back_for_the_next_resident(live: Live) -> None:
    """The desk shows where it stands; the end of the call sets it back."""
    talk(live)
    keys(live, "j", ">", ">")
    live.desk.part("volume").filter(has_text="5 / 5").wait_for()
    live.hang_up()
    talk(live)
    keys(live, "j")
    live.desk.part("volume").filter(has_text="3 / 5").wait_for()


def test_nothing_is_open_after_a_call_and_the_hub_can_prove_it(live: Live) -> None:
    """The operator reads it while she wraps up, the trail keeps it, and the kernel says the same."""
    call = talk(live)
    assert len(live.cameras()) == 2
    assert streams(live) == 2
    live.desk.press("end-call")
    live.desk.press("end-confirm")
    live.desk.page.locator('[data-testid="devices-closed"][data-closed="true"]').wait_for()
    assert (live.cameras(), streams(live), held(live)) == (set(), 0, set())
    said = proof(live)
    ended = live.query("select ended_at from call where id = ?", call.id)
    assert said is not None
    assert ended is not None
    assert said["action"] == "devices_closed"
    assert json.loads(str(said["detail"])) == {"cameras": 0, "sounds": 0, "files": 0}
    assert str(said["at"]) >= ended["ended_at"]
    live.wrap_up()
