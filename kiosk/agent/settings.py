"""Everything that a technician may set for one terminal; read by `protocol.strict_yaml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from protocol.errors import ConfigError
from protocol.strict_yaml import load, setting

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


PROXY = re.compile(r"http://(?:[^\s/:@\[\]]+|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})")


class _Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of settings: an unknown key is an error."""


class HubSettings(_Group, frozen=True):
    """Where the hub is."""

    url: Annotated[
        str,
        setting(
            "Address of the hub's WebSocket for terminals; wss:// everywhere but on this machine",
            pattern=r"^wss?://[^/\s]+/ws/kiosk$",
        ),
    ]
    name: Annotated[
        str, setting("Name that the hub signs with; a connect is bound to it", min_length=1, max_length=64)
    ]


class NetworkSettings(_Group, frozen=True):
    """The way out of the building, where it is not open."""

    proxy: Annotated[
        str,
        setting(
            "HTTP proxy that passes CONNECT to the hub and the relay, as http://name:port; empty: none",
            max_length=280,
        ),
    ] = ""
    proxy_user: Annotated[
        str,
        setting(
            "User name for the proxy (Basic); empty: it asks for none", pattern="^[^:]*$", max_length=120
        ),
    ] = ""
    proxy_password_file: Annotated[
        str, setting("File with the proxy's password in one line, mode 0600", max_length=300)
    ] = ""


class PlaceSettings(_Group, frozen=True):
    """What the screen says before the hub has ever spoken."""

    municipality_name: Annotated[
        str, setting("Name of the municipality as residents read it", min_length=1, max_length=80)
    ]
    telephone: Annotated[
        str, setting("Telephone number on the offline screen", pattern=r"^[0-9][0-9-]{5,20}$")
    ]


class CameraSettings(_Group, frozen=True):
    """One camera. `path` is stable (by-path or libcamera Id), never a number."""

    kind: Annotated[
        Literal["picamera2", "v4l2", "file", "synthetic"], setting("Which driver opens the camera")
    ]
    path: Annotated[str, setting("Stable path, libcamera Id, or the file to play", max_length=300)] = ""
    width: Annotated[int, setting("Width of the stream, even", unit="px", ge=160, le=1920, multiple_of=2)] = (
        640
    )
    height: Annotated[
        int, setting("Height of the stream, even", unit="px", ge=120, le=1080, multiple_of=2)
    ] = 480
    fps: Annotated[float, setting("Frames a second of the stream", unit="1/s", ge=1, le=30)] = 15.0
    rotation: Annotated[
        Literal["0", "90", "180", "270"], setting("Turns the picture clockwise", unit="degrees")
    ] = "0"
    name: Annotated[
        str, setting("What operators call it; empty is the place that it serves", max_length=40)
    ] = ""
    run: Annotated[
        str,
        setting("Run number drawn into simulated pictures, 8 hexadecimal digits", pattern="^([0-9A-F]{8})?$"),
    ] = ""


class CamerasSettings(_Group, frozen=True):
    """The two cameras of a terminal, and others that an operator may choose instead."""

    face: Annotated[CameraSettings, setting("Camera on the resident")]
    document: Annotated[CameraSettings, setting("Camera over the paper")]
    spare: Annotated[
        tuple[CameraSettings, ...],
        setting("More cameras that are attached; an operator may choose one during a call", max_length=4),
    ] = ()

    def named(self) -> dict[str, CameraSettings]:
        """Every camera by its id: face, document, spare-1 ..."""
        spare = {f"spare-{n}": camera for n, camera in enumerate(self.spare, 1)}
        return {"face": self.face, "document": self.document, **spare}


class AudioSettings(_Group, frozen=True):
    """Microphone and speaker."""

    kind: Annotated[
        Literal["device", "silent"], setting("'device' for real sound, 'silent' where a machine has none")
    ] = "device"
    input: Annotated[
        str, setting("Name of the microphone (PulseAudio or PipeWire source)", max_length=120)
    ] = ""
    output: Annotated[str, setting("Name of the speaker (sink)", max_length=120)] = ""
    headset: Annotated[
        str,
        setting(
            "Name of a headset's sink, or of the speaker's port for it; while it is plugged sound goes there"
            " and the speaker is silent. Empty: none",
            max_length=120,
        ),
    ] = ""
    echo: Annotated[
        Literal["processed", "node", "off"],
        setting(
            "Who keeps the speaker out of the microphone: 'processed' the agent itself, with noise and"
            " loudness; 'node' an echo-cancel node of the audio server, whose source and sink are named by"
            " `input` and `output`; 'off' nobody, for devices that do it themselves"
        ),
    ] = "processed"
    full_scale_db: Annotated[
        float,
        setting(
            "Loudness in the air that the microphone reads as full scale: an assumption until it was measured"
            " with a sound level meter; how loud the place is is reckoned from it",
            unit="dB SPL",
            ge=60,
            le=140,
        ),
    ] = 100.0
    simulated: Annotated[bool, setting("The devices are null sinks, not a microphone and a speaker")] = False


class VisionSettings(_Group, frozen=True):
    """Models; without one the checks of photos are fewer and say so."""

    face_model: Annotated[str, setting("File of the YuNet face model; empty uses OpenCV's cascade")] = ""
    face_model_sha256: Annotated[
        str, setting("Digest of that file, 64 hexadecimal digits", pattern="^([0-9a-f]{64})?$")
    ] = ""


class ResidentSettings(_Group, frozen=True):
    """What every resident finds at first; what they change is reset after each use."""

    text_size: Annotated[Literal["normal", "large"], setting("Size of the text")] = "normal"
    volume: Annotated[int, setting("Loudness of the speaker", unit="steps", ge=1, le=5)] = 3
    volume_raise: Annotated[
        int,
        setting("By how much a call may begin louder where the place is loud", unit="steps", ge=0, le=4),
    ] = 2


class PathSettings(_Group, frozen=True):
    """Where the agent keeps what it keeps."""

    run: Annotated[str, setting("Directory in RAM: sockets")] = "/run/madoguchi"
    data: Annotated[str, setting("Directory that stays: device key, last known site")] = "/data/madoguchi"


class Settings(_Group, frozen=True):
    """A terminal."""

    device: Annotated[str, setting("Name of this terminal at the hub", pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
    hub: Annotated[HubSettings, setting("The hub")]
    place: Annotated[PlaceSettings, setting("The place where the terminal stands")]
    cameras: Annotated[CamerasSettings, setting("The cameras")]
    network: Annotated[NetworkSettings, setting("The way out of the building")] = NetworkSettings()
    audio: Annotated[AudioSettings, setting("Sound")] = AudioSettings()
    vision: Annotated[VisionSettings, setting("Models for the photo checks")] = VisionSettings()
    resident: Annotated[ResidentSettings, setting("What residents find at first")] = ResidentSettings()
    paths: Annotated[PathSettings, setting("Directories")] = PathSettings()

    @classmethod
    def read(cls, path: Path) -> Self:
        """ConfigError with file, line and key for everything that is wrong."""
        settings = load(path, cls)
        settings._check(str(path))
        return settings

    def _check(self, file: str) -> None:
        url = self.hub.url
        host = url.removeprefix("ws://").split("/")[0].rsplit(":", 1)[0]
        if url.startswith("ws://") and host not in ("127.0.0.1", "localhost", "[::1]"):
            raise ConfigError(file, None, "hub.url", "ws:// is for this machine alone; write wss://")
        network = self.network
        port = PROXY.fullmatch(network.proxy)
        if network.proxy and (port is None or not 1 <= int(port[1]) <= 65535):
            problem = "write http://name:port and no more; user and password have keys of their own"
            raise ConfigError(file, None, "network.proxy", problem)  # without the value: it may hold them
        if bool(network.proxy_user) != bool(network.proxy_password_file):
            raise ConfigError(
                file, None, "network.proxy_user", "a user and a password file go together; give both or none"
            )
        for id, camera in self.cameras.named().items():
            if camera.kind in ("v4l2", "picamera2", "file") and not camera.path:
                raise ConfigError(
                    file, None, f"cameras.{_key(id)}.path", f"the kind '{camera.kind}' needs a path; give one"
                )
        if bool(self.vision.face_model) != bool(self.vision.face_model_sha256):
            raise ConfigError(
                file,
                None,
                "vision.face_model_sha256",
                "a model and its digest go together; give both or none",
            )


def _key(id: str) -> str:
    """Where a camera stands in the file."""
    return f"spare[{int(id.removeprefix('spare-')) - 1}]" if id.startswith("spare-") else id
