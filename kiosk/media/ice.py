"""Addresses: the hub's servers for aiortc, bounded gathering, and the desk's candidates made harmless.

A browser hides its addresses behind `.local` names until its user allows a camera; aiortc would resolve each
with seconds of waiting. They are left out: the desk reaches our addresses and is learned from its checks.
The end of candidates is never passed on either, because aiortc gives up at once when none was usable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiortc import RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCBundlePolicy, RTCIceTransportPolicy
from aiortc.rtcicetransport import parse_stun_turn_uri
from aiortc.sdp import candidate_from_sdp
from msgspec.structs import replace

from kiosk.media.errors import MediaPeerError
from protocol.values import IceServer

LOOPBACK = "127.0.0.1"


def usable(servers: Sequence[IceServer]) -> tuple[IceServer, ...]:
    """Address by address, without what aiortc cannot read: a bad entry of the hub never stops a call."""
    return tuple(replace(server, urls=(url,)) for server in servers for url in server.urls if _usable(url))


def configuration(servers: Sequence[IceServer], *, relay_only: bool = False) -> RTCConfiguration:
    """One transport for everything, and only these servers: an empty list means none, not a public one.

    With `relay_only` no address of our own is offered, and nothing is sent but through the relay.
    """
    return RTCConfiguration(
        iceServers=[
            RTCIceServer(
                urls=list(server.urls),
                username=server.username or None,
                credential=server.credential or None,
            )
            for server in usable(servers)
        ],
        iceTransportPolicy=RTCIceTransportPolicy.RELAY if relay_only else RTCIceTransportPolicy.ALL,
        bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
    )


def bound_gathering(transceiver: Any, seconds: float, *, relay_only: bool = False) -> None:
    """Limits the wait for servers, and falls back to loopback on a machine that has no other address."""
    fallback = [] if relay_only else [LOOPBACK]
    connection = transceiver.receiver.transport.transport.iceGatherer._connection
    inner = connection.get_component_candidates

    async def gather(component: int, addresses: list[str], timeout: float = seconds) -> Any:
        return await inner(component, addresses or fallback, timeout=min(timeout, seconds))

    connection.get_component_candidates = gather


def strip_candidates(sdp: str) -> str:
    """The description without `.local` candidates and without the end of candidates."""
    lines = sdp.replace("\r\n", "\n").split("\n")
    kept = [line for line in lines if not _unwanted(line)]
    return "\r\n".join(kept)


def parse_candidate(text: str, mid: str) -> Any | None:
    """An aiortc candidate, or None for one that is left out. MediaPeerError when it is no candidate."""
    text = text.strip().removeprefix("a=").removeprefix("candidate:").strip()
    if not text or _hidden(text.split()):
        return None
    try:
        candidate = candidate_from_sdp(text)
    except (AssertionError, ValueError, IndexError) as error:
        raise MediaPeerError("the desk sent a candidate that is not one") from error
    candidate.sdpMid = mid
    return candidate


def _usable(url: str) -> bool:
    try:
        parse_stun_turn_uri(url)
    except ValueError:
        return False
    return True


def _hidden(fields: list[str]) -> bool:
    return len(fields) > 4 and fields[4].lower().endswith(".local")


def _unwanted(line: str) -> bool:
    if line.startswith("a=end-of-candidates"):
        return True
    return line.startswith("a=candidate:") and _hidden(line.split(":", 1)[1].split())
