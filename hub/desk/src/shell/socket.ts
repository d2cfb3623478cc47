// Drives `core/link` with a real WebSocket and clock. One socket at a time; events of a socket that was given up are deaf.

import { Link, type Effect, type Event, type Phase, type Stop } from "../core/link";
import type { DeskSays, HubSays } from "../protocol";

/** Body of each message that a desk may say. */
export type Body<T extends DeskSays["type"]> = Extract<DeskSays, { type: T }>["body"];

/** What the envelope adds: the call, the media epoch, an id for what may be sent twice, when it is void (ISO). */
export interface To {
  call?: string;
  epoch?: number;
  id?: string;
  expires?: string;
  /** Wait for the next socket while the link is down for a moment: for the media, which no person repeats. */
  keep?: boolean;
}

export interface Ears {
  deliver(envelope: HubSays): void;
  phase(phase: Phase, stop: Stop): void;
}

export class Socket {
  private readonly link = new Link(() => crypto.randomUUID(), Math.random);
  private socket: WebSocket | null = null;

  constructor(private readonly ears: Ears) {}

  /** False when the link is down and the message was not written: show that, or ask again after the snapshot. */
  send<T extends DeskSays["type"]>(type: T, body: Body<T>, to: To = {}): boolean {
    const up = this.link.phase === "up";
    this.feed({ ...to, kind: "send", type, body });
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

  private obey(effect: Effect): void {
    if (effect.kind === "open") this.open();
    else if (effect.kind === "write") this.socket?.send(effect.text);
    else if (effect.kind === "shut") this.shut(effect.code);
    else if (effect.kind === "deliver") this.ears.deliver(effect.envelope);
    else this.ears.phase(effect.phase, effect.stop);
  }

  private open(): void {
    this.shut(1000);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/desk`);
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
