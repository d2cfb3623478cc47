// Decides when the desk is linked to the hub: greeting, numbering, heartbeat, when to come back, when to stop.
// Never opens a socket, never reads a clock, never looks into a body beyond the greeting and the heartbeat.

import { CURRENT_VERSION, HUB_SAYS, SUPPORTED_VERSIONS, type Envelope, type HubSays } from "../protocol";
import { delays } from "./delays";

/** The hub greets back within this time or the attempt is given up (ms). */
export const GREETING_MS = 8_000;

export type Phase = "off" | "connecting" | "greeting" | "up" | "waiting" | "stopped";
export type Stop = "login" | "replaced" | "version" | "";

export type Event =
  | { kind: "start" }
  | { kind: "opened" }
  | { kind: "text"; text: string }
  | { kind: "closed"; code: number; reason: string }
  | { kind: "send"; type: string; body?: object; call?: string; epoch?: number; id?: string; expires?: string }
  | { kind: "retry" }
  | { kind: "tick" }
  | { kind: "stop" };

export type Effect =
  | { kind: "open" }
  | { kind: "write"; text: string }
  | { kind: "shut"; code: number }
  | { kind: "deliver"; envelope: HubSays }
  | { kind: "phase"; phase: Phase; stop: Stop };

/** Which phase may follow which; anything else is a mistake of ours. */
export const TRANSITIONS: Record<Phase, readonly Phase[]> = {
  off: ["connecting"],
  connecting: ["greeting", "waiting", "stopped"],
  greeting: ["up", "waiting", "stopped"],
  up: ["waiting", "stopped"],
  waiting: ["connecting", "stopped"],
  stopped: ["connecting"],
};

/** Close codes after which coming back by itself would be wrong. */
const FINAL: Record<number, Stop> = { 4000: "version", 4001: "login", 4009: "replaced" };

export class Link {
  phase: Phase = "off";
  /** Why the link is stopped; empty while it is not. */
  stop: Stop = "";
  /** Last number that we wrote and highest that we read on this socket. */
  private seq = 0;
  private seen = 0;
  private heartbeatMs = 5_000;
  private deadMs = 12_000;
  private heard = 0;
  private pinged = 0;
  private retryAt = 0;
  private since = 0;
  private pauses: Generator<number, never>;
  /** Pause that the hub asked for before a planned restart (ms). */
  private pause = 0;

  constructor(
    private readonly newId: () => string,
    private readonly random: () => number,
  ) {
    this.pauses = delays(random);
  }

  /** What to do because of `event`. `now` is in ms of any steady clock. */
  handle(event: Event, now: number): Effect[] {
    switch (event.kind) {
      case "start":
      case "retry":
        return this.phase === "off" || this.phase === "waiting" || this.phase === "stopped" ? this.open(now) : [];
      case "opened":
        return this.phase === "connecting" ? this.greet(now) : [];
      case "text":
        return this.phase === "greeting" || this.phase === "up" ? this.read(event.text, now) : [];
      case "closed":
        return this.lost(event.code, now);
      case "send":
        return this.phase === "up" ? [this.write(event.type, event.body ?? {}, event)] : [];
      case "tick":
        return this.tick(now);
      case "stop":
        return this.phase === "off" || this.phase === "stopped"
          ? []
          : [{ kind: "shut", code: 1000 }, this.turn("stopped", now, "")];
    }
  }

  /** When `tick` has something to do next, or null. */
  deadline(): number | null {
    if (this.phase === "waiting") return this.retryAt;
    if (this.phase === "connecting" || this.phase === "greeting") return this.since + GREETING_MS;
    if (this.phase === "up") return Math.min(this.pinged + this.heartbeatMs, this.heard + this.deadMs);
    return null;
  }

  /** Ms until the next attempt; 0 when none is planned. */
  retryIn(now: number): number {
    return this.phase === "waiting" ? Math.max(0, this.retryAt - now) : 0;
  }

  private open(now: number): Effect[] {
    const was = this.phase;
    if (was !== "waiting") this.pauses = delays(this.random);
    return [this.turn("connecting", now, ""), { kind: "open" }];
  }

  private greet(now: number): Effect[] {
    this.seq = 0;
    this.seen = 0;
    this.heard = now;
    return [this.turn("greeting", now, ""), this.write("desk_hello", { versions: SUPPORTED_VERSIONS }, {})];
  }

  private read(text: string, now: number): Effect[] {
    this.heard = now;
    const envelope = parse(text);
    if (!envelope) return [];
    if (envelope.seq > 0 && envelope.seq <= this.seen) return [];
    this.seen = Math.max(this.seen, envelope.seq);
    if (!known(envelope)) return [this.write("unsupported", { about: envelope.id, unknown: envelope.type }, {})];
    switch (envelope.type) {
      case "ping":
        return [this.write("pong", { about: envelope.id }, {})];
      case "pong":
        return [];
      case "desk_welcome":
        return [...this.welcome(envelope.body, now), { kind: "deliver", envelope }];
      case "going_away":
        this.pause = 1000 * envelope.body.retry_after_s;
        return [{ kind: "deliver", envelope }];
      default:
        return [{ kind: "deliver", envelope }];
    }
  }

  private welcome(body: { heartbeat_s: number; dead_s: number }, now: number): Effect[] {
    this.heartbeatMs = 1000 * body.heartbeat_s;
    this.deadMs = 1000 * body.dead_s;
    this.pinged = now;
    this.pauses = delays(this.random);
    this.pause = 0;
    return this.phase === "greeting" ? [this.turn("up", now, "")] : [];
  }

  private tick(now: number): Effect[] {
    if (this.phase === "waiting") return now >= this.retryAt ? this.open(now) : [];
    if (this.phase === "connecting" || this.phase === "greeting") {
      return now >= this.since + GREETING_MS ? this.giveUp(now) : [];
    }
    if (this.phase !== "up") return [];
    if (now >= this.heard + this.deadMs) return this.giveUp(now);
    if (now < this.pinged + this.heartbeatMs) return [];
    this.pinged = now;
    return [this.write("ping", {}, {})];
  }

  private giveUp(now: number): Effect[] {
    return [{ kind: "shut", code: 4000 }, ...this.wait(now)];
  }

  private lost(code: number, now: number): Effect[] {
    if (this.phase === "off" || this.phase === "stopped" || this.phase === "waiting") return [];
    const final = FINAL[code];
    return final ? [this.turn("stopped", now, final)] : this.wait(now);
  }

  private wait(now: number): Effect[] {
    const own = this.pauses.next().value;
    this.retryAt = now + Math.max(own, this.pause);
    this.pause = 0;
    return [this.turn("waiting", now, "")];
  }

  private write(type: string, body: object, to: { call?: string; epoch?: number; id?: string; expires?: string }): Effect {
    this.seq += 1;
    const envelope: Envelope = {
      v: CURRENT_VERSION,
      type,
      id: to.id ?? this.newId(),
      seq: this.seq,
      ack: this.seen,
      ...(to.call === undefined ? {} : { call: to.call }),
      ...(to.epoch === undefined ? {} : { epoch: to.epoch }),
      ...(to.expires === undefined ? {} : { expires: to.expires }),
      body,
    };
    return { kind: "write", text: JSON.stringify(envelope) };
  }

  private turn(phase: Phase, now: number, stop: Stop): Effect {
    if (!TRANSITIONS[this.phase].includes(phase)) throw new Error(`link: ${this.phase} -> ${phase}`);
    this.phase = phase;
    this.stop = stop;
    this.since = now;
    return { kind: "phase", phase, stop };
  }
}

/** The envelope of a text frame with its gaps filled, or null for what is none: one bad frame must not stop the desk. */
export function parse(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const found = value as Partial<Envelope>;
    if (typeof found.type !== "string" || typeof found.id !== "string") return null;
    return { v: CURRENT_VERSION, seq: 0, ack: 0, body: {}, ...found, type: found.type, id: found.id };
  } catch {
    return null;
  }
}

/** Bodies of known types are taken as the hub writes them: it checks each against the same source as our types. */
function known(envelope: Envelope): envelope is HubSays {
  return HUB_SAYS.has(envelope.type);
}
