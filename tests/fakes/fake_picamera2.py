"""A stand-in for picamera2, put into sys.modules, that pads rows to a stride as the real one does.

    stub = FakePicamera2Module(cameras=[{"Id": "/base/cam@1a", "Num": 0}])
    monkeypatch.setitem(sys.modules, "picamera2", stub)
    source.start(Profile(640, 480, 15.0))
    stub.opened[0].configuration["lores"]["size"]

Pixels: Y is 100, U 90, V 200; the padding is 7, so that a test sees padding that slipped through.
"""

from __future__ import annotations

import time
from types import ModuleType, TracebackType
from typing import Any

import numpy as np

Y, U, V, PADDING = 100, 90, 200, 7


def padded(width: int, height: int, stride: int) -> np.ndarray:
    """A YUV420 array (height * 3 // 2, stride): two chroma rows of half a stride share a row."""
    luma = np.full((height, stride), PADDING, np.uint8)
    luma[:, :width] = Y
    chroma = np.full((height, stride // 2), PADDING, np.uint8)
    chroma[: height // 2, : width // 2] = U
    chroma[height // 2 :, : width // 2] = V
    return np.concatenate([luma.reshape(-1), chroma.reshape(-1)]).reshape(height * 3 // 2, stride)


class Request:
    def __init__(self, camera: FakePicamera2, flushed: bool) -> None:
        self.camera, self.flushed, self.released = camera, flushed, 0

    def get_metadata(self) -> dict[str, Any]:
        stamp = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 20_000_000
        return {"SensorTimestamp": stamp, "LensPosition": self.camera.module.lens_at}

    def release(self) -> None:
        self.released += 1


class MappedArray:
    def __init__(self, request: Request, stream: str, write: bool = True) -> None:
        assert not write, "the adapter only reads"
        assert request.released == 0, "mapped after its release"
        width, height = request.camera.configuration[stream]["size"]
        self.array = padded(width, height, (width + 63) // 64 * 64 + 64)

    def __enter__(self) -> MappedArray:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.array = np.zeros((0, 0), np.uint8)


class FakePicamera2:
    def __init__(self, module: FakePicamera2Module, number: int) -> None:
        if module.busy:
            raise RuntimeError("Failed to acquire camera: Device or resource busy")
        self.module, self.number = module, number
        self.configuration: dict[str, Any] = {}
        self.controls: dict[str, Any] = {}
        self.requests: list[Request] = []
        self.running = self.closed = False
        self.camera_controls = module.known_controls
        module.opened.append(self)

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        return wanted

    def configure(self, configuration: dict[str, Any]) -> None:
        assert not self.running, "a switch of mode while streaming"
        self.configuration = configuration

    def start(self) -> None:
        self.running = True

    def capture_request(self, flush: bool | None = None) -> Request:
        assert self.running
        request = Request(self, bool(flush))
        self.requests.append(request)
        return request

    def set_controls(self, controls: dict[str, Any]) -> None:
        self.controls.update(controls)

    def stop(self) -> None:
        self.running = False

    def close(self) -> None:
        self.closed = True


class FakePicamera2Module(ModuleType):
    """`busy` makes every opening fail; `opened` holds the cameras in the order of their opening."""

    def __init__(self, cameras: list[dict[str, Any]], busy: bool = False) -> None:
        super().__init__("picamera2")
        module = self
        self.busy = busy
        self.opened: list[FakePicamera2] = []
        self.MappedArray = MappedArray
        self.lens_at = 2.5  # dioptres, where autofocus has put it
        self.known_controls: dict[str, tuple[Any, Any, Any]] = {
            "AfMode": (0, 2, 0), "LensPosition": (0.0, 10.0, 1.0), "ExposureValue": (-8.0, 8.0, 0.0),
        }  # fmt: skip

        class Picamera2(FakePicamera2):
            def __init__(self, number: int = 0) -> None:
                super().__init__(module, number)

            @staticmethod
            def global_camera_info() -> list[dict[str, Any]]:
                return cameras

        self.Picamera2 = Picamera2
