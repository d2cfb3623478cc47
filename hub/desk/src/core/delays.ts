// How long to wait before the next attempt to reach the hub; the same as a terminal's (`kiosk/core/link.py`).
// Knows no network and no clock.

/** Before the first, second, ... attempt, then the last one for ever; each +-50 % (ms). */
export const DELAYS_MS: readonly number[] = [0, 300, 1_000, 2_000, 4_000, 7_000];

/** Longest pause while a resident is connected or rings, +-50 % (ms). */
export const URGENT_MS = 700;

/** Endless pauses in ms, spread by `random` (0..1). */
export function* delays(random: () => number): Generator<number, never> {
  for (let tried = 0; ; tried += 1) {
    yield Math.round(DELAYS_MS[Math.min(tried, DELAYS_MS.length - 1)]! * (0.5 + random()));
  }
}
