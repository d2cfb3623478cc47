// The signs of a ring outside of the page's own area: sound, tab title, tab icon.

import type { RingCard } from "../protocol";
import * as chime from "./chime";

const EVERY_MS = 3_000;
const TITLE = "窓口デスク";

export class Signal {
  private rungAt = -EVERY_MS;
  private title = "";
  private call = "";

  /** Every beat. `card` is null while nobody rings. */
  beat(card: RingCard | null, volume: number): void {
    if (!card) return this.rest();
    const now = performance.now();
    if (card.call !== this.call || now - this.rungAt >= EVERY_MS) {
      this.rungAt = now;
      this.call = card.call;
      chime.ring(volume);
    }
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const lit = still || now % 1_000 < 600;
    this.show(lit ? `● 呼出中 ${card.municipality_name}` : `○ 呼出中 ${card.municipality_name}`, "/icon-ring.svg");
  }

  rest(): void {
    this.call = "";
    this.show(TITLE, "/icon.svg");
  }

  private show(title: string, icon: string): void {
    if (title === this.title) return;
    this.title = title;
    document.title = title;
    document.getElementById("icon")?.setAttribute("href", icon);
  }
}
