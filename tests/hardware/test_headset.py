"""Whether a headset is plugged, as `pactl --format=json list sinks` tells it."""

from __future__ import annotations

import pytest

from hardware.headset import has_sink, plugged

SPEAKER = {"name": "alsa_output.platform-sound.stereo", "ports": []}
USB = {"name": "alsa_output.usb-bone.analog-stereo", "ports": [{"name": "out", "availability": "available"}]}


def jack(availability: str) -> dict[str, object]:
    """A card whose jack reports whether something is in it."""
    return {
        "name": "alsa_output.pci.analog-stereo",
        "ports": [
            {"name": "analog-output-speaker", "availability": "availability unknown"},
            {"name": "analog-output-headphones", "availability": availability},
        ],
        "active_port": "analog-output-speaker",
    }


@pytest.mark.parametrize(
    ("name", "sinks", "there", "own"),
    [
        (USB["name"], [SPEAKER], False, False),
        (USB["name"], [SPEAKER, USB], True, True),
        ("analog-output-headphones", [jack("not available")], False, False),
        ("analog-output-headphones", [jack("available")], True, False),
        ("analog-output-headphones", [jack("availability unknown")], True, False),
        ("analog-output-headphones", [SPEAKER], False, False),
        (USB["name"], [{**USB, "ports": [{"name": "out", "availability": "not available"}]}], False, True),
        (USB["name"], [], False, False),
    ],
)
def test_a_headset_is_a_sink_that_came_or_a_port_in_which_something_is(
    name: str, sinks: list[dict[str, object]], there: bool, own: bool
) -> None:
    """A jack whose card cannot feel the plug counts as plugged: whoever names it in the settings uses it."""
    assert (plugged(name, sinks), has_sink(name, sinks)) == (there, own)
