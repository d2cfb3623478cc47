"""I420 pictures with OpenCV: conversion and planes."""

from __future__ import annotations

import cv2
import numpy as np

from hardware.ports import Bytes


def from_bgr(picture: Bytes) -> Bytes:
    """(h, w, 3) BGR to I420 (h * 3 // 2, w); an odd last row or column is dropped."""
    height, width = picture.shape[0] & ~1, picture.shape[1] & ~1
    out: Bytes = cv2.cvtColor(np.ascontiguousarray(picture[:height, :width]), cv2.COLOR_BGR2YUV_I420)
    return out


def planes(data: Bytes) -> tuple[Bytes, Bytes, Bytes]:
    """Views of Y (h, w), U and V (h / 2, w / 2) of a contiguous I420 array."""
    height, width = data.shape[0] * 2 // 3, data.shape[1]
    chroma = data[height:].reshape(2, height // 2, width // 2)
    return data[:height], chroma[0], chroma[1]


def resized(data: Bytes, width: int, height: int) -> Bytes:
    """The same picture at another even size."""
    if data.shape == (height * 3 // 2, width):
        return data
    shrink = data.shape[1] > width
    how = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    out = np.empty((height * 3 // 2, width), np.uint8)
    for source, target in zip(planes(data), planes(out), strict=True):
        target[...] = cv2.resize(source, (target.shape[1], target.shape[0]), interpolation=how)
    return out
