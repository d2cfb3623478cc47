// Drives `core/link` with a real WebSocket and clock. One socket at a time; events of a socket that was given up are deaf.

import { Link, type Effect, type Event, type Phase, type Stop, type Tongue } from "../core/link";
import type { DeskSays, Envelope, HubSays } from "../protocol";

/** Body of a message of this type among those that a page may say. */
export type BodyOf<Own, T> = Extract<Own, { type: T }> extends Envelope<string, infer Body> ? Body : never;

/** Body of each message that a desk may say. */
export type Body<T extends DeskSays["type"]> = BodyOf<DeskSays, T>;

/** What the envelope adds: the call, the media epoch, an id for what may be sent twice, when it is void (ISO). */
export interface To {
  call?: string;
  epoch?: number;
  id?: string;
  expires?: string;
  /** Wait for the next socket while the link is down for a moment: for the media, which no person repeats. */
  keep?: boolean;
}

export interface Ears<Said = HubSays> {
  deliver(envelope: Said): void;
  phase(phase: Phase, stop: Stop): void;
}

/** The desk's; with a path and a tongue, another page's. */
export class Socket<Said extends Envelope = HubSays, Own extends Envelope = DeskSays> {
  private readonly link: Link<Said>;
  private socket: WebSocket | null = null;

  constructor(
    private readonly ears: Ears<Said>,
    private readonly path = "/ws/desk",
    tongue?: Tongue,
  ) {
    this.link = new Link<Said>(() => crypto.randomUUID(), Math.random, tongue);
  }

  /** False when the link is down and the message was not written: show that, or ask again after the snapshot. */
  send<T extends Own["type"]>(type: T, body: BodyOf<Own, T>, to: To = {}): boolean {
    const up = this.link.phase === "up";
    this.feed({ ...to, kind: "send", type, body: body as object });
    return up;
  }

  /** start, retry, tick, stop. */
  feed(event: Event): void {
    for (const effect of this.link.handle(event, performance.now())) this.obey(effect);
  }

  /** Seconds until the next attempt, rounded up. */
  retryIn(): number {
    return Math.ceil(this.link.retryIn(performance.now()) / 1000);
  }

  private obey(effect: Effect<Said>): void {
    if (effect.kind === "open") this.open();
    else if (effect.kind === "write") this.socket?.send(effect.text);
    else if (effect.kind === "shut") this.shut(effect.code);
    else if (effect.kind === "deliver") this.ears.deliver(effect.envelope);
    else this.ears.phase(effect.phase, effect.stop);
  }

  private open(): void {
    this.shut(1000);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`);
    this.socket = socket;
    const heard = (event: Event) => {
      if (this.socket === socket) this.feed(event);
    };
    socket.onopen = () => heard({ kind: "opened" });
    socket.onmessage = (message) => heard({ kind: "text", text: String(message.data) });
    socket.onclose = (closed) => heard({ kind: "closed", code: closed.code, reason: closed.reason });
  }

  private shut(code: number): void {
    const old = this.socket;
    this.socket = null;
    old?.close(code);
  }
}
