"""Faces are found where they are, and a face model that cannot be used says what to do."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from kiosk.vision.faces import FaceFinder, ModelError
from tests.fakes.scenes import Drawn, as_frame, draw_head, portrait, room

MODEL = os.environ.get("MADOGUCHI_YUNET", "")


@pytest.fixture(scope="module", params=["cascade", "yunet"])
def finder(request: pytest.FixtureRequest) -> FaceFinder:
    """Both finders; YuNet where MADOGUCHI_YUNET names its file."""
    if request.param == "cascade":
        return FaceFinder(None, None)
    if not MODEL:
        pytest.skip("MADOGUCHI_YUNET names no model file")
    return FaceFinder(Path(MODEL), hashlib.sha256(Path(MODEL).read_bytes()).hexdigest())


def test_one_face_is_found_in_its_place(finder: FaceFinder) -> None:
    """Eyes, chin and middle lie within 8 % of the head's height of where they were drawn."""
    picture, head = portrait()
    (face,) = finder.find(as_frame(picture))
    slack = 0.08 * head.height
    assert abs(face.centre_x - head.centre_x) < slack
    assert abs(face.eye_y - head.eye_y) < slack
    assert abs(face.chin_y - head.chin_y) < slack


def test_faces_come_largest_first(finder: FaceFinder) -> None:
    """The resident in front comes before the person behind."""
    picture = room(1920, 1080)
    draw_head(picture, Drawn(520, 300, 400))
    draw_head(picture, Drawn(1320, 150, 620))
    faces = finder.find(as_frame(picture))
    assert [round(face.centre_x, -2) for face in faces] == [1300, 500]


def test_a_portrait_frame_is_searched_as_well(finder: FaceFinder) -> None:
    """A camera on its side finds the same face."""
    picture = room(1080, 1920)
    draw_head(picture, Drawn(540, 500, 620))
    (face,) = finder.find(as_frame(picture))
    assert abs(face.centre_x - 540) < 50


def test_an_empty_room_has_no_face(finder: FaceFinder) -> None:
    """Neither a wall nor noise is a face."""
    noise = np.random.default_rng(5).integers(0, 256, (720, 1280, 3), np.uint8)
    assert finder.find(as_frame(room(1280, 720))) == ()
    assert finder.find(as_frame(noise)) == ()


def test_only_a_model_makes_the_finder_reliable() -> None:
    """Without one, the operator decides in any case."""
    finder = FaceFinder(None, None)
    assert (finder.reliable, finder.name) == (False, "cascade")


def test_a_missing_model_names_the_file(tmp_path: Path) -> None:
    """The technician reads which file to put where."""
    path = tmp_path / "face.onnx"
    with pytest.raises(ModelError, match="put the file there") as caught:
        FaceFinder(path, "0" * 64)
    assert str(path) in str(caught.value)


def test_another_file_than_expected_is_not_loaded(tmp_path: Path) -> None:
    """The message shows both digests, so that one can see which is wrong."""
    path = tmp_path / "face.onnx"
    path.write_bytes(b"something else")
    with pytest.raises(ModelError) as caught:
        FaceFinder(path, "a" * 64)
    message = str(caught.value)
    assert hashlib.sha256(b"something else").hexdigest() in message
    assert "a" * 64 in message


def test_a_model_without_its_digest_is_not_loaded(tmp_path: Path) -> None:
    """Nobody runs an unchecked model by leaving a line out."""
    path = tmp_path / "face.onnx"
    path.write_bytes(b"x")
    with pytest.raises(ModelError, match="sha256"):
        FaceFinder(path, None)


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    """The right digest of rubbish is still no model."""
    path = tmp_path / "face.onnx"
    path.write_bytes(b"rubbish" * 100)
    with pytest.raises(ModelError, match="cannot load"):
        FaceFinder(path, hashlib.sha256(b"rubbish" * 100).hexdigest().upper())
