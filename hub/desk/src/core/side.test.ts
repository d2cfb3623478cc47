import { describe, expect, it } from "vitest";
import { Side, type Effect } from "./side";

const MIDS = { "0": "audio" } as const;
const kinds = (effects: Effect[]): string[] => effects.map((effect) => effect.kind);

function origin(): Side {
  const side = new Side();
  side.handle({ kind: "follow", transfer: "x1", part: "origin", fresh: true }, 1000);
  return side;
}

describe("the connection of two desks", () => {
  it("is offered by the operator's desk as soon as the specialist has accepted", () => {
    const side = new Side();
    expect(kinds(side.handle({ kind: "follow", transfer: "x1", part: "origin", fresh: true }, 1000))).toEqual(["make"]);
    expect(side.handle({ kind: "described", turn: 1000, sdp: "s", mids: MIDS }, 1001)).toEqual([
      { kind: "say_offer", transfer: "x1", turn: 1000, sdp: "s", mids: MIDS },
    ]);
    expect(kinds(side.handle({ kind: "answer", transfer: "x1", turn: 1000, sdp: "a" }, 1002))).toEqual(["complete"]);
    expect(side.handle({ kind: "follow", transfer: "x1", part: "origin", fresh: true }, 1003)).toEqual([]);
  });

  it("is answered once per turn, and a greater turn replaces it", () => {
    const side = new Side();
    expect(side.handle({ kind: "follow", transfer: "x1", part: "specialist", fresh: true }, 5)).toEqual([]);
    const offer = { kind: "offer", transfer: "x1", turn: 1000, sdp: "s", mids: MIDS } as const;
    expect(kinds(side.handle(offer, 6))).toEqual(["close", "accept"]);
    expect(side.handle(offer, 7)).toEqual([]);
    expect(side.handle({ ...offer, turn: 999 }, 7)).toEqual([]);
    expect(kinds(side.handle({ ...offer, turn: 1001 }, 8))).toEqual(["close", "accept"]);
    expect(side.handle({ kind: "described", turn: 1000, sdp: "old", mids: MIDS }, 9)).toEqual([]);
    expect(kinds(side.handle({ kind: "described", turn: 1001, sdp: "a", mids: MIDS }, 9))).toEqual(["say_answer"]);
  });

  it("is asked for anew by a specialist whose page was loaded again, and offered anew to her", () => {
    const reloaded = new Side();
    expect(kinds(reloaded.handle({ kind: "follow", transfer: "x1", part: "specialist", fresh: false }, 5))).toEqual(["say_renew"]);
    const side = origin();
    expect(kinds(side.handle({ kind: "renew", transfer: "x1" }, 2000))).toEqual(["close", "make"]);
    expect(side.turn).toBe(2000);
  });

  it("is made anew after a failure, with a greater turn even within the same millisecond", () => {
    const side = origin();
    expect(kinds(side.handle({ kind: "failed", turn: 1000 }, 1000))).toEqual(["close", "make"]);
    expect(side.turn).toBe(1001);
    expect(side.handle({ kind: "failed", turn: 1000 }, 1002)).toEqual([]);
  });

  it("takes nothing of another transfer, turn or side", () => {
    const side = origin();
    expect(side.handle({ kind: "answer", transfer: "x2", turn: 1000, sdp: "a" }, 1)).toEqual([]);
    expect(side.handle({ kind: "candidate", transfer: "x1", turn: 999, candidate: "c", mid: "0" }, 1)).toEqual([]);
    expect(side.handle({ kind: "offer", transfer: "x1", turn: 5000, sdp: "s", mids: MIDS }, 1)).toEqual([]);
    expect(kinds(side.handle({ kind: "release" }, 1))).toEqual(["close"]);
    expect(side.handle({ kind: "local_candidate", turn: 1000, candidate: "c", mid: "0" }, 1)).toEqual([]);
  });
});
