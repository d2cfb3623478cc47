// A connection of this page to another party of a call: drives `core/side` with one RTCPeerConnection, and holds what comes over it.

import { Side, type Effect, type Event, type Roles } from "../core/side";
import type { HubSays, IceServer, MediaRole } from "../protocol";
import type { Body } from "./socket";

type Word = "side_offer" | "side_answer" | "side_candidate" | "side_renew";
export type SideSaid = Extract<HubSays, { type: Word }>;
export type SideSend = <T extends Word>(type: T, body: Body<T>) => void;

export interface Outgoing {
  audio: MediaStreamTrack | null;
  face: MediaStreamTrack | null;
  document: MediaStreamTrack | null;
}

const ALL: readonly MediaRole[] = ["audio", "face", "document"];

export class SideTalk {
  face = $state.raw<MediaStream | null>(null);
  document = $state.raw<MediaStream | null>(null);
  connected = $state(false);
  /** The other's voice, for whoever mixes it. */
  voice: MediaStreamTrack | null = null;
  /** Called when another voice is there. */
  heard: () => void = () => {};

  private readonly side = new Side();
  private readonly player = new Audio();
  private connection: RTCPeerConnection | null = null;
  private senders: Partial<Record<MediaRole, RTCRtpSender>> = {};
  private early: RTCIceCandidateInit[] | null = null;

  constructor(
    private readonly send: SideSend,
    private readonly ice: () => readonly IceServer[],
    private readonly outgoing: () => Outgoing,
    /** What this page offers, in this order. */
    private readonly roles: readonly MediaRole[] = ALL,
  ) {}

  /** The connection in which this desk takes part; null for none. */
  follow(now: { transfer: string; part: "origin" | "specialist"; fresh: boolean } | null): void {
    if (now) this.feed({ kind: "follow", ...now });
    else this.feed({ kind: "release" });
  }

  hear(said: SideSaid): void {
    switch (said.type) {
      case "side_offer":
        return this.feed({ kind: "offer", ...said.body });
      case "side_answer":
        return this.feed({ kind: "answer", ...said.body });
      case "side_candidate":
        return this.feed({ kind: "candidate", ...said.body });
      case "side_renew":
        return this.feed({ kind: "renew", ...said.body });
    }
  }

  /** Puts the present tracks into the connection, without a new offer. */
  async refresh(): Promise<void> {
    const tracks = this.outgoing();
    for (const role of this.roles) await this.senders[role]?.replaceTrack(tracks[role]).catch(() => {});
  }

  /** Whether the other's voice is kept from this page's own speaker. */
  silence(on: boolean): void {
    this.player.muted = on;
  }

  /** Plays again what the browser would not play before somebody touched the page. */
  wake(): void {
    if (this.player.srcObject) void this.player.play().catch(() => {});
  }

  async toSpeaker(device: string): Promise<void> {
    const player = this.player as HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };
    await player.setSinkId?.(device).catch(() => {});
  }

  private feed(event: Event): void {
    for (const effect of this.side.handle(event, Date.now())) this.obey(effect);
  }

  private obey(effect: Effect): void {
    switch (effect.kind) {
      case "make":
        return void this.offer(effect.turn);
      case "accept":
        return void this.answer(effect.turn, effect.sdp, effect.mids);
      case "complete":
        return void this.complete(effect.turn, effect.sdp);
      case "take":
        return this.take(effect.candidate, effect.mid);
      case "close":
        return this.close();
      case "say_offer":
        return this.send("side_offer", { transfer: effect.transfer, turn: effect.turn, sdp: effect.sdp, mids: effect.mids });
      case "say_answer":
        return this.send("side_answer", { transfer: effect.transfer, turn: effect.turn, sdp: effect.sdp });
      case "say_candidate":
        return this.send("side_candidate", { transfer: effect.transfer, turn: effect.turn, candidate: effect.candidate, mid: effect.mid });
      case "say_renew":
        return this.send("side_renew", { transfer: effect.transfer });
    }
  }

  private open(turn: number): RTCPeerConnection {
    const connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceServers: this.ice().map((s) => ({ urls: [...s.urls], username: s.username, credential: s.credential })),
    });
    this.connection = connection;
    this.senders = {};
    this.early = [];
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) this.feed({ kind: "local_candidate", turn, candidate: candidate.candidate, mid: candidate.sdpMid ?? "" });
    };
    connection.onconnectionstatechange = () => {
      if (this.connection !== connection) return;
      this.connected = connection.connectionState === "connected";
      if (connection.connectionState === "failed") this.feed({ kind: "failed", turn });
    };
    return connection;
  }

  private async offer(turn: number): Promise<void> {
    const connection = this.open(turn);
    const tracks = this.outgoing();
    for (const role of this.roles) {
      const transceiver = connection.addTransceiver(role === "audio" ? "audio" : "video", { direction: role === "document" ? "sendonly" : "sendrecv" });
      this.senders[role] = transceiver.sender;
      await transceiver.sender.replaceTrack(tracks[role]);
    }
    await connection.setLocalDescription();
    if (this.connection !== connection) return;
    const mids: Record<string, MediaRole> = {};
    connection.getTransceivers().forEach((transceiver, n) => {
      const role = this.roles[n];
      if (transceiver.mid === null || !role) return;
      mids[transceiver.mid] = role;
      this.show(role, transceiver.receiver.track);
    });
    this.feed({ kind: "described", turn, sdp: connection.localDescription?.sdp ?? "", mids });
  }

  private async answer(turn: number, sdp: string, mids: Roles): Promise<void> {
    const connection = this.open(turn);
    const tracks = this.outgoing();
    try {
      await connection.setRemoteDescription({ type: "offer", sdp });
      for (const transceiver of connection.getTransceivers()) {
        const role = mids[transceiver.mid ?? ""];
        if (!role) continue;
        this.show(role, transceiver.receiver.track);
        if (role === "document") continue;
        transceiver.direction = "sendrecv";
        this.senders[role] = transceiver.sender;
        await transceiver.sender.replaceTrack(tracks[role]);
      }
      await connection.setLocalDescription();
      if (this.connection !== connection) return;
      this.feed({ kind: "described", turn, sdp: connection.localDescription?.sdp ?? "", mids });
      await this.settle(connection);
    } catch {
      if (this.connection === connection) this.feed({ kind: "failed", turn });
    }
  }

  private async complete(turn: number, sdp: string): Promise<void> {
    const connection = this.connection;
    if (!connection) return;
    try {
      await connection.setRemoteDescription({ type: "answer", sdp });
      await this.settle(connection);
    } catch {
      if (this.connection === connection) this.feed({ kind: "failed", turn });
    }
  }

  /** Addresses that came before the description was in place. */
  private async settle(connection: RTCPeerConnection): Promise<void> {
    const early = this.early ?? [];
    this.early = null;
    for (const candidate of early) await connection.addIceCandidate(candidate).catch(() => {});
  }

  private take(candidate: string, mid: string): void {
    const init: RTCIceCandidateInit = { candidate, sdpMid: mid };
    if (this.early) this.early.push(init);
    else void this.connection?.addIceCandidate(init).catch(() => {});
  }

  private show(role: MediaRole, track: MediaStreamTrack): void {
    const stream = new MediaStream([track]);
    if (role === "face") this.face = stream;
    else if (role === "document") this.document = stream;
    else {
      this.voice = track;
      this.player.srcObject = stream;
      void this.player.play().catch(() => {});
      this.heard();
    }
  }

  private close(): void {
    this.connection?.close();
    this.connection = null;
    this.senders = {};
    this.early = null;
    this.face = this.document = null;
    this.voice = null;
    this.player.srcObject = null;
    this.connected = false;
    this.heard();
  }
}
