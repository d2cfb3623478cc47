"""Checks at start that the installed aiortc has every inner name that this package relies on.

The encoder, the jitter buffers, the NACK scheduler and the bandwidth estimate are ours; they go in through
instance attributes that aiortc does not document. Each name is looked up in the code that uses it, so that a
renamed attribute is found before a call and not in one.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aioice.ice
import aioice.turn
import aiortc
import aiortc.rtcdtlstransport
import aiortc.rtcicetransport
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import av

from kiosk.media.errors import MediaAdapterError

WRITTEN_FOR = "1.16.0"


@dataclass(frozen=True, slots=True)
class Reliance:
    """`names` must all occur in the code of `function`; `why` says what of ours hangs on them."""

    function: Callable[..., Any]
    names: tuple[str, ...]
    why: str


def reliances() -> tuple[Reliance, ...]:
    """All inner names that connection.py, outbound.py, inbound.py, ice.py and probe.py use."""
    sender = aiortc.rtcrtpsender.RTCRtpSender
    receiver = aiortc.rtcrtpreceiver.RTCRtpReceiver
    own = "_RTCRtpSender__"
    return (
        Reliance(
            sender.__init__,
            (f"{own}encoder", "_stream_id", "_ssrc", "_rtx_ssrc", f"{own}rtp_header_extensions_map"),
            "packets of ours",
        ),
        Reliance(sender.send, ("_run_rtp", f"{own}mid", f"{own}rtx_payload_type"), "sending of ours"),
        Reliance(sender.stop, (f"{own}rtp_started", f"{own}rtp_exited"), "the end of sending"),
        Reliance(
            sender._run_rtcp,
            tuple(own + name for name in ("ntp_timestamp", "rtp_timestamp", "packet_count", "octet_count")),
            "sender reports",
        ),
        Reliance(
            sender._handle_rtcp_packet,
            ("_send_keyframe", "_retransmit", f"{own}encoder", "target_bitrate"),
            "key frames on request, retransmission and the bandwidth estimate",
        ),
        Reliance(
            aiortc.rtcdtlstransport.RTCDtlsTransport._send_rtp, ("protect", "_send"), "sending without a task"
        ),
        Reliance(
            receiver.__init__,
            (
                "_RTCRtpReceiver__jitter_buffer",
                "_RTCRtpReceiver__nack_generator",
                "_RTCRtpReceiver__remote_bitrate_estimator",
            ),
            "reception of ours",
        ),
        Reliance(
            receiver._handle_rtp_packet,
            (
                "_RTCRtpReceiver__jitter_buffer",
                "_RTCRtpReceiver__nack_generator",
                "_RTCRtpReceiver__remote_bitrate_estimator",
                "add",
                "missing",
                "_data",
            ),
            "reception of ours",
        ),
        Reliance(sender._handle_rtcp_packet, ("fraction_lost",), "what the desk says of our packets"),
        Reliance(aiortc.rtcicetransport.RTCIceGatherer.__init__, ("_connection",), "bounded gathering"),
        Reliance(
            aioice.ice.Connection.gather_candidates,
            ("get_component_candidates", "_transport_policy"),
            "bounded gathering, and nothing but the relay",
        ),
        Reliance(
            aioice.turn.TurnClientMixin.connect, ("stun", "Message", "Method", "ALLOCATE"), "asking a relay"
        ),
        Reliance(
            aioice.turn.TurnClientMixin.datagram_received,
            ("parse_message", "message_class", "transaction_id"),
            "asking a relay",
        ),
    )


def missing_names(checks: tuple[Reliance, ...] | None = None) -> list[str]:
    """Human-readable lines, one for each name that is not where it should be."""
    missing = []
    for check in reliances() if checks is None else checks:
        code = inspect.unwrap(check.function).__code__
        known = set(code.co_names) | set(code.co_varnames) | set(code.co_freevars)
        for constant in code.co_consts:
            if inspect.iscode(constant):
                known |= set(constant.co_names)
        where = check.function.__qualname__
        missing += [f"{name} in {where} ({check.why})" for name in check.names if name not in known]
    return missing


@functools.cache
def check_adapter() -> None:
    """Raises MediaAdapterError that names the installed versions and what is missing; cheap, done once."""
    try:
        missing = missing_names()
    except AttributeError as error:
        missing = [str(error)]
    if missing:
        raise MediaAdapterError(
            f"aiortc {aiortc.__version__} (with av {av.__version__}) does not fit kiosk/media, which was "
            f"written for aiortc {WRITTEN_FOR}; install exactly that version. Missing: " + "; ".join(missing)
        )
