"""A private PulseAudio with null sinks, so that real audio runs on a machine without a sound card.

    with PrivateAudioServer(Path("var/demo/audio")) as server:
        env = {**os.environ, **server.environment()}      # for every program that is to hear or speak

Sinks: `kiosk_mic`, whose monitor `kiosk_mic.monitor` is the kiosk's microphone (play into it and the kiosk
hears it), and `kiosk_speaker`, whose monitor is what the kiosk plays. Others can be named.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from hardware.errors import DeviceMissing, DeviceRefused

KIOSK_MIC: Final = "kiosk_mic"
KIOSK_SPEAKER: Final = "kiosk_speaker"
_START_S: Final = 10.0
_MAX_SOCKET_PATH: Final = 100  # sockaddr_un holds 108


class PrivateAudioServer:
    """Blocking; start it in a thread or before the event loop. Files live in `folder`, nowhere else."""

    def __init__(self, folder: Path, sinks: tuple[str, ...] = (KIOSK_MIC, KIOSK_SPEAKER)) -> None:
        self._folder = folder.resolve()
        self._sinks = sinks
        self._socket = self._folder / "native"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PrivateAudioServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """For `SoundDeviceAudio(server=...)` and PULSE_SERVER."""
        return f"unix:{self._socket}"

    def environment(self) -> dict[str, str]:
        """What to add to another program's environment, so that it uses this server and no other."""
        return {
            "PULSE_SERVER": self.address,
            "XDG_RUNTIME_DIR": str(self._folder),
            "PULSE_COOKIE": str(self._folder / "cookie"),
        }

    def start(self) -> None:
        """Returns when it answers. DeviceMissing without pulseaudio, DeviceRefused when it does not start."""
        program = shutil.which("pulseaudio")
        if program is None:
            raise DeviceMissing("pulseaudio", "the program is not installed: apt-get install pulseaudio")
        if len(str(self._socket)) > _MAX_SOCKET_PATH:
            raise DeviceRefused(
                "pulseaudio", f"the path {self._socket} is too long for a socket: choose another"
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self._socket.unlink(missing_ok=True)
        environment = {**os.environ, "HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
            environment.pop(name, None)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program of the system, our own arguments
                [program, *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
            )
        self._wait_until_it_listens()

    def stop(self) -> None:
        """Ends it and takes its socket away; harmless when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3.0)
        process.kill()
        process.wait()
        self._socket.unlink(missing_ok=True)

    def _arguments(self) -> list[str]:
        modules = [f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"]
        # norewinds: else a null sink works in steps of 2 s, and the first second of a call is lost
        modules += [
            f"module-null-sink sink_name={sink} rate=48000 channels=1 format=s16le norewinds=1"
            for sink in self._sinks
        ]
        loads = [argument for module in modules for argument in ("-L", module)]
        fixed = [
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--system=false",
            "--disallow-exit",
            "--high-priority=yes",
        ]
        return [*fixed, "-n", *loads]

    def _wait_until_it_listens(self) -> None:
        assert self._process is not None
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self._socket))
                return
            time.sleep(0.02)
        self.stop()
        raise DeviceRefused("pulseaudio", f"it did not start: read {self._folder / 'log'}")
