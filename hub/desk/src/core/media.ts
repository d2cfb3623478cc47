// Decides which generation (epoch) of the media connection is made, shown, closed, and when a new one is asked for.
// The kiosk always offers; this machine answers, drops what is old, and keeps the old picture until the new one runs.
// Never touches RTCPeerConnection, a clock or the link: a driver reports events and obeys effects.

import type { Offer } from "../protocol";

/** No frame and no audio packet for this long: ask for a new epoch (ms). */
export const SILENT_MS = 5_000;
/** From here on the operator is told that the picture stands still (ms). */
export const LOST_MS = 2_500;
/** After an accept the kiosk may still be gathering addresses (ms). */
export const FIRST_OFFER_MS = 8_000;
/** A renew is not repeated earlier than this, and later each time (ms). */
export const RENEW_MS = 5_000;
export const RENEW_LONGEST_MS = 20_000;

/** What each media line of an offer carries. */
export type Roles = Offer["mids"];

export type Event =
  | { kind: "adopt"; call: string; epoch: number; fresh: boolean }
  | { kind: "release" }
  | { kind: "offer"; call: string; epoch: number; sdp: string; mids: Roles }
  | { kind: "remote_candidate"; call: string; epoch: number; candidate: string; mid: string }
  | { kind: "answered"; epoch: number; sdp: string }
  | { kind: "local_candidate"; epoch: number; candidate: string; mid: string }
  | { kind: "peer"; epoch: number; state: "connected" | "failed" | "closed" }
  | { kind: "flowing"; epoch: number }
  | { kind: "reach"; link: boolean; terminal: boolean }
  | { kind: "ask"; reason: string }
  | { kind: "tick" };

export type Effect =
  | { kind: "make"; epoch: number; sdp: string; mids: Roles }
  | { kind: "take"; epoch: number; candidate: string; mid: string }
  | { kind: "show"; epoch: number }
  | { kind: "close"; epoch: number }
  | { kind: "answer"; call: string; epoch: number; sdp: string }
  | { kind: "candidate"; call: string; epoch: number; candidate: string; mid: string }
  | { kind: "renew"; call: string; reason: string };

export type Phase = "idle" | "awaiting" | "connecting" | "live" | "lost";

export class Media {
  call = "";
  /** Epoch whose picture is on the screen; 0 for none. */
  shown = 0;
  /** Newest epoch that was answered; equals `shown` unless a change is under way. */
  newest = 0;
  /** Offers below this belong to a page that is gone. */
  private floor = 1;
  /** Whether media of the shown epoch has ever run. */
  private ran = false;
  /** When media last ran, in any epoch that is on the screen or about to be. */
  private flowed = 0;
  /** From here the patience counts: media, an offer, or the last request. */
  private evidence = 0;
  private patience = SILENT_MS;
  private renews = 0;
  private link = true;
  private terminal = true;

  handle(event: Event, now: number): Effect[] {
    switch (event.kind) {
      case "adopt":
        return this.adopt(event.call, event.epoch, event.fresh, now);
      case "release":
        return this.release();
      case "offer":
        return event.call === this.call ? this.offer(event, now) : [];
      case "remote_candidate":
        return event.call === this.call && event.epoch === this.newest
          ? [{ kind: "take", epoch: event.epoch, candidate: event.candidate, mid: event.mid }]
          : [];
      case "answered":
        return this.current(event.epoch)
          ? [{ kind: "answer", call: this.call, epoch: event.epoch, sdp: event.sdp }]
          : [];
      case "local_candidate":
        return this.current(event.epoch)
          ? [{ kind: "candidate", call: this.call, epoch: event.epoch, candidate: event.candidate, mid: event.mid }]
          : [];
      case "peer":
        return this.peer(event.epoch, event.state, now);
      case "flowing":
        return this.flowing(event.epoch, now);
      case "reach":
        return this.reach(event.link, event.terminal, now);
      case "ask":
        return this.call ? this.renew(event.reason, now) : [];
      case "tick":
        return this.tick(now);
    }
  }

  /** When `tick` would ask for a new epoch, or null. */
  deadline(): number | null {
    return this.call && this.link && this.terminal ? this.evidence + this.patience : null;
  }

  /** What to write where the picture should be. */
  phase(now: number): Phase {
    if (!this.call) return "idle";
    if (this.newest === 0) return "awaiting";
    if (!this.ran) return "connecting";
    return now - this.flowed > LOST_MS ? "lost" : "live";
  }

  private adopt(call: string, epoch: number, fresh: boolean, now: number): Effect[] {
    if (call === this.call) return [];
    const closed = this.release();
    this.call = call;
    this.floor = fresh ? Math.max(1, epoch) : epoch + 1;
    this.evidence = now;
    this.patience = FIRST_OFFER_MS;
    return fresh || epoch === 0 ? closed : [...closed, ...this.renew("reload", now)];
  }

  private release(): Effect[] {
    const effects = this.peers().map((epoch): Effect => ({ kind: "close", epoch }));
    this.call = "";
    this.shown = this.newest = this.renews = 0;
    this.floor = 1;
    this.ran = false;
    return effects;
  }

  private offer(event: Extract<Event, { kind: "offer" }>, now: number): Effect[] {
    if (event.epoch < this.floor || event.epoch <= this.newest) return [];
    const replaces = this.newest !== 0 && this.newest !== this.shown ? [this.newest] : [];
    this.newest = event.epoch;
    this.evidence = now;
    this.patience = SILENT_MS;
    const effects: Effect[] = replaces.map((epoch) => ({ kind: "close", epoch }));
    effects.push({ kind: "make", epoch: event.epoch, sdp: event.sdp, mids: event.mids });
    if (!this.ran) effects.push(...this.swap());
    return effects;
  }

  private peer(epoch: number, state: string, now: number): Effect[] {
    if (epoch !== this.newest || state === "connected") return [];
    return this.renew("failed", now);
  }

  private flowing(epoch: number, now: number): Effect[] {
    if (!this.peers().includes(epoch)) return [];
    this.flowed = now;
    this.ran = true;
    // While the old picture still runs beside a new connection, only the new one is waited for.
    if (epoch !== this.newest) return [];
    this.renews = 0;
    this.evidence = now;
    this.patience = SILENT_MS;
    return this.newest !== this.shown ? this.swap() : [];
  }

  private swap(): Effect[] {
    const old = this.shown;
    this.shown = this.newest;
    const effects: Effect[] = [{ kind: "show", epoch: this.newest }];
    if (old !== 0) effects.push({ kind: "close", epoch: old });
    return effects;
  }

  private reach(link: boolean, terminal: boolean, now: number): Effect[] {
    const back = link && terminal && !(this.link && this.terminal);
    this.link = link;
    this.terminal = terminal;
    // While nobody could be asked, time did not count against the connection.
    if (back && now - this.evidence > this.patience) this.evidence = now - this.patience + 2_000;
    return [];
  }

  private tick(now: number): Effect[] {
    const at = this.deadline();
    return at !== null && now >= at ? this.renew(this.newest === 0 ? "no_offer" : "no_media", now) : [];
  }

  private renew(reason: string, now: number): Effect[] {
    if (!this.call || !this.link || !this.terminal) return [];
    const early = this.renews > 0 && now < this.evidence + this.patience;
    if (early) return [];
    this.renews += 1;
    this.evidence = now;
    this.patience = Math.min(RENEW_MS * this.renews, RENEW_LONGEST_MS);
    return [{ kind: "renew", call: this.call, reason }];
  }

  private current(epoch: number): boolean {
    return this.call !== "" && epoch === this.newest;
  }

  private peers(): number[] {
    return [...new Set([this.shown, this.newest])].filter((epoch) => epoch !== 0);
  }
}
