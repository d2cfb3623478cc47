// Drives what a branch page does to be noticed: the bell, the tab's title, a phone that stays awake and shakes.

import * as chime from "./chime";
import { prefs } from "./prefs.svelte";

const EVERY_MS = 2_000;
const TITLE = "支所の呼び出し";

export class BranchBell {
  private rungAt = 0;
  private lock: WakeLockSentinel | null = null;

  /** Call on a finger's touch: from then on the bell can be heard. Whether it can; it rings once as proof. */
  async wake(): Promise<boolean> {
    await chime.wake();
    chime.bell(prefs.values.volume);
    await this.stayAwake();
    return chime.awake();
  }

  /** Every beat; `now` in ms. */
  ring(on: boolean, now: number, where: string): void {
    document.title = on ? `● ${where}` : TITLE;
    if (!on || now - this.rungAt < EVERY_MS) return;
    this.rungAt = now;
    chime.bell(prefs.values.volume);
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(400);
    if (!this.lock || this.lock.released) void this.stayAwake();
  }

  rest(): void {
    void this.lock?.release();
    this.lock = null;
  }

  /** A phone that goes to sleep rings for nobody; where it cannot be kept awake, the page says to leave it open. */
  private async stayAwake(): Promise<void> {
    try {
      this.lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      this.lock = null;
    }
  }
}
