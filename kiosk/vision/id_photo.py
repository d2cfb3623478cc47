"""The ID photo: crops a frame to 35 x 45 mm after the head in it, and says what was checked on the result.

Never enlarges, never retouches, never refuses: the operator looks at the photo and decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2

from hardware.ports import Bytes, Frame
from kiosk.vision import gate_ops
from kiosk.vision.faces import Face, Finder
from kiosk.vision.gate_ops import Rect
from kiosk.vision.head import LEAST_HEIGHT, LEAST_WIDTH, Head, Placement, centre_crop, head_of, id_crop, place
from kiosk.vision.jpeg import QUALITY, digest, encode_bgr, to_bgr
from kiosk.vision.measures import FaceMeasures, Ground, background_uniformity, face_measures
from kiosk.vision.still import BAD, CAUTION, GOOD, Check, Still, worst
from kiosk.vision.tilt import roll

MOST_WIDTH: Final = 827  # 35 x 45 mm at 600 dots an inch
MOST_HEIGHT: Final = 1063
LEAST_BYTES: Final = 20 * 1024  # what the application accepts: 20 KB to 7 MB, the stricter reading of each
MOST_BYTES: Final = 7_000_000
_FINER: Final = (QUALITY, 95, 98, 100)  # tried in turn while a plain picture stays below LEAST_BYTES
_MATTERS: Final = 0.12  # a second face counts from this share of the largest one's area
_UNMEASURED: Final = "測れません"


@dataclass(frozen=True, slots=True)
class _Seen:
    """The main face of a frame with what was measured on it."""

    head: Head
    roll: float | None
    rect: Rect
    skin: FaceMeasures
    ground: Ground | None


def id_photo(frame: Frame, finder: Finder) -> Still:
    """The photo of the largest face in `frame`; without a face the middle of the frame and a bad check.

    ValueError when the frame is not I420.
    """
    bgr = to_bgr(frame)
    faces = finder.find(frame)
    seen = _look(frame, bgr, faces[0]) if faces else None
    rect = seen.rect if seen else centre_crop(frame.width, frame.height)
    photo = _at_most(bgr[rect.top : rect.bottom, rect.left : rect.right])
    jpeg = _encoded(photo)
    height, width = photo.shape[:2]
    checks = (single_face_present(faces), *_of_face(seen), file_accepted(width, height, len(jpeg)))
    return Still(
        jpeg=jpeg,
        width=width,
        height=height,
        sha256=digest(jpeg),
        checks=(*checks, overall(checks, finder.reliable)),
        picture=gate_ops.fit(gate_ops.crop(frame, rect), MOST_WIDTH, MOST_HEIGHT),
    )


def _look(frame: Frame, bgr: Bytes, face: Face) -> _Seen:
    head = head_of(face, bgr)
    tilt = roll(gate_ops.planes(frame)[0], face)
    rect = id_crop(head, frame.width, frame.height)
    part = bgr[rect.top : rect.bottom, rect.left : rect.right]
    ground = background_uniformity(part, head, rect.left, rect.top)
    return _Seen(head, tilt, rect, face_measures(bgr, face, tilt or 0.0), ground)


def _of_face(seen: _Seen | None) -> tuple[Check, ...]:
    if seen is None:
        labels = ("顔の傾き", "顔の大きさ", "余白", "明るさ", "ピント", "背景")
        return tuple(Check(label, CAUTION, _UNMEASURED) for label in labels)
    placement = place(seen.head, seen.rect)
    return (
        head_pose(seen.roll),
        head_size(placement),
        margin_above(placement, seen.head.crown_seen),
        illumination(seen.skin),
        sharpness(seen.skin),
        background(seen.ground),
    )


def single_face_present(faces: tuple[Face, ...]) -> Check:
    """Exactly one face, leaving out those far behind."""
    count = sum(1 for face in faces if face.area > _MATTERS * faces[0].area)
    if count == 1:
        return Check("顔", GOOD, "1人です")
    return Check("顔", BAD, f"{count}人写っています" if count else "顔が見つかりません")


def head_pose(degrees: float | None) -> Check:
    """The tilt to either side; turns and nods are for the operator to see."""
    if degrees is None:
        return Check("顔の傾き", CAUTION, _UNMEASURED)
    if abs(degrees) <= 4:
        return Check("顔の傾き", GOOD, "まっすぐです")
    if abs(degrees) <= 5.5:
        return Check("顔の傾き", CAUTION, "少し傾いています")
    return Check("顔の傾き", BAD, "傾いています")


def head_size(placement: Placement) -> Check:
    """Crown to chin on the print: 32 to 36 mm of 45."""
    if placement.head_mm < 32:
        return Check("顔の大きさ", BAD, "小さすぎます。近づいてください")
    if placement.head_mm > 36:
        return Check("顔の大きさ", BAD, "大きすぎます。離れてください")
    return Check("顔の大きさ", GOOD, "ちょうどよい大きさです")


def margin_above(placement: Placement, crown_seen: bool) -> Check:
    """2 to 6 mm above the head, its centre line at 15 to 19 mm of 35."""
    if placement.above_mm < 2:
        return Check("余白", BAD, "頭の上が足りません")
    if not 15 / 35 <= placement.centre <= 20 / 35:
        return Check("余白", BAD, "左右の中心からずれています")
    if placement.above_mm > 6:
        return Check("余白", BAD, "頭の上が空きすぎです")
    if not crown_seen:
        return Check("余白", CAUTION, "頭の上の位置を確認してください")
    return Check("余白", GOOD, "ちょうどよい余白です")


def illumination(skin: FaceMeasures) -> Check:
    """Brightness of the skin and how evenly it is lit."""
    if skin.luminance_mean < 95:
        return Check("明るさ", BAD, "暗すぎます")
    if skin.luminance_mean > 205 or skin.over_exposed > 0.03:
        return Check("明るさ", BAD, "明るすぎます")
    if skin.illumination_difference > 0.38:
        return Check("明るさ", BAD, "左右の明るさが違います")
    return Check("明るさ", GOOD, "ちょうどよい明るさです")


def sharpness(skin: FaceMeasures) -> Check:
    """The weaker of the two directions, so that motion shows too."""
    if skin.sharpness is None:
        return Check("ピント", CAUTION, _UNMEASURED)
    if skin.sharpness < 6:
        return Check("ピント", BAD, "ぼけています")
    if skin.sharpness < 12:
        return Check("ピント", CAUTION, "少しぼけています")
    return Check("ピント", GOOD, "合っています")


def background(ground: Ground | None) -> Check:
    """Plain, light, without shadow or pattern."""
    if ground is None:
        return Check("背景", CAUTION, _UNMEASURED)
    if ground.spread > 7.5 or ground.chroma_spread > 5 or ground.gradient > 3.2:
        return Check("背景", BAD, "無地ではありません")
    if ground.drop > 12:
        return Check("背景", BAD, "影があります")
    if ground.lightness < 62:
        return Check("背景", BAD, "背景が暗すぎます")
    if ground.chroma > 15:
        return Check("背景", BAD, "背景に色がついています")
    return Check("背景", GOOD, "無地です")


def file_accepted(width: int, height: int, size: int) -> Check:
    """What the application's form takes: sides in pixels and bytes."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT - 1:
        return Check("画像", BAD, f"画素が足りません({width}×{height})")
    if not LEAST_BYTES <= size <= MOST_BYTES:
        return Check("画像", BAD, f"データの大きさが合いません({size // 1000}KB)")
    return Check("画像", GOOD, f"{width}×{height}画素")


def overall(checks: tuple[Check, ...], reliable: bool) -> Check:
    """One line for the hurried eye. Without a face model it is never 'good'."""
    state = worst(checks)
    if state == BAD:
        return Check("総合", BAD, "撮り直しをおすすめします")
    if state == CAUTION or not reliable:
        return Check("総合", CAUTION, "オペレーターが確認します")
    return Check("総合", GOOD, "調べた項目はすべて合格です")


def _at_most(part: Bytes) -> Bytes:
    """Shrunk to the largest useful size; never enlarged."""
    if part.shape[0] <= MOST_HEIGHT and part.shape[1] <= MOST_WIDTH:
        return part
    photo: Bytes = cv2.resize(part, (MOST_WIDTH, MOST_HEIGHT), interpolation=cv2.INTER_AREA)
    return photo


def _encoded(photo: Bytes) -> bytes:
    for quality in _FINER:
        jpeg = encode_bgr(photo, quality)
        if len(jpeg) >= LEAST_BYTES:
            break
    return jpeg
