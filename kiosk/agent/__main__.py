"""`python -m kiosk.agent`: reads the settings, names the concrete hardware, runs the agent."""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import logging
import signal
import ssl
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from hardware.audio import SilentAudio, SoundDeviceAudio
from hardware.board import LinuxBoard
from hardware.cameras.supervised import SupervisedCamera
from hardware.errors import DeviceError
from hardware.hotplug import UdevWatcher
from hardware.ports import AudioPort, Profile
from kiosk.agent import files
from kiosk.agent.agent import Agent, Parts, now
from kiosk.agent.camera_bank import CameraPart
from kiosk.agent.devices import ECHO_MISSING, Devices
from kiosk.agent.gate import Gate
from kiosk.agent.hub_link import HubLink, Identity
from kiosk.agent.network import fingerprint
from kiosk.agent.settings import CameraSettings, Settings
from kiosk.agent.sounds import Mixer, no_voice
from kiosk.agent.stills import Stills
from kiosk.agent.ui_server import UiServer
from kiosk.core.loudness import Loudness
from kiosk.core.screen import Fallback
from kiosk.core.terminal import Preferences, Terminal
from kiosk.core.view import TextSize
from kiosk.media.adapter_check import check_adapter
from kiosk.media.apm import WebRtcAudio
from kiosk.media.audio_processing import AudioProcessing, PlainAudio
from kiosk.media.call_media import CallMedia
from kiosk.media.errors import MediaError, MediaProcessingError
from kiosk.media.relay_path import RelayPath
from kiosk.media.tunnel import Proxy
from kiosk.vision.faces import FaceFinder, ModelError
from protocol import records
from protocol.errors import LocalError
from protocol.values import CameraRole

SOFTWARE = "madoguchi-0.1.0"
EXIT_SETTINGS = 2

log = logging.getLogger("kiosk.agent")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 ended by a signal, 2 something here must be changed first."""
    options = _parser().parse_args(arguments)
    records.set_up(options.log_level, "httpx", "aioice")
    try:
        settings = Settings.read(options.config)
        if options.make_key:
            key = files.make_key(Path(settings.paths.data))
            print(base64.b64encode(key.public_key().public_bytes_raw()).decode())
            return 0
        problems = check(settings)
        for problem in problems:
            print(problem, file=sys.stderr)
        if options.check:
            print(f"{options.config}: {'not ' if problems else ''}ready")
            return EXIT_SETTINGS if problems else 0
        asyncio.run(serve(settings))
    except (LocalError, ModelError, MediaError, DeviceError) as error:
        print(error, file=sys.stderr)
        return EXIT_SETTINGS
    return 0


def check(settings: Settings) -> list[str]:
    """What is not there right now but may still come: devices. LocalError for what must be changed first."""
    check_adapter()
    _finder(settings)
    proxy_of(settings)
    files.read_key(Path(settings.paths.data))
    problems = []
    for id, camera in settings.cameras.named().items():
        SupervisedCamera(describe(id, camera))
        if camera.kind in ("v4l2", "file") and not Path(camera.path).exists():
            problems.append(f"cameras.{id}: device_missing: nothing at {camera.path}; check cable and path")
    if settings.audio.kind == "device":
        absent = _audio(settings).absent()
        problems += [f"audio: {fault}" for fault in absent.split("; ") if fault]
    problems += [f"audio.echo: {fault}" for fault in (_processing(settings)[1],) if fault]
    return problems


async def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    agent, parts = assemble(settings)
    running = asyncio.create_task(agent.run(parts))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if running.done():
        running.result()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def assemble(settings: Settings) -> tuple[Agent, Parts]:
    """The agent with the hardware that the settings name."""
    data, run = Path(settings.paths.data), Path(settings.paths.run)
    preferences = Preferences(
        text_size=TextSize(settings.resident.text_size), volume=settings.resident.volume
    )
    loudness = Loudness(settings.audio.full_scale_db, settings.resident.volume_raise)
    agent = Agent(
        Terminal(preferences, now(), site=files.kept_site(data), loudness=loudness),
        Fallback(settings.place.municipality_name, settings.place.telephone),
    )
    cameras = tuple(_part(id, camera) for id, camera in settings.cameras.named().items())
    new_processing, lacking = _processing(settings)
    if lacking:
        log.error("sound is sent with its echo", extra={"cause": lacking})
    devices = Devices(
        cameras,
        _audio(settings),
        agent.frame,
        agent.devices_changed,
        lacking=(ECHO_MISSING,) if lacking else (),
    )
    proxy, tls = proxy_of(settings), ssl.create_default_context()
    gate = Gate()
    identity = Identity(
        device=settings.device,
        hub=settings.hub.name,
        boot_id=files.boot_id(),
        key=files.read_key(data),
        software=SOFTWARE,
        simulated=devices.simulated,
    )
    parts = Parts(
        devices=devices,
        gate=gate,
        stills=Stills(
            devices, gate, _finder(settings), settings.hub.url, agent.post, agent.still_shown, tls, proxy
        ),
        mixer=Mixer(no_voice),
        link=HubLink(settings.hub.url, identity, agent.post, proxy),
        ui=UiServer(run / "ui.sock", agent.touched, agent.drawn),
        watcher=UdevWatcher(),
        new_media=lambda: CallMedia(agent.media_event, agent.operator_frame, processing=new_processing()),
        relay=RelayPath(
            proxy, network=fingerprint, memory=files.kept_ways(data), keep=partial(_keep_ways, data), tls=tls
        ),
        data=data,
        cpu_pressure=LinuxBoard().cpu_pressure,
    )
    return agent, parts


def _part(id: str, camera: CameraSettings) -> CameraPart:
    name = camera.name or (f"予備カメラ {id.removeprefix('spare-')}" if id.startswith("spare-") else "")
    profile = Profile(camera.width, camera.height, camera.fps)
    return CameraPart(id, SupervisedCamera(describe(id, camera)), profile, int(camera.rotation), name)


def describe(id: str, camera: CameraSettings) -> dict[str, object]:
    """The description that `hardware.cameras` opens."""
    match camera.kind:
        case "synthetic":
            scene = CameraRole.FACE if id == CameraRole.FACE else CameraRole.DOCUMENT
            return {"kind": "synthetic", "scene": scene.value, "run": camera.run}
        case "picamera2":
            return {"kind": "picamera2", "id": camera.path}
        case kind:
            return {"kind": kind, "path": camera.path}


def proxy_of(settings: Settings) -> Proxy | None:
    """The way out of the building; LocalError when its password cannot be read."""
    network = settings.network
    if not network.proxy:
        return None
    url = urlsplit(network.proxy)
    assert url.hostname is not None
    assert url.port is not None
    password = ""
    if network.proxy_password_file:
        password = files.proxy_password(Path(network.proxy_password_file))
    return Proxy(url.hostname, url.port, network.proxy_user, password)


def _keep_ways(data: Path, ways: dict[str, tuple[str, ...]]) -> None:
    try:
        files.keep_ways(data, ways)
    except OSError as error:
        log.warning("ways to the relay not kept: %s", error)


def _audio(settings: Settings) -> AudioPort:
    if settings.audio.kind == "silent":
        return SilentAudio()
    audio = settings.audio
    return SoundDeviceAudio(audio.input, audio.output, simulated=audio.simulated, headset=audio.headset)


def _processing(settings: Settings) -> tuple[Callable[[], AudioProcessing], str]:
    """What makes each call's processing of sound, and why it is not what was asked for ('' if it is)."""
    if settings.audio.kind == "silent" or settings.audio.echo != "processed":
        return PlainAudio, ""
    try:
        WebRtcAudio()
    except MediaProcessingError as error:
        return PlainAudio, str(error)
    return WebRtcAudio, ""


def _finder(settings: Settings) -> FaceFinder:
    vision = settings.vision
    return FaceFinder(
        Path(vision.face_model) if vision.face_model else None, vision.face_model_sha256 or None
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk.agent",
        description="The process of a terminal that owns the link to the hub, the call and the devices.",
    )
    parser.add_argument(
        "--config", type=Path, default=Path("config/kiosk.yaml"), help="settings of this terminal"
    )
    parser.add_argument(
        "--check", action="store_true", help="validate settings, key, models and devices, then end"
    )
    parser.add_argument(
        "--make-key", action="store_true", help="make the device key if there is none, print its public half"
    )
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
