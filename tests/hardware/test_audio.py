"""When sound is opened and tried again, how loud it is, and that a machine without sound still works."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from hardware.audio import BLOCK, SilentAudio, check_present, fitted, gain_of
from hardware.audio_supervision import RETRY_S, SILENT_S, AudioSupervision, Effect, Event
from hardware.errors import DeviceMissing
from hardware.ports import Health, Samples


def live(at: float) -> AudioSupervision:
    machine = AudioSupervision("microphone")
    assert machine.handle(Event.OPEN, at) == (Effect.START,)
    machine.handle(Event.STARTED, at)
    assert machine.state is Health.LIVE
    return machine


def test_a_missing_device_is_tried_every_second_while_the_call_goes_on() -> None:
    """For as long as it takes, and not a moment after the call."""
    machine, now = AudioSupervision("speaker"), 10.0
    machine.handle(Event.OPEN, now)
    for _ in range(50):
        machine.handle(Event.FAILED, now)
        assert machine.state is Health.LOST
        assert machine.handle(Event.TIME, now + RETRY_S - 0.01) == ()
        now += RETRY_S
        assert machine.handle(Event.TIME, now) == (Effect.START,)
    machine.handle(Event.FAILED, now)
    assert machine.handle(Event.CLOSE, now) == ()
    assert (machine.state, machine.deadline()) == (Health.CLOSED, None)
    assert machine.handle(Event.TIME, now + 100) == ()


def test_blocks_keep_a_stream_alive() -> None:
    """Silent blocks count: only their absence means a dead device."""
    machine = live(10.0)
    for at in range(11, 100):
        machine.passed(float(at))
        assert machine.handle(Event.TIME, at + SILENT_S - 0.1) == ()
    assert machine.state is Health.LIVE
    assert machine.handle(Event.TIME, 99 + SILENT_S) == (Effect.STOP,)
    assert machine.state is Health.LOST


def test_a_device_that_opens_after_the_call_is_closed_at_once() -> None:
    """Between calls nobody listens."""
    machine = AudioSupervision("microphone")
    machine.handle(Event.OPEN, 1.0)
    machine.handle(Event.CLOSE, 1.1)
    assert machine.handle(Event.STARTED, 1.2) == (Effect.STOP,)
    assert machine.state is Health.CLOSED


def test_a_stream_whose_device_went_is_given_up_at_once() -> None:
    """The audio server would let it go on with any other microphone; then it is tried like a missing one."""
    machine = live(1.0)
    assert machine.handle(Event.GONE, 2.0) == (Effect.STOP,)
    assert machine.state is Health.LOST
    assert machine.handle(Event.GONE, 2.1) == ()
    assert machine.handle(Event.TIME, 2.0 + RETRY_S) == (Effect.START,)


def test_closing_stops_a_live_stream() -> None:
    """The device is free for the next program."""
    assert live(1.0).handle(Event.CLOSE, 2.0) == (Effect.STOP,)


def test_volume_goes_up_in_five_steps_over_twenty_decibels() -> None:
    """Each level is louder than the one before; levels beyond the ends are the ends."""
    gains = [gain_of(level) for level in range(1, 6)]
    assert gains == sorted(set(gains))
    assert gains[-1] == 1.0
    assert 20 * np.log10(gains[-1] / gains[0]) == pytest.approx(20.0)
    assert (gain_of(0), gain_of(9)) == (gains[0], gains[-1])


def test_a_short_block_is_completed_with_silence() -> None:
    """The speaker never waits for the network."""
    block = np.full(100, 1000, np.int16)
    out = fitted(block, BLOCK, 0.5)
    assert (out.dtype, len(out)) == (np.int16, BLOCK)
    assert (out[:100] == 500).all()
    assert (out[100:] == 0).all()
    assert len(fitted(np.ones(5000, np.int16), BLOCK, 1.0)) == BLOCK


def test_a_missing_name_is_told_with_the_names_that_are_there() -> None:
    """A technician copies the right one; the default and an unknown list are not questioned."""
    with pytest.raises(DeviceMissing, match=r"usb_mic: no such microphone \(present: a, b\)"):
        check_present("microphone", "usb_mic", ["a", "b"])
    check_present("microphone", "a", ["a", "b"])
    check_present("microphone", "", ["a"])
    check_present("microphone", "usb_mic", None)


async def test_a_machine_without_sound_still_keeps_time() -> None:
    """The agent's audio path runs as with a device, hears silence, and the port says that it is simulated."""
    audio, heard, pulled = SilentAudio(), [], []
    done = asyncio.Event()

    def hear(block: Samples, captured: float) -> None:
        heard.append(block)
        if len(heard) >= 5:
            done.set()

    def pull(count: int) -> Samples:
        pulled.append(count)
        return np.zeros(count, np.int16)

    await audio.open(hear, pull)
    assert (audio.health, audio.simulated) == (Health.LIVE, True)
    await asyncio.wait_for(done.wait(), 5)
    await audio.close()
    assert audio.health is Health.CLOSED
    assert {len(block) for block in heard} == set(pulled) == {BLOCK}
    assert not any(block.any() for block in heard)
