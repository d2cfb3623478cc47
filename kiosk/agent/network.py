"""Which network the terminal is in: its gateway's address and hardware address, as Linux knows them.

Only to tell one network from another; it is never sent anywhere and never an identity of the terminal.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

PROC = Path("/proc/net")
GATEWAY = 0x2  # flag of a route


def fingerprint(proc: Path = PROC) -> str:
    """The same text in the same network; empty where there is no way out, or no Linux."""
    try:
        gateway = _gateway((proc / "route").read_text("ascii"))
        return f"{gateway} {_hardware((proc / 'arp').read_text('ascii'), gateway)}".strip()
    except (OSError, ValueError, struct.error):
        return ""


def _gateway(table: str) -> str:
    """Of the default route with the smallest metric."""
    best: tuple[int, str] | None = None
    for line in table.splitlines()[1:]:
        _, destination, gateway, flags, _, _, metric, *_ = line.split()
        if destination == "00000000" and int(flags, 16) & GATEWAY:
            address = socket.inet_ntoa(struct.pack("=I", int(gateway, 16)))
            best = min(best or (int(metric), address), (int(metric), address))
    return best[1] if best else ""


def _hardware(table: str, address: str) -> str:
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[0] == address:
            return fields[3]
    return ""
