"""CPU time per delivered picture: ours beside bare encoders, GStreamer's webrtcbin and stock aiortc.

The goal is held against GStreamer's pipeline that throws away what it encodes. libvpx called by ourselves in
a loop is the least that a program in our language can spend; it is there to show what the rest costs.

Every sender encodes the same clip at the same pace, size and rate, with the same codec settings (stock aiortc
has its own). The pictures are compared with the clip, so that nobody is cheap by being worse. Runs are
interleaved; the figure is the median.
"""

from __future__ import annotations

import asyncio
import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from hardware.simulated import decode_counter
from kiosk.media.vp8 import Vp8Decoder, planes
from tests.bench.calm import calm
from tests.bench.media import clip
from tests.bench.media.recorder import Recorded, Recorder
from tests.bench.media.sender import COMMANDS, running
from tests.bench.report import Goal, Row

ROUNDS = 5
SETTLE_S, MEASURE_S = 4.0, 8.0
COMPARED = 20  # pictures of a run whose likeness is measured
SIZES = {"480p": (640, 480, 700_000), "720p": (1280, 720, 1_500_000)}
BARE = ("bare encoder", "bare GStreamer")


@dataclass(frozen=True, slots=True)
class Found:
    """One run. Rates are of what arrived, `psnr` of its brightness in dB; None without a receiver."""

    cpu_ms: float  # per picture
    fps: float
    kbps: float | None = None
    psnr: float | None = None
    keys: int | None = None


def rows() -> list[Row]:
    """Some minutes; prints each run."""
    found: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for size in SIZES:
        for number in range(ROUNDS):
            for name in COMMANDS:
                one = calm(lambda n=name, s=size: asyncio.run(run(n, *SIZES[s])))  # type: ignore[misc]
                if one is not None:
                    found[size, name].append(one)
                    print(f"   {size} round {number + 1} {name}: {one}", flush=True)
    return [row for size in SIZES for row in _table(size, {name: found[size, name] for name in COMMANDS})]


async def run(name: str, width: int, height: int, bps: int) -> Found:
    """One sender for some seconds."""
    received, recorder = name not in BARE, Recorder()
    async with running(name, width, height, bps) as sender:
        try:
            if received:
                offer = await sender.ask(do="offer")
                sender.tell(do="answer", sdp=await recorder.answer(offer["offer"], offer["mid"]))
            await asyncio.sleep(SETTLE_S)
            before, first = await sender.ask(do="mark"), len(recorder.pictures)
            await asyncio.sleep(MEASURE_S)
            after, last = await sender.ask(do="mark"), len(recorder.pictures)
        finally:
            await recorder.close()
    cpu = after["cpu"] - before["cpu"]
    if not received:
        made = after["frames"] - before["frames"]
        return Found(1000 * cpu / made, made / MEASURE_S)
    pictures = recorder.pictures[first:last]
    bits = sum(len(one.picture.data) for one in pictures) * 8
    return Found(
        cpu_ms=1000 * cpu / len(pictures),
        fps=len(pictures) / MEASURE_S,
        kbps=bits / MEASURE_S / 1000,
        psnr=likeness(recorder.pictures[:last], first, width, height),
        keys=sum(one.picture.key for one in pictures),
    )


def likeness(pictures: list[Recorded], first: int, width: int, height: int) -> float:
    """Mean PSNR in dB of the brightness of some pictures from `first` on, each beside the one it shows."""
    originals, decoder = clip.load(clip.frames(width, height), width, height), Vp8Decoder()
    every = max(1, (len(pictures) - first) // COMPARED)
    values = []
    for number, recorded in enumerate(pictures):
        decoded = decoder.decode(recorded.picture.data)
        if decoded is None or number < first or number % every:
            continue
        seen = planes(decoded)[0][:height]
        counter = decode_counter(seen)
        if counter is not None:
            values.append(cv2.PSNR(seen, np.ascontiguousarray(originals[counter[2]][:height])))
    return statistics.fmean(values)


def _table(size: str, runs: Mapping[str, list[Found]]) -> list[Row]:
    cpu = {name: _median(found, "cpu_ms") for name, found in runs.items()}
    bare = {"bare GStreamer": cpu["bare GStreamer"], "stock aiortc": cpu["stock aiortc"]}
    alone, webrtc = {"bare encoder": cpu["bare encoder"]}, {"webrtcbin": cpu["webrtcbin"]}
    said = f"median of {min(len(found) for found in runs.values())}"

    def beside(field: str) -> dict[str, float | None]:
        return {name: _median(runs[name], field) for name in ("webrtcbin", "stock aiortc")}

    ours, theirs = _median(runs["ours"], "kbps"), _median(runs["webrtcbin"], "kbps")
    like, likes = _median(runs["ours"], "psnr"), _median(runs["webrtcbin"], "psnr")
    apart = None if ours is None or not theirs else abs(ours / theirs - 1) * 100
    short = None if like is None or likes is None else likes - like
    return [
        Row(f"{size}: CPU beside the bare encoder", "ms", cpu["ours"], bare, Goal.ratio_at_most(1.15), said),
        Row(f"{size}: CPU beside libvpx in a loop of our own", "ms", cpu["ours"], alone, note=said),
        Row(f"{size}: CPU beside webrtcbin", "ms", cpu["ours"], webrtc, Goal.ratio_at_most(1.0), said),
        Row(f"{size}: delivered pictures", "1/s", _median(runs["ours"], "fps"), beside("fps")),
        Row(f"{size}: bit rate", "kbit/s", ours, beside("kbps")),
        Row(f"{size}: bit rate apart from webrtcbin's", "%", apart, {}, Goal.at_most(5)),
        Row(f"{size}: likeness (PSNR)", "dB", like, beside("psnr")),
        Row(f"{size}: likeness short of webrtcbin's", "dB", short, {}, Goal.at_most(0.3)),
    ]


def _median(found: list[Found], field: str) -> float | None:
    values = [value for one in found if (value := getattr(one, field)) is not None]
    return statistics.median(values) if values else None
