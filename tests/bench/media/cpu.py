"""CPU time per delivered picture: ours beside the bare encoder, GStreamer's webrtcbin and stock aiortc.

Every sender encodes the same clip at the same pace, size and rate, with the same codec settings (stock aiortc
has its own). The pictures are compared with the clip, so that nobody is cheap by being worse. Runs are
interleaved; the figure is the median.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from hardware.simulated import decode_counter
from kiosk.media.vp8 import Vp8Decoder, planes
from tests.bench.calm import calm
from tests.bench.media import clip
from tests.bench.media.recorder import Recorded, Recorder
from tests.bench.report import ROOT, Goal, Row

ROUNDS = 5
SETTLE_S, MEASURE_S = 4.0, 8.0
COMPARED = 20  # pictures of a run whose likeness is measured
SIZES = {"480p": (640, 480, 700_000), "720p": (1280, 720, 1_500_000)}
HERE = Path(__file__).parent / "senders"
DEBIAN = ["/usr/bin/python3", str(HERE / "gstreamer.py")]
OUR_OWN = [sys.executable, "-m"]
SENDERS: Mapping[str, list[str]] = {
    "ours": [*OUR_OWN, "tests.bench.media.senders.ours"],
    "bare encoder": [*OUR_OWN, "tests.bench.media.senders.bare"],
    "bare GStreamer": [*DEBIAN, "bare"],
    "webrtcbin": [*DEBIAN, "webrtc"],
    "stock aiortc": [*OUR_OWN, "tests.bench.media.senders.stock"],
}
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
    for size, (width, height, bps) in SIZES.items():
        directory = clip.frames(width, height)
        arguments = [str(directory), str(width), str(height), str(bps)]
        for number in range(ROUNDS):
            for sender, command in SENDERS.items():
                one = calm(
                    lambda c=command, s=sender, a=arguments: asyncio.run(_run([*c, *a], s not in BARE))
                )  # type: ignore[misc]
                if one is not None:
                    found[size, sender].append(one)
                    print(f"   {size} round {number + 1} {sender}: {one}", flush=True)
    return [row for size in SIZES for row in _table(size, {s: found[size, s] for s in SENDERS})]


def _table(size: str, runs: Mapping[str, list[Found]]) -> list[Row]:
    cpu = {name: _median(found, "cpu_ms") for name, found in runs.items()}
    others = {name: cpu[name] for name in SENDERS if name not in ("ours", "bare encoder")}
    said = f"median of {min(len(found) for found in runs.values())}"

    def beside(field: str) -> dict[str, float | None]:
        return {n: _median(runs[n], field) for n in ("webrtcbin", "stock aiortc")}

    ours, theirs = _median(runs["ours"], "kbps"), _median(runs["webrtcbin"], "kbps")
    like, likes = _median(runs["ours"], "psnr"), _median(runs["webrtcbin"], "psnr")
    short = None if like is None or likes is None else likes - like
    return [
        Row(f"{size}: CPU per picture", "ms", cpu["ours"], {"bare encoder": cpu["bare encoder"], **others},
            Goal.ratio_at_most(1.15), said),
        Row(f"{size}: CPU per picture beside webrtcbin", "ms", cpu["ours"], {"webrtcbin": cpu["webrtcbin"]},
            Goal.ratio_at_most(1.0), said),
        Row(f"{size}: delivered pictures", "1/s", _median(runs["ours"], "fps"), beside("fps")),
        Row(f"{size}: bit rate", "kbit/s", ours, beside("kbps")),
        Row(f"{size}: bit rate apart from webrtcbin's", "%", _apart(ours, theirs, 100), {}, Goal.at_most(5)),
        Row(f"{size}: likeness (PSNR)", "dB", like, beside("psnr")),
        Row(f"{size}: likeness short of webrtcbin's", "dB", short, {}, Goal.at_most(0.3)),
    ]  # fmt: skip


def _apart(ours: float | None, theirs: float | None, scale: float) -> float | None:
    return None if ours is None or not theirs else abs(ours / theirs - 1) * scale


def _median(found: list[Found], field: str) -> float | None:
    values = [value for one in found if (value := getattr(one, field)) is not None]
    return statistics.median(values) if values else None


async def _run(command: list[str], received: bool) -> Found:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    recorder = Recorder()
    try:
        if received:
            offer = await _ask(process, do="offer")
            answer = await recorder.answer(str(offer["offer"]), str(offer["mid"]))
            _tell(process, do="answer", sdp=answer)
        await asyncio.sleep(SETTLE_S)
        before, first = await _ask(process, do="mark"), len(recorder.pictures)
        await asyncio.sleep(MEASURE_S)
        after, last = await _ask(process, do="mark"), len(recorder.pictures)
    finally:
        await recorder.close()
        if process.returncode is None:
            _tell(process, do="stop")
            await process.wait()
    cpu = float(after["cpu"]) - float(before["cpu"])
    if not received:
        made = int(after["frames"]) - int(before["frames"])
        return Found(1000 * cpu / made, made / MEASURE_S)
    pictures = recorder.pictures[first:last]
    bits = sum(len(one.picture.data) for one in pictures) * 8
    return Found(
        1000 * cpu / len(pictures), len(pictures) / MEASURE_S, bits / MEASURE_S / 1000,
        likeness(recorder.pictures[:last], first, Path(command[-4]), int(command[-3]), int(command[-2])),
        sum(one.picture.key for one in pictures),
    )  # fmt: skip


def likeness(pictures: list[Recorded], first: int, directory: Path, width: int, height: int) -> float:
    """Mean PSNR in dB of the brightness of some pictures from `first` on, each beside the one it shows."""
    originals, decoder = clip.load(directory, width, height), Vp8Decoder()
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


async def _ask(process: asyncio.subprocess.Process, **word: object) -> dict[str, object]:
    _tell(process, **word)
    assert process.stdout is not None
    async with asyncio.timeout(20):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the sender ended")
    return json.loads(line)  # type: ignore[no-any-return]


def _tell(process: asyncio.subprocess.Process, **word: object) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(word).encode() + b"\n")
