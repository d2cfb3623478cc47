"""Where faces are in a frame. Says how many and where; never whose.

With a model (YuNet) tilted and half-turned faces are found too. Without one, the cascade that comes with
OpenCV finds upright frontal faces only; what is built on it is marked for the operator to decide.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from hardware.ports import Frame
from kiosk.vision import gate_ops
from kiosk.vision.jpeg import to_bgr

_LONGEST: Final = 320  # pixels of the searched picture's longer side
_CASCADE: Final = "haarcascade_frontalface_alt2.xml"
_MODEL_SCORE: Final = 0.7
_MODEL_OVERLAP: Final = 0.3
# Of the cascade's square box, from its top and its width: eyes, chin, distance of the eyes (own measurement
# on a portrait and on drawn faces; the chin is right to about 8 % of eyes to chin).
_CASCADE_EYES: Final = 0.39
_CASCADE_CHIN: Final = 1.12
_CASCADE_EYE_DISTANCE: Final = 0.41


class ModelError(Exception):
    """A face model that cannot be used; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face in pixels of the frame; `left` is the viewer's left."""

    left: float
    top: float
    width: float
    height: float
    centre_x: float
    eye_y: float
    chin_y: float
    eye_distance: float

    @property
    def area(self) -> float:
        return self.width * self.height


class Finder(Protocol):
    """What the ID photo asks of a face finder."""

    @property
    def reliable(self) -> bool:
        """False when what it finds must be judged by the operator in any case."""
        ...

    def find(self, frame: Frame) -> tuple[Face, ...]: ...


class FaceFinder:
    """Finds faces with YuNet when `model` is given, else with OpenCV's own cascade.

    `sha256` is the digest that the model file must have. ModelError when a file is missing, is another one or
    cannot be loaded. Not for two threads at once.
    """

    def __init__(self, model: Path | None, sha256: str | None) -> None:
        self._model = None if model is None else _load_model(model, sha256)
        self._cascade = _load_cascade() if model is None else None

    @property
    def reliable(self) -> bool:
        return self._model is not None

    @property
    def name(self) -> str:
        """For logs and the self-check: 'yunet' or 'cascade'."""
        return "cascade" if self._model is None else "yunet"

    def find(self, frame: Frame) -> tuple[Face, ...]:
        """All faces, largest first, in pixels of `frame`. ValueError when the frame is not I420."""
        small = gate_ops.fit(frame, _LONGEST, _LONGEST)
        scale = (frame.width / small.width, frame.height / small.height)
        rows = self._by_cascade(small) if self._model is None else self._by_model(small)
        faces = [_scaled(face, *scale) for face in rows]
        return tuple(sorted(faces, key=lambda face: face.area, reverse=True))

    def _by_cascade(self, small: Frame) -> list[Face]:
        assert self._cascade is not None
        grey = cv2.equalizeHist(np.ascontiguousarray(gate_ops.planes(small)[0]))
        least = max(24, small.height // 10)
        boxes = self._cascade.detectMultiScale(grey, 1.1, 5, minSize=(least, least))
        return [_from_cascade(*map(float, box)) for box in boxes]

    def _by_model(self, small: Frame) -> list[Face]:
        assert self._model is not None
        self._model.setInputSize((small.width, small.height))
        found = self._model.detect(to_bgr(small))[1]
        return [] if found is None else [_from_model([float(v) for v in row]) for row in found]


def _load_model(path: Path, sha256: str | None) -> Any:
    if not sha256:
        raise ModelError(f"{path}: a face model needs its sha256 in the settings; add it or remove the model")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: the face model cannot be read ({error.strerror}); put the file there or remove it from "
            "the settings (the terminal then uses OpenCV's cascade)"
        ) from error
    actual = hashlib.sha256(raw).hexdigest()
    if actual != sha256.strip().lower():
        raise ModelError(
            f"{path}: sha256 is {actual}, the settings expect {sha256}; replace the file by the expected one"
        )
    try:
        return cv2.FaceDetectorYN.create(
            "onnx",
            np.frombuffer(raw, np.uint8),
            np.empty(0, np.uint8),
            (_LONGEST, _LONGEST),
            _MODEL_SCORE,
            _MODEL_OVERLAP,
            20,
        )
    except cv2.error as error:
        raise ModelError(
            f"{path}: the sha256 is right but OpenCV cannot load the file; use a YuNet model (ONNX)"
        ) from error


def _load_cascade() -> Any:
    path = Path(cv2.__file__).parent / "data" / _CASCADE
    cascade = cv2.CascadeClassifier(str(path))
    if cascade.empty():
        raise ModelError(
            f"{path}: OpenCV's cascade is missing; install opencv-python 4.14 or configure a face model"
        )
    return cascade


def _from_cascade(left: float, top: float, width: float, height: float) -> Face:
    return Face(
        left,
        top,
        width,
        height,
        centre_x=left + width / 2,
        eye_y=top + _CASCADE_EYES * height,
        chin_y=top + _CASCADE_CHIN * height,
        eye_distance=_CASCADE_EYE_DISTANCE * width,
    )


def _from_model(row: list[float]) -> Face:
    """A row of FaceDetectorYN: box, right eye, left eye, nose, mouth corners (x, y each), score."""
    left, top, width, height = row[:4]
    right_x, right_y, left_x, left_y = row[4:8]  # the person's right eye is on the viewer's left
    return Face(
        left,
        top,
        width,
        height,
        centre_x=(right_x + left_x) / 2,
        eye_y=(right_y + left_y) / 2,
        chin_y=top + height,
        eye_distance=max(1.0, math.hypot(left_x - right_x, left_y - right_y)),
    )


def _scaled(face: Face, x: float, y: float) -> Face:
    return Face(
        face.left * x,
        face.top * y,
        face.width * x,
        face.height * y,
        face.centre_x * x,
        face.eye_y * y,
        face.chin_y * y,
        face.eye_distance * x,
    )
