import { describe, expect, it } from "vitest";
import { BOARD } from "../samples/cast";
import { alarm, doing, expected, late, longest, NO_FIGURE, parted, percent, remarks, seconds } from "./wallboard";

const NOW = Date.now();

describe("the wallboard", () => {
  it("parts those who wait from those who are served", () => {
    const { waiting, served } = parted(BOARD().calls);
    expect(waiting.every((call) => !call.accepted_at)).toBe(true);
    expect(served.every((call) => call.accepted_at)).toBe(true);
    expect(waiting.length + served.length).toBe(BOARD().calls.length);
  });

  it("says how long the longest wait is, and nothing while nobody waits", () => {
    expect(longest(BOARD().calls, NOW)).toBeGreaterThan(0);
    expect(longest([], NOW)).toBeNull();
  });

  it("marks a wait that is too long from the second on in which it is", () => {
    const board = BOARD();
    const call = { ...board.calls[0]!, queued_at: new Date(NOW).toISOString() };
    expect(late(call, board, NOW + board.waiting_s * 1000)).toBe(false);
    expect(late(call, board, NOW + (board.waiting_s + 1) * 1000)).toBe(true);
  });

  it("never rounds a share up to what was not reached, and shows no figure where there is none", () => {
    expect([percent(0.999), percent(1), percent(null, "%"), seconds(null), seconds(75)]).toEqual(["99", "100", NO_FIGURE, NO_FIGURE, "1:15"]);
  });

  it("tells the wait as the resident was told it", () => {
    const call = BOARD().calls[0]!;
    expect(expected({ ...call, wait: { low_s: 61, high_s: 290 } })).toBe("目安 約 2〜5 分");
    expect(expected({ ...call, wait: { low_s: 10, high_s: 50 } })).toBe("目安 約 1 分");
    expect(expected({ ...call, wait: null })).toBe("");
  });

  it("says what somebody does, with the reason once", () => {
    const one = BOARD().people[0]!;
    expect(doing({ ...one, state: "away", reason: "休憩" })).toBe("離席・休憩");
    expect(doing({ ...one, state: "away", reason: "離席" })).toBe("離席");
    expect(doing({ ...one, state: "talking", reason: "" })).toBe("応対中");
  });

  it("has a sentence for every alarm", () => {
    for (const kind of ["waiting_long", "nobody_on_duty", "wrap_up_long"] as const) {
      expect(alarm({ kind, subject: "x", name: "美祢市", since: null }, NOW)).toContain("美祢市");
    }
    expect(remarks({ ...BOARD().towns[0]!, disaster: "地震", staff_rings: 2, open: false })).toHaveLength(3);
  });
});
