// Decides how two desks of a call keep a connection of their own: those of a transfer, or of a monitoring, in which the
// supervisor stands where the specialist does. The operator's desk offers, a greater turn replaces what was. Never touches
// RTCPeerConnection, a clock or the link: a driver reports events and obeys effects.

import type { Offer } from "../protocol";

export type Roles = Offer["mids"];

export type Event =
  | { kind: "follow"; transfer: string; part: "origin" | "specialist"; fresh: boolean }
  | { kind: "release" }
  | { kind: "described"; turn: number; sdp: string; mids: Roles }
  | { kind: "local_candidate"; turn: number; candidate: string; mid: string }
  | { kind: "failed"; turn: number }
  | { kind: "offer"; transfer: string; turn: number; sdp: string; mids: Roles }
  | { kind: "answer"; transfer: string; turn: number; sdp: string }
  | { kind: "candidate"; transfer: string; turn: number; candidate: string; mid: string }
  | { kind: "renew"; transfer: string };

export type Effect =
  | { kind: "make"; turn: number }
  | { kind: "accept"; turn: number; sdp: string; mids: Roles }
  | { kind: "complete"; turn: number; sdp: string }
  | { kind: "take"; turn: number; candidate: string; mid: string }
  | { kind: "close" }
  | { kind: "say_offer"; transfer: string; turn: number; sdp: string; mids: Roles }
  | { kind: "say_answer"; transfer: string; turn: number; sdp: string }
  | { kind: "say_candidate"; transfer: string; turn: number; candidate: string; mid: string }
  | { kind: "say_renew"; transfer: string };

export class Side {
  transfer = "";
  /** Of the present connection; 0 while there is none. Numbers rise over reloads, because they begin with the clock. */
  turn = 0;
  private part: "origin" | "specialist" = "origin";

  /** `now` is the wall clock in ms. */
  handle(event: Event, now: number): Effect[] {
    switch (event.kind) {
      case "follow":
        return this.follow(event.transfer, event.part, event.fresh, now);
      case "release":
        return this.release();
      case "described":
        if (event.turn !== this.turn) return [];
        return this.part === "origin"
          ? [{ kind: "say_offer", transfer: this.transfer, turn: event.turn, sdp: event.sdp, mids: event.mids }]
          : [{ kind: "say_answer", transfer: this.transfer, turn: event.turn, sdp: event.sdp }];
      case "local_candidate":
        return event.turn === this.turn
          ? [{ kind: "say_candidate", transfer: this.transfer, turn: event.turn, candidate: event.candidate, mid: event.mid }]
          : [];
      case "failed":
        return event.turn === this.turn ? this.again(now) : [];
      case "renew":
        return event.transfer === this.transfer && this.part === "origin" ? this.again(now) : [];
      case "offer":
        if (event.transfer !== this.transfer || this.part !== "specialist" || event.turn <= this.turn) return [];
        this.turn = event.turn;
        return [{ kind: "close" }, { kind: "accept", turn: event.turn, sdp: event.sdp, mids: event.mids }];
      case "answer":
        return this.mine(event) && this.part === "origin" ? [{ kind: "complete", turn: event.turn, sdp: event.sdp }] : [];
      case "candidate":
        return this.mine(event) ? [{ kind: "take", turn: event.turn, candidate: event.candidate, mid: event.mid }] : [];
    }
  }

  private follow(transfer: string, part: "origin" | "specialist", fresh: boolean, now: number): Effect[] {
    if (transfer === this.transfer && part === this.part) return [];
    const closed = this.release();
    this.transfer = transfer;
    this.part = part;
    // The operator's desk offers as soon as it hears of the accept; a page that was loaded anew has to ask.
    if (part === "specialist") return fresh ? closed : [...closed, { kind: "say_renew", transfer }];
    return [...closed, ...this.again(now)];
  }

  private again(now: number): Effect[] {
    if (this.part === "specialist") return [{ kind: "say_renew", transfer: this.transfer }];
    const closed: Effect[] = this.turn ? [{ kind: "close" }] : [];
    this.turn = Math.max(this.turn + 1, now);
    return [...closed, { kind: "make", turn: this.turn }];
  }

  private release(): Effect[] {
    const closed: Effect[] = this.turn ? [{ kind: "close" }] : [];
    this.transfer = "";
    this.turn = 0;
    return closed;
  }

  private mine(event: { transfer: string; turn: number }): boolean {
    return event.transfer === this.transfer && event.turn === this.turn && this.turn > 0;
  }
}
