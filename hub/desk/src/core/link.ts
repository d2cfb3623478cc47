// Decides when a page (a desk, a guest's) is linked to the hub: greeting, heartbeat, when to come back, when to stop; what is said
// again is decided by `delivery`. Never opens a socket, never reads a clock, never looks into a body beyond the
// greeting and the heartbeat.

import { CURRENT_VERSION, HUB_SAYS, SUPPORTED_VERSIONS, type Envelope, type GoingAway, type GuestWelcome, type HubSays } from "../protocol";
import { delays, URGENT_MS } from "./delays";
import { Delivery, OUTSIDE, PASSED_ON } from "./delivery";

/** The hub greets back within this time or the attempt is given up (ms). */
export const GREETING_MS = 5_000;
/** A link that was doubted and says nothing for so long is dead (ms). */
export const DOUBT_MS = 1_500;

export type Phase = "off" | "connecting" | "greeting" | "up" | "waiting" | "stopped";
export type Stop = "login" | "replaced" | "version" | "";

export type Event =
  | { kind: "start" }
  | { kind: "opened" }
  | { kind: "text"; text: string }
  | { kind: "closed"; code: number; reason: string }
  /** `keep`: while the link is down for a moment it waits for the next socket, instead of not being said. */
  | { kind: "send"; type: string; body?: object; call?: string; epoch?: number; id?: string; expires?: string; keep?: boolean }
  | { kind: "retry" }
  /** Somebody is in a call or rung, or no longer: then a dead link is found soon, and no pause grows long. */
  | { kind: "hurry"; on: boolean }
  /** The line may have changed: a link that is up must answer soon, one that is down is tried now. */
  | { kind: "check" }
  | { kind: "tick" }
  | { kind: "stop" };

export type Effect<Said = HubSays> =
  | { kind: "open" }
  | { kind: "write"; text: string }
  | { kind: "shut"; code: number }
  | { kind: "deliver"; envelope: Said }
  | { kind: "phase"; phase: Phase; stop: Stop };

/** What one kind of link says at its beginning, and what it understands. */
export interface Tongue {
  readonly hello: string;
  readonly welcome: string;
  readonly understands: ReadonlySet<string>;
  /** What the greeting carries besides. */
  readonly greeting?: () => object;
}

const DESK: Tongue = { hello: "desk_hello", welcome: "desk_welcome", understands: HUB_SAYS };

/** What every welcome says of the link. */
type Welcome = Partial<GuestWelcome> & Pick<GuestWelcome, "heartbeat_s" | "dead_s">;

/** Which phase may follow which; anything else is a mistake of ours. */
export const TRANSITIONS: Record<Phase, readonly Phase[]> = {
  off: ["connecting"],
  connecting: ["greeting", "waiting", "stopped"],
  greeting: ["up", "waiting", "stopped"],
  up: ["waiting", "stopped"],
  waiting: ["connecting", "stopped"],
  stopped: ["connecting"],
};

/** What it takes to say something, again if need be. */
interface Word {
  readonly type: string;
  readonly id: string;
  readonly call?: string;
  readonly epoch?: number;
  readonly expires?: string;
  readonly body: object;
}

/** Close codes after which coming back by itself would be wrong. */
const FINAL: Record<number, Stop> = { 4000: "version", 4001: "login", 4009: "replaced" };

export class Link<Said extends Envelope = HubSays> {
  phase: Phase = "off";
  /** Why the link is stopped; empty while it is not. */
  stop: Stop = "";
  private readonly delivery = new Delivery<Word>();
  private token = "";
  /** Highest number that the hub gave to its greeting on this socket; an older hub counts it. */
  private greeted = 0;
  private beats = { busy: { everyMs: 5_000, deadMs: 12_000 }, idle: { everyMs: 15_000, deadMs: 40_000 } };
  private urgent = false;
  /** When somebody asked whether the hub is there, unanswered yet. */
  private doubted: number | null = null;
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
    private readonly tongue: Tongue = DESK,
  ) {
    this.pauses = delays(random);
  }

  /** What to do because of `event`. `now` is in ms of any steady clock. */
  handle(event: Event, now: number): Effect<Said>[] {
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
        return this.send(event, now);
      case "hurry":
        return this.hurry(event.on, now);
      case "check":
        return this.check(now);
      case "tick":
        return this.tick(now);
      case "stop":
        if (this.phase === "off" || this.phase === "stopped") return [];
        this.delivery.lost(now);
        return [{ kind: "shut", code: 1000 }, this.turn("stopped", now, "")];
    }
  }

  /** When `tick` has something to do next, or null. */
  deadline(): number | null {
    if (this.phase === "waiting") return this.retryAt;
    if (this.phase === "connecting" || this.phase === "greeting") return this.since + GREETING_MS;
    if (this.phase === "up") return Math.min(this.pinged + this.beat.everyMs, this.deadAt);
    return null;
  }

  /** Ms until the next attempt; 0 when none is planned. */
  retryIn(now: number): number {
    return this.phase === "waiting" ? Math.max(0, this.retryAt - now) : 0;
  }

  private open(now: number): Effect<Said>[] {
    const was = this.phase;
    if (was !== "waiting") this.pauses = delays(this.random);
    return [this.turn("connecting", now, ""), { kind: "open" }];
  }

  private greet(now: number): Effect<Said>[] {
    this.greeted = 0;
    this.heard = now;
    const received = this.delivery.mayResume(now) ? { received: this.delivery.taken } : {};
    const hello = { versions: SUPPORTED_VERSIONS, resume_token: this.token, ...received, ...this.tongue.greeting?.() };
    return [this.turn("greeting", now, ""), this.aside(this.tongue.hello, hello)];
  }

  private send(event: Extract<Event, { kind: "send" }>, now: number): Effect<Said>[] {
    const up = this.phase === "up";
    if (up && OUTSIDE.has(event.type)) return [this.write(this.word(event), 0)];
    if (OUTSIDE.has(event.type) || !(up || (event.keep && this.delivery.keeps(now)))) return [];
    return this.keep(this.word(event), up);
  }

  private word(event: Extract<Event, { kind: "send" }>): Word {
    const { type, body = {}, call, epoch, expires, id = this.newId() } = event;
    return {
      type, id, body,
      ...(call === undefined ? {} : { call }),
      ...(epoch === undefined ? {} : { epoch }),
      ...(expires === undefined ? {} : { expires }),
    };
  }

  private keep(word: Word, up: boolean): Effect<Said>[] {
    const seq = this.delivery.say(word, new TextEncoder().encode(JSON.stringify(word)).length);
    return up ? [this.write(word, seq)] : [];
  }

  private hurry(on: boolean, now: number): Effect<Said>[] {
    const sooner = on && !this.urgent;
    this.urgent = on;
    if (!sooner || this.phase !== "up") return [];
    this.heard = Math.max(this.heard, now); // its silence was allowed until now
    return this.ping(now);
  }

  private check(now: number): Effect<Said>[] {
    if (this.phase === "waiting") this.retryAt = Math.min(this.retryAt, now);
    if (this.phase !== "up" || this.doubted !== null) return [];
    this.doubted = now;
    return this.ping(now);
  }

  private ping(now: number): Effect<Said>[] {
    this.pinged = now;
    return [this.aside("ping", {})];
  }

  private get beat(): { everyMs: number; deadMs: number } {
    return this.urgent ? this.beats.busy : this.beats.idle;
  }

  private get deadAt(): number {
    const dead = this.heard + this.beat.deadMs;
    return this.doubted === null ? dead : Math.min(dead, this.doubted + DOUBT_MS);
  }

  private read(text: string, now: number): Effect<Said>[] {
    this.heard = now;
    this.doubted = null;
    const envelope = parse(text);
    if (!envelope) return [];
    if (this.phase === "greeting") {
      this.greeted = Math.max(this.greeted, envelope.seq);
      return this.act(envelope, now);
    }
    const heard = this.delivery.hear(envelope.seq, envelope.ack);
    if (heard === "again") return [];
    if (heard === "gap") return this.giveUp(now);
    const effects = this.act(envelope, now);
    this.delivery.took(envelope.seq);
    return effects;
  }

  /** Bodies of known types are taken as the hub writes them: it checks each against the same source as our types. */
  private act(envelope: Envelope, now: number): Effect<Said>[] {
    if (!this.tongue.understands.has(envelope.type)) {
      return [this.aside("unsupported", { about: envelope.id, unknown: envelope.type })];
    }
    switch (envelope.type) {
      case "ping":
        return [this.aside("pong", { about: envelope.id })];
      case "pong":
        return [];
      case this.tongue.welcome:
        return this.welcome(envelope, now);
      case "going_away":
        this.pause = 1000 * (envelope.body as GoingAway).retry_after_s;
    }
    return [{ kind: "deliver", envelope: envelope as Said }];
  }

  private welcome(envelope: Envelope, now: number): Effect<Said>[] {
    if (this.phase !== "greeting") return [];
    const body = envelope.body as Welcome;
    const busy = { everyMs: 1000 * body.heartbeat_s, deadMs: 1000 * body.dead_s };
    const idle = { everyMs: 1000 * (body.idle_heartbeat_s ?? 0), deadMs: 1000 * (body.idle_dead_s ?? 0) };
    this.beats = { busy, idle: idle.everyMs > 0 && idle.deadMs > 0 ? idle : busy }; // an older hub has one pace
    this.token = body.resume_token ?? "";
    const again = this.goOn(body.resumed ?? false, body.received ?? 0, now);
    if (again === null) return this.giveUp(now);
    this.pinged = now;
    this.pauses = delays(this.random);
    this.pause = 0;
    return [...again, this.turn("up", now, ""), { kind: "deliver", envelope: envelope as Said }]; // before anything new is said
  }

  /** What the hub lacks; null when it cannot be given any more. */
  private goOn(resumed: boolean, received: number, now: number): Effect<Said>[] | null {
    if (!resumed) {
      const unheard = this.delivery.begin(now, this.greeted).filter((word) => !PASSED_ON.has(word.type));
      return unheard.flatMap((word) => this.keep(word, true));
    }
    return this.delivery.resume(received, now)?.map((one) => this.write(one.item, one.seq)) ?? null;
  }

  private tick(now: number): Effect<Said>[] {
    if (this.phase === "waiting") return now >= this.retryAt ? this.open(now) : [];
    if (this.phase === "connecting" || this.phase === "greeting") {
      return now >= this.since + GREETING_MS ? this.giveUp(now) : [];
    }
    if (this.phase !== "up") return [];
    if (now >= this.deadAt) return this.giveUp(now);
    return now < this.pinged + this.beat.everyMs ? [] : this.ping(now);
  }

  private giveUp(now: number): Effect<Said>[] {
    return [{ kind: "shut", code: 4000 }, ...this.wait(now)];
  }

  private lost(code: number, now: number): Effect<Said>[] {
    if (this.phase === "off" || this.phase === "stopped" || this.phase === "waiting") return [];
    const final = FINAL[code];
    if (final) this.delivery.lost(now);
    return final ? [this.turn("stopped", now, final)] : this.wait(now);
  }

  private wait(now: number): Effect<Said>[] {
    this.delivery.lost(now);
    this.doubted = null;
    let own = this.pauses.next().value;
    if (this.urgent) own = Math.min(own, Math.round(URGENT_MS * (0.5 + this.random())));
    this.retryAt = now + Math.max(own, this.pause);
    this.pause = 0;
    return [this.turn("waiting", now, "")];
  }

  /** What belongs to this socket alone. */
  private aside(type: string, body: object): Effect<Said> {
    return this.write({ type, id: this.newId(), body }, 0);
  }

  private write(word: Word, seq: number): Effect<Said> {
    const envelope: Envelope = { v: CURRENT_VERSION, ...word, seq, ack: this.delivery.taken };
    return { kind: "write", text: JSON.stringify(envelope) };
  }

  private turn(phase: Phase, now: number, stop: Stop): Effect<Said> {
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
