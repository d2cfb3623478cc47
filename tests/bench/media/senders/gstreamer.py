"""GStreamer with our codec settings: `webrtc` sends through webrtcbin, `bare` throws the frames away.

Runs on Debian's own Python, which alone has GStreamer's bindings; speaks the same words as the other senders.
"""

import json
import resource
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402  # versions must be asked for first

ENCODER = (
    "vp8enc deadline=1 cpu-used=-12 lag-in-frames=0 error-resilient=default static-threshold=100 "
    "noise-sensitivity=0 end-usage=cbr target-bitrate={bps} keyframe-max-dist=3000 min-quantizer=2 "
    "max-quantizer=56 undershoot=100 overshoot=15 buffer-size=1000 buffer-initial-size=750 "
    "buffer-optimal-size=833 max-intra-bitrate=450 threads=1"
)


def say(**words):
    print(json.dumps(words), flush=True)


class Sender:
    """One pipeline."""

    def __init__(self, kind, directory, width, height, bps):
        line = (
            f"multifilesrc location={directory}/%05d.i420 loop=true start-index=0 stop-index=89 "
            f"! rawvideoparse width={width} height={height} format=i420 framerate=30/1 ! clocksync "
            f"! identity name=camera signal-handoffs=true ! {ENCODER.format(bps=bps)} "
        )
        if kind == "webrtc":
            line += (
                "! rtpvp8pay picture-id-mode=15-bit mtu=1200 "
                "! application/x-rtp,media=video,encoding-name=VP8,payload=97 "
                "! webrtcbin name=peer bundle-policy=max-bundle latency=0"
            )
        else:
            line += "! fakesink"
        self.frames, self.sent, self.began = 0, {}, None
        self.pipeline = Gst.parse_launch(line)
        self.pipeline.get_by_name("camera").connect("handoff", self._counted)
        self.peer = self.pipeline.get_by_name("peer")
        if self.peer is None:
            self.pipeline.set_state(Gst.State.PLAYING)

    def _counted(self, _element, _buffer):
        self.sent[self.frames % 90] = time.time()
        self.frames += 1

    def offer(self):
        self.began = time.time()
        self.peer.connect("on-negotiation-needed", self._negotiate)
        self.peer.connect("notify::ice-gathering-state", self._gathered)
        self.pipeline.set_state(Gst.State.PLAYING)

    def _negotiate(self, _peer):
        promise = Gst.Promise.new_with_change_func(self._made, None)
        self.peer.emit("create-offer", None, promise)

    def _made(self, promise, _data):
        reply = promise.get_reply()  # owns what is read out of it
        self.peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def _gathered(self, peer, _property):
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            local = peer.get_property("local-description")
            # its certificate is RSA, which aiortc as a client does not take: so this is the DTLS client
            offer = local.sdp.as_text().replace("a=setup:actpass", "a=setup:active")
            say(offer=offer, mid="video0")

    def answer(self, text):
        _, message = GstSdp.SDPMessage.new_from_text(text)
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        description = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())


def main():
    Gst.init(None)
    kind, directory, width, height, bps = sys.argv[1:]
    sender = Sender(kind, directory, int(width), int(height), int(bps))
    loop = GLib.MainLoop()
    threading.Thread(target=loop.run, daemon=True).start()
    for line in sys.stdin:
        word = json.loads(line)
        if word["do"] == "offer":
            sender.offer()
        elif word["do"] == "answer":
            sender.answer(word["sdp"])
        elif word["do"] == "mark":
            used = resource.getrusage(resource.RUSAGE_SELF)
            say(cpu=used.ru_utime + used.ru_stime, frames=sender.frames)
        elif word["do"] == "times":
            say(sent=sender.sent, offer=sender.began, seen=None)
        elif word["do"] == "stop":
            break
    sender.pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main()
