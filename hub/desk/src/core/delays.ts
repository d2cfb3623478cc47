// How long to wait before the next attempt to reach the hub. Knows no network and no clock.

/** Shortest and longest pause in ms: a hub that restarts is back in about a second; a storm must not form. */
export const FIRST_MS = 400;
export const LONGEST_MS = 8_000;

/** Endless pauses in ms, doubling, each spread over the upper half by `random` (0..1). */
export function* delays(random: () => number): Generator<number, never> {
  for (let ceiling = FIRST_MS; ; ceiling = Math.min(ceiling * 2, LONGEST_MS)) {
    yield Math.round(ceiling * (0.5 + random() / 2));
  }
}
