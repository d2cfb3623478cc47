import { describe, expect, it } from "vitest";
import type { DeskCall } from "../protocol";
import { MONITOR, MONITORING, TRANSFER } from "../samples/cast";
import { ended, forwards, MODES, monitorSide, told } from "./monitor";

const call = (more: Partial<DeskCall> = {}): DeskCall =>
  ({ state: "talking", transfer: null, guests: [], monitor: MONITOR("listening"), ...more }) as unknown as DeskCall;

describe("a supervisor in a call", () => {
  it("is connected by the operator's desk, which offers", () => {
    expect(monitorSide({ call: call(), monitoring: null }, "u1")).toEqual({ id: "m1", part: "origin", fresh: true, papers: false, silent: true });
    expect(monitorSide({ call: call({ monitor: null }), monitoring: null }, "u1")).toBeNull();
  });

  it("is heard by the operator only when she whispers or speaks", () => {
    for (const state of ["whispering", "barging"] as const) {
      expect(monitorSide({ call: call({ monitor: MONITOR(state) }), monitoring: null }, "u1")?.silent).toBe(false);
    }
  });

  it("is not passed on by the desk of a specialist, and by nobody once the call is over", () => {
    const asked = call({ state: "consulting", transfer: TRANSFER("consulting", "u2") });
    expect(forwards(asked, "u1")).toBe(false);
    expect(forwards(asked, "u2")).toBe(true);
    expect(forwards(call({ state: "ended" }), "u1")).toBe(false);
  });

  it("waits for the offer that her own press has caused, and asks for one after a reload", () => {
    const state = { call: null, monitoring: MONITORING("listening") };
    expect(monitorSide(state, "u9", "c9")).toEqual({ id: "m1", part: "specialist", fresh: true, papers: false, silent: false });
    expect(monitorSide(state, "u9")?.fresh).toBe(false);
  });

  it("is named to the operator in every state, with who hears her", () => {
    expect(told(MONITOR("listening"))).toContain("聞いています");
    expect(told(MONITOR("whispering"))).toContain("お客様には聞こえません");
    expect(told(MONITOR("barging"))).toContain("お客様にも聞こえます");
    expect(MODES.map((mode) => mode.state)).toEqual(["listening", "whispering", "barging"]);
  });

  it("reads why it is over, unless she has left it herself", () => {
    expect(ended("leave")).toBe("");
    for (const why of ["call_over", "handed_over", "gone"]) expect(ended(why)).not.toBe("");
  });
});
