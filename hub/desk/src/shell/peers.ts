// Drives RTCPeerConnections, one per epoch, for `core/media`. Answers what the terminal offers and counts what arrives.
// Sound and pictures are kept in streams of their own: in one stream the face would wait for a late voice.

import type { Event, Roles } from "../core/media";
import type { Sample } from "../core/quality";
import { ENCODINGS, type Encoding } from "../core/sending";
import type { IceServer, MediaRole } from "../protocol";

export interface Received {
  audio: MediaStream | null;
  face: MediaStream | null;
  document: MediaStream | null;
}

interface Peer {
  connection: RTCPeerConnection;
  received: Received;
  roles: Roles;
  senders: Partial<Record<MediaRole, RTCRtpSender>>;
  /** Candidates that came before the offer was in place; null afterwards. */
  early: RTCIceCandidateInit[] | null;
}

export class Peers {
  private readonly peers = new Map<number, Peer>();
  private encoding: Encoding = ENCODINGS.full;

  constructor(
    private readonly tell: (event: Event) => void,
    private readonly ice: () => readonly IceServer[],
    private readonly tracks: () => { audio: MediaStreamTrack | null; face: MediaStreamTrack | null },
  ) {}

  async make(epoch: number, sdp: string, mids: Roles): Promise<void> {
    const connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceServers: this.ice().map((s) => ({ urls: [...s.urls], username: s.username, credential: s.credential })),
    });
    const peer: Peer = {
      connection, roles: mids, senders: {}, early: [], received: { audio: null, face: null, document: null },
    };
    this.peers.set(epoch, peer);
    this.watch(epoch, connection);
    try {
      await connection.setRemoteDescription({ type: "offer", sdp });
      await this.attach(peer);
      await connection.setLocalDescription(await connection.createAnswer());
      this.tell({ kind: "answered", epoch, sdp: connection.localDescription?.sdp ?? "" });
      for (const candidate of peer.early ?? []) await connection.addIceCandidate(candidate);
      peer.early = null;
    } catch {
      if (this.peers.get(epoch) === peer) this.tell({ kind: "peer", epoch, state: "failed" });
    }
  }

  async take(epoch: number, candidate: string, mid: string): Promise<void> {
    const peer = this.peers.get(epoch);
    if (!peer) return;
    const init: RTCIceCandidateInit = mid ? { candidate, sdpMid: mid } : { candidate, sdpMLineIndex: 0 };
    if (peer.early) peer.early.push(init);
    else await peer.connection.addIceCandidate(init).catch(() => {}); // one bad address must not end the call
  }

  received(epoch: number): Received | null {
    return this.peers.get(epoch)?.received ?? null;
  }

  close(epoch: number): void {
    const peer = this.peers.get(epoch);
    this.peers.delete(epoch);
    peer?.connection.close();
  }

  /** Puts the operator's present tracks into every connection, without a new offer. */
  async refresh(): Promise<void> {
    for (const peer of this.peers.values()) {
      const { audio, face } = this.tracks();
      await peer.senders.audio?.replaceTrack(audio).catch(() => {});
      await peer.senders.face?.replaceTrack(face).catch(() => {});
    }
  }

  /** How much of the operator's face every connection sends from now on, those to come included. */
  async limit(encoding: Encoding): Promise<void> {
    this.encoding = encoding;
    for (const peer of this.peers.values()) await apply(peer.senders.face, encoding);
  }

  /** Counters of one connection, or null when there is none. `at` in ms of performance.now. */
  async sample(epoch: number): Promise<Sample | null> {
    const peer = this.peers.get(epoch);
    return peer ? summarise(await peer.connection.getStats(), peer.roles, performance.now()) : null;
  }

  private watch(epoch: number, connection: RTCPeerConnection): void {
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) {
        this.tell({ kind: "local_candidate", epoch, candidate: candidate.candidate, mid: candidate.sdpMid ?? "" });
      }
    };
    connection.onicegatheringstatechange = () => {
      if (connection.iceGatheringState === "complete") this.tell({ kind: "local_candidate", epoch, candidate: "", mid: "" });
    };
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      if (state === "connected" || state === "failed") this.tell({ kind: "peer", epoch, state });
    };
  }

  private async attach(peer: Peer): Promise<void> {
    const own = this.tracks();
    const stream = new MediaStream();
    for (const transceiver of peer.connection.getTransceivers()) {
      const role = peer.roles[transceiver.mid ?? ""];
      if (!role) continue;
      peer.received[role] = new MediaStream([transceiver.receiver.track]);
      if (role === "document") continue;
      transceiver.direction = "sendrecv";
      peer.senders[role] = transceiver.sender;
      transceiver.sender.setStreams(stream);
      await transceiver.sender.replaceTrack(own[role]);
      if (role === "face") await apply(transceiver.sender, this.encoding);
    }
  }
}

async function apply(sender: RTCRtpSender | undefined, encoding: Encoding): Promise<void> {
  if (!sender) return;
  const parameters = sender.getParameters();
  for (const one of parameters.encodings) Object.assign(one, encoding);
  await sender.setParameters(parameters).catch(() => {}); // a browser that knows no limits still sends
}

/** One `Sample` out of getStats; what the browser does not count stays 0 or null. */
export function summarise(stats: Iterable<[string, unknown]>, roles: Roles, at: number): Sample {
  const sample: Sample = {
    at, audioPackets: 0, audioLost: 0, faceFrames: 0, facePackets: 0, faceLost: 0, documentFrames: 0,
    farLoss: null, farAudioLoss: null, roundTripMs: null, availableBps: null, sentFaceFrames: 0, limited: "none",
  };
  for (const [, entry] of stats) {
    const s = entry as Record<string, never> & { type: string; kind?: string; mid?: string };
    const number = (key: string): number => Number(s[key] ?? 0);
    if (s.type === "inbound-rtp") {
      const role = roles[s.mid ?? ""];
      if (role === "audio") Object.assign(sample, { audioPackets: number("packetsReceived"), audioLost: number("packetsLost") });
      if (role === "face") {
        Object.assign(sample, {
          faceFrames: number("framesDecoded"), facePackets: number("packetsReceived"), faceLost: number("packetsLost"),
        });
      }
      if (role === "document") sample.documentFrames = number("framesDecoded");
    } else if (s.type === "remote-inbound-rtp") {
      sample.farLoss = Math.max(sample.farLoss ?? 0, number("fractionLost"));
      if (s.kind === "audio") sample.farAudioLoss = number("fractionLost");
      if (s["roundTripTime"] !== undefined) sample.roundTripMs = Math.max(sample.roundTripMs ?? 0, number("roundTripTime") * 1000);
    } else if (s.type === "candidate-pair" && s["nominated"] && s["availableOutgoingBitrate"] !== undefined) {
      sample.availableBps = number("availableOutgoingBitrate");
    } else if (s.type === "outbound-rtp" && s.kind === "video") {
      sample.sentFaceFrames = number("framesSent");
      sample.limited = (s["qualityLimitationReason"] as Sample["limited"] | undefined) ?? "none";
    }
  }
  return sample;
}
