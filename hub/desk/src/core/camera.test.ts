import { describe, expect, it } from "vitest";
import { PLAIN as SETTING } from "../samples/cast";
import { can, changed, exposureWords, focusWords, LEAST_SIDE, lie, partInSight, sourceOf, WHOLE } from "./camera";
import type { Stand } from "./hand";

const STAND: Stand = {
  box: { width: 400, height: 300 }, picture: { width: 1280, height: 960 }, zoom: 2, turned: 0, pan: { x: 0, y: 0 },
};

describe("the part in sight", () => {
  it("is the middle of a picture that was zoomed and not moved", () => {
    expect(partInSight(STAND, WHOLE)).toEqual({ left: 0.25, top: 0.25, side: 0.5 });
  });

  it("follows a picture that was moved, up to its corner", () => {
    expect(partInSight({ ...STAND, pan: { x: 0.5, y: 0.5 } }, WHOLE)).toEqual({ left: 0, top: 0, side: 0.5 });
    expect(partInSight({ ...STAND, pan: { x: -0.5, y: 0 } }, WHOLE)).toEqual({ left: 0.5, top: 0.25, side: 0.5 });
  });

  it("counts from the picture where bars stand beside it", () => {
    const wide = { ...STAND, box: { width: 800, height: 300 }, pan: { x: -0.125, y: 0 } };
    expect(partInSight(wide, WHOLE)?.left).toBeCloseTo(0.375);
  });

  it("is a part of the part that is received already, and of the whole in the end", () => {
    const half = { left: 0.5, top: 0.25, side: 0.5 };
    expect(partInSight(STAND, half)).toEqual({ left: 0.625, top: 0.375, side: 0.25 });
    expect(partInSight({ ...STAND, zoom: 5 }, half)?.side).toBe(LEAST_SIDE);
  });

  it("is none without a zoom, without a picture, and below the smallest part", () => {
    expect(partInSight({ ...STAND, zoom: 1 }, WHOLE)).toBeNull();
    expect(partInSight({ ...STAND, picture: { width: 0, height: 0 } }, WHOLE)).toBeNull();
    expect(partInSight(STAND, { left: 0, top: 0, side: LEAST_SIDE })).toBeNull();
  });
});

it("ink fits as long as the paper lies as it lay", () => {
  const now = lie(SETTING);
  expect(lie({ ...SETTING, exposure: 2, focus_held: true })).toBe(now);
  expect(lie({ ...SETTING, turned: 90 })).not.toBe(now);
  expect(lie({ ...SETTING, source: "spare-1" })).not.toBe(now);
  expect(lie({ ...SETTING, region: { left: 0, top: 0, side: 0.5 } })).not.toBe(now);
});

it("a camera that was only chosen is not changed", () => {
  expect(changed({ ...SETTING, source: "spare-1" })).toBe(false);
  expect(changed({ ...SETTING, exposure: -1 })).toBe(true);
});

it("what a camera can do is said by its terminal, and nothing without one", () => {
  const device = { name: "document", state: "live", code: "", cause: "", simulated: false, can: ["focus"] } as const;
  const call = { devices: [device] };
  expect(can(call, "document", "focus")).toBe(true);
  expect(can(call, "face", "focus")).toBe(false);
  expect(can(null, "document", "focus")).toBe(false);
  expect(can(call, "document", "exposure")).toBe(false);
});

it("a role has the camera of its own place until another one is chosen", () => {
  const cameras = { face: SETTING, document: { ...SETTING, source: "spare-1" } };
  const call = { presentation: { revision: 0, focus: "operator", page: null, sheet: 0, caption: "", frozen: [], conduct: "fine", cameras } } as const;
  expect([sourceOf(call, "face"), sourceOf(call, "document")]).toEqual(["face", "spare-1"]);
});

it("settings read as words", () => {
  expect([exposureWords(0), exposureWords(2), exposureWords(-1)]).toEqual(["自動", "+2", "−1"]);
  expect([SETTING, { ...SETTING, focus_held: true }, { ...SETTING, focus_held: true, focus_step: -3 }].map(focusWords)).toEqual(
    ["自動", "固定", "固定 遠く3"],
  );
});
