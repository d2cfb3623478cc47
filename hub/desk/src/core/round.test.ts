import { describe, expect, it } from "vitest";
import { MONITOR, TRANSFER } from "../samples/cast";
import type { DeskCall, Guest, MonitorState } from "../protocol";
import { forParty, forResident, parties, pictureFor, type Party } from "./round";

const guest = (id: string, more: Partial<Guest> = {}): Guest => ({
  id, kind: "family", state: "inside", name: "花子", until: null, here: true, muted: false, sees: false, ...more,
});
const call = (more: Partial<DeskCall>): DeskCall => ({ state: "talking", transfer: null, guests: [], ...more }) as unknown as DeskCall;

describe("who hears and sees whom", () => {
  it("lets family and interpreter hear and be heard by all, and see the resident only when allowed", () => {
    const all = parties(call({ guests: [guest("g1"), guest("g2", { kind: "interpreter", sees: true })] }), "u1");
    expect(forResident(all)).toEqual({ operator: true, resident: false, parties: ["g1", "g2"] });
    expect(forParty("g1", all)).toEqual({ operator: true, resident: true, parties: ["g2"] });
    expect(all.map(pictureFor)).toEqual(["operator", "resident"]);
    expect(all.every((party) => !party.papers)).toBe(true);
  });

  it("gives nothing to whoever is not inside, and nobody hears them", () => {
    expect(parties(call({ guests: [guest("g1", { state: "lobby" }), guest("g2", { state: "invited" })] }), "u1")).toEqual([]);
    expect(forParty("g1", [])).toEqual({ operator: false, resident: false, parties: [] });
  });

  it("silences a muted guest for everybody, who still hears", () => {
    const all = parties(call({ guests: [guest("g1", { muted: true }), guest("g2")] }), "u1");
    expect(forResident(all).parties).toEqual(["g2"]);
    expect(forParty("g2", all).parties).toEqual([]);
    expect(forParty("g1", all)).toEqual({ operator: true, resident: true, parties: ["g2"] });
  });

  it("leaves guests out while the resident waits: on hold, and in a consult", () => {
    const held = parties(call({ state: "held", guests: [guest("g1", { sees: true })] }), "u1");
    expect(forParty("g1", held)).toEqual({ operator: false, resident: false, parties: [] });
    expect(held.map(pictureFor)).toEqual(["none"]);
    const consult = parties(call({ state: "consulting", transfer: TRANSFER("consulting"), guests: [guest("g1")] }), "u1");
    expect(forResident(consult).parties).toEqual([]);
    expect(forParty("x1", consult)).toEqual({ operator: true, resident: false, parties: [] });
    expect(forParty("g1", consult).operator).toBe(false);
  });

  it("joins a specialist with all and the paper, and serves nobody from a specialist's own desk", () => {
    const joined = call({ transfer: TRANSFER("joined"), guests: [guest("g1")] });
    const all = parties(joined, "u1");
    expect(all[0]).toEqual({ id: "x1", hears: "all", heardBy: "all", sees: true, papers: true });
    expect(forParty("x1", all).parties).toEqual(["g1"]);
    expect(parties({ ...joined, guests: [] }, "u2")).toEqual([]);
  });

  it("lets a supervisor hear all and see the resident, never the paper; who hears her is hers to say", () => {
    const heardBy = (state: MonitorState) => parties(call({ monitor: MONITOR(state), guests: [guest("g1")] }), "u1")[0];
    expect(heardBy("listening")).toEqual({ id: "m1", hears: "all", heardBy: "none", sees: true, papers: false });
    expect([heardBy("whispering")?.heardBy, heardBy("barging")?.heardBy]).toEqual(["operator", "all"]);
    const all = parties(call({ monitor: MONITOR("barging"), guests: [guest("g1")] }), "u1");
    expect(forResident(all).parties).toEqual(["m1", "g1"]);
    expect(forParty("m1", all)).toEqual({ operator: true, resident: true, parties: ["g1"] });
    expect(parties(call({ state: "ended", monitor: MONITOR("barging") }), "u1")).toEqual([]);
  });

  it("keeps a whisper to the operator between the two", () => {
    const whisper: Party = { id: "m1", hears: "all", heardBy: "operator", sees: true, papers: false };
    const other: Party = { ...whisper, id: "g1", heardBy: "all" };
    expect(forResident([whisper, other]).parties).toEqual(["g1"]);
    expect(forParty("g1", [whisper, other]).parties).toEqual([]);
  });
});
