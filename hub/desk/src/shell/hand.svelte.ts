// Drives `core/hand`: the tool in the operator's hand, the strokes on her screen, the beat that says what is due.

import { Hand, PACE_MS, type Said, type Spot, type Stroke } from "../core/hand";
import { desk } from "./desk.svelte";

export type Tool = "" | "pointer" | "pen";

class HandOver {
  tool = $state<Tool>("");
  strokes = $state.raw<readonly Stroke[]>([]);
  private readonly hand = new Hand(() => crypto.randomUUID());
  private beat: ReturnType<typeof setInterval> | null = null;

  /** Takes the tool, or lays it down when it is in the hand already. */
  take(tool: Tool): void {
    this.lift();
    this.leave();
    this.tool = this.tool === tool ? "" : tool;
  }

  /** Where the mouse is over the paper, with the pointer in the hand. */
  point(at: Spot | null): void {
    this.say(this.hand.point(at, performance.now()));
  }

  leave(): void {
    this.say(this.hand.leave());
  }

  /** False when there is nothing to write on. */
  down(at: Spot): boolean {
    const begun = desk.linked && this.hand.down(at, performance.now());
    this.say([]);
    return begun;
  }

  move(spots: readonly Spot[]): void {
    for (const at of spots) this.say(this.hand.move(at, performance.now()));
  }

  lift(): void {
    this.say(this.hand.up(performance.now()));
  }

  /** Wipes what is written, here and on the terminal. */
  clear(): void {
    if (desk.clearInk()) this.forget();
  }

  /** The hub or the terminal was away and may have missed a part: all of it again, on clean paper. */
  retell(): void {
    if (this.strokes.length === 0 || !desk.clearInk()) return;
    for (const part of this.hand.again()) desk.handSays(part);
  }

  /** Wipes what is written here: the terminal wipes its own, when the paper moves again and when the call ends. */
  forget(): void {
    this.hand.clear();
    this.say([]);
  }

  /** A new call, or this one after a reload: nobody here knows what is written on the terminal, so it goes. */
  fresh(): void {
    this.rest();
    desk.clearInk();
  }

  /** No call: no tool, no ink, nothing to say. */
  rest(): void {
    this.tool = "";
    this.hand.leave();
    this.forget();
  }

  private say(said: readonly Said[]): void {
    for (const one of said) desk.handSays(one);
    this.strokes = this.hand.strokes;
    if (this.hand.busy && this.beat === null) {
      this.beat = setInterval(() => this.say(this.hand.tick(performance.now())), PACE_MS);
    } else if (!this.hand.busy && this.beat !== null) {
      clearInterval(this.beat);
      this.beat = null;
    }
  }
}

export const hand = new HandOver();
