import { expect, it } from "vitest";
import { breakOf, reminders } from "./away";

const REASONS = [{ id: "break", name: "休憩", minutes: 15 }, { id: "training", name: "研修", minutes: 0 }];
const SINCE = "2026-11-24T01:00:00Z";
const at = (minutes: number): number => Date.parse(SINCE) + minutes * 60_000;

it("a break counts down to its end and beyond; what has no end never does", () => {
  expect(breakOf(REASONS, "break", SINCE, at(5))).toEqual({ name: "休憩", left: 600 });
  expect(breakOf(REASONS, "break", SINCE, at(16)).left).toBe(-60);
  expect(breakOf(REASONS, "training", SINCE, at(90))).toEqual({ name: "研修", left: null });
  expect(breakOf(REASONS, "ring_timeout", SINCE, at(90))).toEqual({ name: "", left: null });
});

it("the end is reminded at once, then every minute, and not for ever", () => {
  expect([reminders(null), reminders(1), reminders(0), reminders(-59), reminders(-60), reminders(-7200)]).toEqual([0, 0, 1, 1, 2, 10]);
});
