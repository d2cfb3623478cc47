// Which volume a key means. Pure: keys come faster than the terminal's report of the last one.

const LOWEST = 1;
const HIGHEST = 5;

export class Volume {
  private asked: { level: number; seen: number } | null = null;

  /** The level that one step from here is, `seen` being the newest report; null at the end of the scale, or untold. */
  step(seen: number, by: 1 | -1): number | null {
    if (seen < LOWEST) return null;
    const from = this.asked?.seen === seen ? this.asked.level : seen;
    const level = from + by;
    if (level < LOWEST || level > HIGHEST) return null;
    this.asked = { level, seen };
    return level;
  }

  /** What was asked for has no effect: the report alone counts again. */
  forget(): void {
    this.asked = null;
  }
}
