import { expect, it } from "vitest";
import type { Me, StaffCall } from "../protocol";
import { after, calling, noticeOf, ofCall, onlyBranch, REASONS, standing, switched, why } from "./staff";

const RING: StaffCall = {
  id: "r1", state: "calling", reason: "pin", by_resident: false, municipality: "minami", municipality_name: "みなみ市",
  site: "kita", site_name: "北支所", terminal_name: "1番の端末", telephone: "0000-00-1210",
  rung_at: "2026-11-24T01:25:00Z", until: "2026-11-24T01:26:00Z", coming: "", listening: 1, call: "c1",
};

it("a ring stands once, newest first; what is settled leaves the branch's list but stays beside its call", () => {
  const newer = { ...RING, id: "r2", rung_at: "2026-11-24T01:27:00Z", call: "" };
  const both = after(after([], RING, ""), newer, "");
  expect(both.map((ring) => ring.id)).toEqual(["r2", "r1"]);
  expect(after(both, { ...RING, state: "coming" }, "").map((ring) => ring.state)).toEqual(["calling", "coming"]);
  expect(after(both, { ...RING, state: "done" }, "").map((ring) => ring.id)).toEqual(["r2"]);
  expect(after(both, { ...RING, state: "done" }, "c1").map((ring) => ring.id)).toEqual(["r2", "r1"]);
  expect(ofCall(both, "c1")?.id).toBe("r1");
  expect(ofCall(both, "")).toBeNull(); // a ring without a call belongs to no call
});

it("only what wants somebody sounds", () => {
  const states = ["calling", "coming", "unanswered", "done", "withdrawn"] as const;
  expect(calling(states.map((state) => ({ ...RING, state }))).map((ring) => ring.state)).toEqual(["calling"]);
});

it("a branch reads why, and who", () => {
  expect(why(RING)).toBe("暗証番号の入力");
  expect(why({ ...RING, by_resident: true })).toContain("お客様");
  expect(new Set(REASONS.map((reason) => reason.words)).size).toBe(4);
});

it("bad news come with the telephone", () => {
  for (const ring of [{ ...RING, state: "unanswered" as const }, { ...RING, listening: 0 }]) expect(standing(ring)).toContain("0000-00-1210");
  expect(noticeOf({ ...RING, state: "unanswered" }, "n")).toMatchObject({ tone: "bad" });
  expect(noticeOf({ ...RING, state: "coming", coming: "鈴木 一郎" }, "n")?.text).toContain("鈴木 一郎");
  expect(noticeOf(RING, "n")).toBeNull(); // she rang herself
  expect(standing(null)).toBe("");
});

it("a login for the bell alone is told apart from one that also answers calls", () => {
  const me = (...roles: string[]): Me =>
    ({ user: "u", name: "", role: "", municipalities: [], views: [], memberships: roles.map((role) => ({ municipality: "minami", role, department: "" })) }) as unknown as Me;
  expect([onlyBranch(me("branch")), onlyBranch(me("branch", "operator")), onlyBranch(me()), onlyBranch(null)]).toEqual([true, false, false, false]);
});

it("switching one place leaves the others of its town as they are", () => {
  const places = [["minami", "kita", true], ["minami", "honcho", false], ["far", "yakuba", true]].map(([municipality, site, on]) => ({ municipality, site, on }) as never);
  expect(switched(places, "minami", "honcho")).toEqual(["kita", "honcho"]);
  expect(switched(places, "minami", "kita")).toEqual([]);
});
