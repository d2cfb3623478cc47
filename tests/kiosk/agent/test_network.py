"""One network is told from another by its gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.agent.network import PROC, fingerprint

ROUTES = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
"""
ARP = """\
IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         02:00:00:00:00:09     *        wlan0
192.0.2.1        0x1         0x2         02:00:00:00:00:01     *        eth0
"""


@pytest.mark.parametrize(
    ("routes", "arp", "says"),
    [
        (ROUTES, ARP, "192.0.2.1 02:00:00:00:00:01"),
        (ROUTES, ARP.splitlines()[0], "192.0.2.1"),
        (ROUTES.splitlines()[0], ARP, ""),
        ("garbage", ARP, ""),
        ("a\nb c d", ARP, ""),
        (None, None, ""),
    ],
)
def test_the_gateway_names_the_network(
    tmp_path: Path, routes: str | None, arp: str | None, says: str
) -> None:
    """The best default route counts; whatever the kernel shows, nothing raises."""
    for name, text in (("route", routes), ("arp", arp)):
        if text is not None:
            (tmp_path / name).write_text(text, "ascii")
    assert fingerprint(tmp_path) == says


def test_this_machine_s_tables_can_be_read() -> None:
    """The kernel's own files have the form that is read here."""
    assert all(ord(sign) < 128 for sign in fingerprint(PROC))
