import { describe, expect, it } from "vitest";
import type { GuestPlace } from "../protocol";
import { code, name, screen, why, type Facts } from "./visit";

const place = (state: GuestPlace["state"]): GuestPlace => ({
  guest: "g1", kind: "family", state, municipality_name: "みなみ市", name: "", until: null, operator_name: "", muted: false, sees: false,
  paused: false, ice_servers: [],
});
const facts = (more: Partial<Facts>): Facts => ({ tried: true, refusal: "", place: null, phase: "up", stop: "", ...more });

describe("a guest's page", () => {
  it("asks for a code only where none came with the link", () => {
    expect(screen(facts({ tried: false, phase: "off" }))).toBe("code");
    expect(screen(facts({ phase: "connecting" }))).toBe("opening");
  });

  it("says whose counter it is before it asks for a microphone, then waits, then talks", () => {
    expect(["invited", "lobby", "inside"].map((s) => screen(facts({ place: place(s as GuestPlace["state"]) })))).toEqual(["welcome", "lobby", "inside"]);
  });

  it("stays where it is while the line is away for a moment", () => {
    expect(screen(facts({ place: place("inside"), phase: "waiting" }))).toBe("inside");
  });

  it("lets another code be typed after a wrong, used or expired one, and ends where the call does", () => {
    for (const refusal of ["unknown_code", "slow_down", "used_code", "expired_code", "withdrawn_code"] as const) {
      expect(screen(facts({ refusal, phase: "stopped", stop: "login" }))).toBe("code");
    }
    for (const state of ["left", "removed", "over"] as const) expect(screen(facts({ place: place(state), stop: "login" }))).toBe("over");
    expect(why(facts({ place: place("removed") }))).toBe("removed");
  });

  it("says so where a newer page of the same guest has taken over", () => {
    expect(screen(facts({ place: place("inside"), stop: "replaced" }))).toBe("elsewhere");
  });
});

describe("what is typed", () => {
  it("is a code in any shape that people write twelve digits in", () => {
    for (const typed of ["123456789012", "1234 5678 9012", "1234-5678-9012", "1234 5678 9012", "1234ー5678ー9012 "]) expect(code(typed)).toBe("123456789012");
    for (const typed of ["", "12345678901", "1234567890123", "12345678901a"]) expect(code(typed)).toBe("");
  });

  it("is a name without signs that would mean something to a screen", () => {
    expect(name(" 佐々木 花子\u202e{|}\u200b ")).toBe("佐々木 花子");
    expect(name("あ".repeat(60))).toHaveLength(40);
  });
});
