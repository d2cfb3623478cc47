"""Sharing the uplink between sound, face and document."""

from __future__ import annotations

import pytest

from kiosk.media.allocator import PAUSE, RARE_STILL, STILL, BandwidthAllocator, Grant
from kiosk.media.settings import default_plans
from protocol.values import MediaRole, Rung

FACE, DOCUMENT = MediaRole.FACE, MediaRole.DOCUMENT
BOTH = (FACE, DOCUMENT)
AUDIO = 28_000


def make(total: int | None = None) -> BandwidthAllocator:
    allocator = BandwidthAllocator(default_plans(), AUDIO, start_bps=900_000)
    if total is not None:
        allocator.estimate(1, total)
    return allocator


@pytest.mark.parametrize("total", [250_000, 400_000, 700_000, 1_200_000, 5_000_000])
def test_grants_never_exceed_the_line(total: int) -> None:
    """Pictures and sound together stay below the estimate, so that no queue builds up."""
    grants = make(total).grants(BOTH)
    assert sum(grant.bps for grant in grants.values()) + AUDIO <= total * 0.9


def test_a_wide_line_gives_each_its_full_plan() -> None:
    """With room for all, both pictures run at full rate and size, and no more is spent."""
    grants = make(10_000_000).grants(BOTH)
    assert grants == {FACE: Grant(700_000, 20, 1), DOCUMENT: Grant(800_000, 10, 1)}


def test_what_one_cannot_use_the_other_gets() -> None:
    """A face at its limit leaves the rest to the document."""
    grants = make(1_700_000).grants(BOTH)
    assert grants[FACE].bps == 700_000
    assert grants[DOCUMENT].bps == int(1_700_000 * 0.85) - AUDIO - 700_000


def test_one_picture_alone_gets_everything() -> None:
    """A camera that is not there takes no share."""
    alone = make(600_000).grants([FACE])[FACE].bps
    assert alone == pytest.approx(600_000 * 0.85 - AUDIO, abs=2)


def test_frames_go_first_then_size_then_the_document() -> None:
    """On a shrinking line each sacrifice comes in its order, and the face never stops."""
    allocator = make()
    seen = []
    for total in range(1_500_000, 60_000, -10_000):
        allocator.estimate(1, total)
        grants = allocator.grants(BOTH)
        assert grants[FACE].bps >= 80_000
        assert grants[FACE].fps >= 6
        document = grants[DOCUMENT]
        stage = "paused" if document.paused else "half" if document.divide == 2 else ""
        stage = stage or ("slow" if document.fps < 10 else "full")
        if stage not in seen:
            seen.append(stage)
        assert stage == seen[-1]  # never back up on the way down
    assert seen == ["full", "slow", "half", "paused"]


def test_the_edge_does_not_flap() -> None:
    """A line that hovers at the limit does not switch the document on and off."""
    allocator = make(200_000)
    edge = next(t for t in range(260_000, 100_000, -1000) if _paused(allocator, t))
    assert all(_paused(allocator, total) for total in (edge, edge + 20_000, edge, edge + 30_000))
    assert not _paused(allocator, int(edge * 1.4))


def _paused(allocator: BandwidthAllocator, total: int) -> bool:
    allocator.estimate(1, total)
    return allocator.grants(BOTH)[DOCUMENT].paused


def test_every_sender_reporting_the_same_line_counts_it_once() -> None:
    """Three lines of one connection that each report 900 kbit/s are 900, not 2,700."""
    allocator = make()
    for _ in range(3):
        allocator.estimate(1, 900_000)
    assert allocator.total_bps == 900_000


def test_an_overlap_counts_the_worse_estimate_until_it_ends() -> None:
    """A second epoch's optimism does not flood the line that both share."""
    allocator = make(400_000)
    allocator.estimate(2, 2_000_000)
    assert allocator.total_bps == 400_000
    allocator.forget(1)
    assert allocator.total_bps == 2_000_000
    allocator.forget(2)
    assert allocator.total_bps == 900_000


def test_the_rung_of_the_call_decides_before_the_estimate() -> None:
    """Losses are not fed on a line that is said to be wide; stills and text have no moving pictures."""
    allocator = make(5_000_000)
    wide = allocator.grants(BOTH)
    allocator.rung = Rung.FEWER_FRAMES
    fewer = allocator.grants(BOTH)
    assert sum(grant.bps for grant in fewer.values()) + AUDIO <= 300_000 * 0.9
    assert all(0 < fewer[role].fps < wide[role].fps for role in BOTH)
    allocator.rung = Rung.AUDIO_STILLS
    assert allocator.grants(BOTH) == {FACE: STILL, DOCUMENT: STILL}
    assert 2 * STILL.bps + AUDIO < 80_000
    assert allocator.pace_bps < 150_000  # sound shares the line with a burst
    allocator.estimate(1, 60_000)
    assert allocator.grants(BOTH) == {FACE: RARE_STILL, DOCUMENT: RARE_STILL}
    allocator.estimate(1, 5_000_000)
    allocator.rung = Rung.TEXT
    assert allocator.grants(BOTH) == {FACE: PAUSE, DOCUMENT: PAUSE}
    allocator.rung = Rung.VIDEO
    assert allocator.grants(BOTH) == wide


def test_an_estimate_is_none_until_the_desk_has_said_one() -> None:
    """What is assumed at the start is not taken for knowledge."""
    allocator = make()
    assert allocator.estimate_bps is None
    allocator.estimate(1, 400_000)
    assert allocator.estimate_bps == 400_000
    allocator.forget(1)
    assert allocator.estimate_bps is None
