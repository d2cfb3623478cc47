// The media of the present call: drives `core/media` and `core/quality` with real connections, and holds the pictures.

import { Media, type Effect, type Event, type Phase } from "../core/media";
import { desk, flows, terminal, UNKNOWN, type Sample, type Verdict } from "../core/quality";
import { ENCODINGS, Sending, type Level } from "../core/sending";
import type { DeskCall, HubSays, IceServer, MediaReport } from "../protocol";
import { newest } from "../core/relays";
import { onHold } from "../core/state";
import { own } from "./own.svelte";
import { Peers, type Received } from "./peers";
import { Quiet } from "./quiet";
import type { Body } from "./socket";

const SAMPLE_MS = 1_000;
const NOTHING: Received = { audio: null, face: null, document: null };

type Send = <T extends "answer" | "candidate" | "renew">(type: T, body: Body<T>, to: { call: string; epoch?: number }) => void;

export class Calling {
  received = $state.raw<Received>(NOTHING);
  phase = $state<Phase>("idle");
  far = $state.raw<Verdict>(UNKNOWN);
  near = $state.raw<Verdict>(UNKNOWN);
  /** How much of the operator's own picture is sent. */
  level = $state<Level>("full");
  /** The browser refused to play sound until the operator presses something. */
  silenced = $state(false);

  private readonly media = new Media();
  private readonly sending = new Sending();
  private readonly quiet = new Quiet();
  /** In place of the microphone, while a third person talks with the resident. */
  private mixed: MediaStreamTrack | null = null;
  /** Called when other pictures or another voice of the terminal are there. */
  changed: () => void = () => {};
  private readonly peers: Peers;
  private readonly voice = new Audio();
  /** Of the welcome; those of the call are newer. */
  private ice: readonly IceServer[] = [];
  private callIce: readonly IceServer[] = [];
  private last: { epoch: number; sample: Sample } | null = null;
  /** The two samples of the newest judgement. */
  private span: [Sample | null, Sample | null] = [null, null];
  private sampledAt = 0;

  constructor(private readonly send: Send) {
    this.peers = new Peers(
      (event) => this.feed(event),
      () => newest(this.callIce, this.ice),
      () => ({ audio: this.quiet.of(this.mixed ?? own.microphone), face: this.quiet.of(own.camera) }),
    );
  }

  servers(ice: readonly IceServer[]): void {
    this.ice = ice;
  }

  /** The call as the hub says it is; `fresh` when this page has just accepted it. */
  follow(call: DeskCall | null, fresh: boolean, linked: boolean): void {
    this.callIce = call?.ice_servers ?? [];
    this.hold(call !== null && onHold(call.state));
    if (!call) return this.feed({ kind: "release" });
    this.feed({ kind: "reach", link: linked, terminal: call.terminal_connected });
    this.feed({ kind: "adopt", call: call.card.call, epoch: call.epoch, fresh });
  }

  /** The hub has said so: from now on nothing of ours reaches the resident, or everything does again. */
  private hold(on: boolean): void {
    if (on === this.quiet.on) return;
    this.quiet.on = on;
    void this.peers.refresh().then(() => on || this.quiet.rest());
  }

  hear(said: Extract<HubSays, { type: "offer" | "candidate" }>): void {
    const where = { call: said.call ?? "", epoch: said.epoch ?? 0 };
    if (said.type === "offer") this.feed({ kind: "offer", ...where, ...said.body });
    else this.feed({ kind: "remote_candidate", ...where, ...said.body });
  }

  /** The operator's own tracks are others now. */
  refresh(): void {
    void this.peers.refresh();
  }

  /** What the resident hears instead of the microphone alone; null for the microphone. */
  speakWith(track: MediaStreamTrack | null): void {
    if (track === this.mixed) return;
    this.mixed = track;
    this.refresh();
  }

  /** The operator asks for a new connection herself. */
  again(): void {
    this.feed({ kind: "ask", reason: "operator" });
  }

  async unsilence(): Promise<void> {
    await this.voice.play().then(() => (this.silenced = false), () => {});
  }

  /** Sends the resident's voice to a chosen output. */
  async toSpeaker(device: string): Promise<void> {
    const voice = this.voice as HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };
    await voice.setSinkId?.(device).catch(() => {});
  }

  /** Every beat; `report` and `call` only serve the judgement. */
  beat(call: DeskCall | null, report: MediaReport | null, linked: boolean): void {
    const now = performance.now();
    const changing = this.media.newest !== this.media.shown || this.phase === "connecting";
    if (call && now - this.sampledAt >= (changing && this.media.newest ? 0 : SAMPLE_MS)) {
      this.sampledAt = now;
      if (this.media.newest) void this.count(this.media.newest, call, report, linked);
      else this.judge(null, null, call, report, linked); // a call that nothing but the hub carries
    }
    this.feed({ kind: "tick" });
    this.phase = this.media.phase(now);
  }

  private async count(epoch: number, call: DeskCall, report: MediaReport | null, linked: boolean): Promise<void> {
    const sample = await this.peers.sample(epoch);
    if (!sample || epoch !== this.media.newest) return;
    const before = this.last?.epoch === epoch ? this.last.sample : null;
    if (flows(before, sample)) this.feed({ kind: "flowing", epoch });
    // A judgement needs a span long enough for slow pictures to count.
    if (before && sample.at - before.at < SAMPLE_MS * 0.8) return;
    this.last = { epoch, sample };
    const { farLoss: loss, farAudioLoss: audioLoss, availableBps } = sample;
    if (before && this.sending.handle({ loss, audioLoss, availableBps }, sample.at)) this.limit();
    this.judge(before, sample, call, report, linked);
  }

  /** A report of the terminal has come: its light need not wait for the next sample. */
  reported(call: DeskCall, report: MediaReport | null, linked: boolean): void {
    this.judge(...this.span, call, report, linked);
  }

  private judge(before: Sample | null, now: Sample | null, call: DeskCall, report: MediaReport | null, linked: boolean): void {
    this.span = [before, now];
    const { devices, terminal_connected: connected } = call;
    this.far = terminal({ before, now, report, devices, connected, frozen: call.presentation.frozen, held: onHold(call.state) });
    this.near = desk({ before, now, own: own.state(performance.now()), linked, level: this.level });
  }

  private limit(): void {
    this.level = this.sending.level;
    void this.peers.limit(ENCODINGS[this.level]);
  }

  private feed(event: Event): void {
    for (const effect of this.media.handle(event, performance.now())) this.obey(effect);
    this.phase = this.media.phase(performance.now());
  }

  private obey(effect: Effect): void {
    switch (effect.kind) {
      case "make":
        return void this.peers.make(effect.epoch, effect.sdp, effect.mids).then(() => this.show());
      case "take":
        return void this.peers.take(effect.epoch, effect.candidate, effect.mid);
      case "show":
        return this.show();
      case "close":
        return this.close(effect.epoch);
      case "answer":
        return this.send("answer", { sdp: effect.sdp }, effect);
      case "candidate":
        return this.send("candidate", { candidate: effect.candidate, mid: effect.mid }, effect);
      case "renew":
        return this.send("renew", { reason: effect.reason }, { call: effect.call });
    }
  }

  private show(): void {
    const found = this.peers.received(this.media.shown) ?? NOTHING;
    if (found.face === this.received.face && found.document === this.received.document) return;
    this.received = { ...found };
    this.changed();
    if (this.voice.srcObject === found.audio) return;
    this.voice.srcObject = found.audio;
    if (found.audio) {
      void this.voice.play().then(() => (this.silenced = false), (e: DOMException) => (this.silenced = e.name === "NotAllowedError"));
    }
  }

  private close(epoch: number): void {
    this.peers.close(epoch);
    if (this.media.newest !== 0) return;
    this.received = NOTHING;
    this.changed();
    this.voice.srcObject = null;
    this.last = null;
    this.span = [null, null];
    this.far = this.near = UNKNOWN;
    this.sending.reset();
    this.limit();
  }
}
