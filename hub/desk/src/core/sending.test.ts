import { describe, expect, it } from "vitest";
import { CLIMB_MS, ENCODINGS, FALL_MS, Sending, type Level, type Outgoing } from "./sending";

const GOOD: Outgoing = { loss: 0, audioLoss: 0, availableBps: 900_000 };
const lossy = (loss: number): Outgoing => ({ loss, audioLoss: loss, availableBps: 900_000 });
const narrow = (availableBps: number): Outgoing => ({ loss: 0, audioLoss: 0, availableBps });

/** A walk on lines, one measure a second; gives every level that was reached. */
function walk(sending: Sending, from: number, seconds: number, line: (t: number) => Outgoing): Level[] {
  const levels: Level[] = [];
  for (let t = 1; t <= seconds; t++) {
    if (sending.handle(line(t), (from + t) * 1000)) levels.push(sending.level);
  }
  return levels;
}

describe("what the desk sends of its own picture", () => {
  it("stays full on a good line and while nothing is known", () => {
    expect(walk(new Sending(), 0, 600, () => GOOD)).toEqual([]);
    expect(walk(new Sending(), 0, 600, () => ({ loss: null, audioLoss: null, availableBps: null }))).toEqual([]);
  });

  it.each([
    [narrow(150_000), ["small"]],
    [narrow(100_000), ["small", "tiny"]],
    [narrow(40_000), ["small", "tiny", "voice"]],
    [lossy(0.2), ["small", "tiny", "voice"]],
    [lossy(0.5), ["voice"]],
  ] as const)("goes down only as far as the line wants: %o", (line, levels) => {
    expect(walk(new Sending(), 0, 6, () => line)).toEqual(levels);
  });

  it("goes down within seconds and is back within seconds", () => {
    const sending = new Sending();
    walk(sending, 0, 8, () => lossy(0.3));
    expect(sending.level).toBe("voice");
    walk(sending, 8, 3 * (CLIMB_MS / 1000 + 1), () => GOOD);
    expect(sending.level).toBe("full");
  });

  it("is not moved by a single bad report", () => {
    expect(walk(new Sending(), 0, 120, (t) => (t % 5 === 0 ? lossy(0.5) : GOOD))).toEqual([]);
    expect(FALL_MS).toBeGreaterThanOrEqual(1000);
  });

  it.each([3, 5, 8, 15])("does not flap on a line that comes and goes every %i s", (period) => {
    const sending = new Sending();
    walk(sending, 0, 120, (t) => (Math.floor(t / period) % 2 ? lossy(0.3) : GOOD));
    expect(walk(sending, 120, 300, (t) => (Math.floor(t / period) % 2 ? lossy(0.3) : GOOD)).length).toBeLessThanOrEqual(20);
  });

  it("does not believe what was said of pictures once it sends none", () => {
    const sending = new Sending();
    walk(sending, 0, 8, () => lossy(0.3));
    walk(sending, 8, 2, () => ({ loss: 0.3, audioLoss: 0, availableBps: 900_000 }));
    expect(sending.level).toBe("tiny");
  });

  it("starts full in the next call", () => {
    const sending = new Sending();
    walk(sending, 0, 8, () => lossy(0.3));
    sending.reset();
    expect(sending.level).toBe("full");
  });

  it("never sends more on a lower level, and always leaves sound alone", () => {
    const rates = (["full", "small", "tiny"] as const).map((level) => ENCODINGS[level].maxBitrate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(ENCODINGS.voice.active).toBe(false);
  });
});
