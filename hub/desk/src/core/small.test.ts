import { expect, it } from "vitest";
import type { Handbook, PageBlock } from "../protocol";
import { contrast, inkOn } from "./colour";
import { bar, level, SILENT_LEVEL, trouble } from "./devices";
import { pagesFor, procedureOf } from "./handbook";
import { pieces, plain } from "./ruby";
import { clock, dayAndClock, daysAgo, elapsed, left, offset, stopwatch } from "./time";
import { final, OUTCOMES, PHRASES, spoken, wrapUpMissing } from "./words";

it("time is taken against the hub's clock, not this machine's", () => {
  const mine = Date.parse("2026-11-01T00:00:00Z");
  const ahead = offset("2026-11-01T00:02:00Z", mine);
  expect(ahead).toBe(120_000);
  expect(elapsed("2026-11-01T00:01:30Z", mine + ahead)).toBe(30);
  expect(left("2026-11-01T00:02:10Z", mine + ahead)).toBe(10);
  expect([elapsed("2026-11-01T00:03:00Z", mine), left("2026-11-01T00:00:00Z", mine + ahead), elapsed("", mine)]).toEqual([0, 0, 0]);
});

it("times read as people write them, in Japan", () => {
  expect([stopwatch(0), stopwatch(65), stopwatch(3_725)]).toEqual(["0:00", "1:05", "1:02:05"]);
  expect(clock("2026-11-01T05:04:00Z")).toBe("14:04");
});

it("days are counted by Japan's calendar", () => {
  const now = Date.parse("2026-11-03T15:30:00Z"); // half past midnight of the 4th
  expect(dayAndClock("2026-11-03T15:10:00Z", now)).toBe("00:10");
  expect(dayAndClock("2026-11-03T14:50:00Z", now)).toBe("きのう 23:50");
  expect(dayAndClock("2026-11-01T05:04:00Z", now)).toBe("3日前 14:04");
  expect([daysAgo("2026-11-09T00:00:00Z", now), daysAgo("", now)]).toEqual([0, 0]);
});

it("readings stand apart from their text, and a stray brace is only a brace", () => {
  expect(pieces("{申請|しんせい}の{流|なが}れ")).toEqual([
    { text: "申請", reading: "しんせい" }, { text: "の", reading: "" }, { text: "流", reading: "なが" }, { text: "れ", reading: "" },
  ]);
  expect(pieces("{a} | b")).toEqual([{ text: "{a} | b", reading: "" }]);
  expect(plain("{申請|しんせい}書")).toBe("申請書");
});

it("ink on a municipality's colour is always readable", () => {
  for (const colour of ["#00696B", "#FFD400", "#7A3B8F", "#808080", "#FFFFFF", "#000000"]) {
    expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(4.4);
  }
  expect(contrast("#000000", "#FFFFFF")).toBeCloseTo(21, 1);
  expect(contrast("red", "#FFFFFF")).toBe(1);
});

const block: PageBlock = { kind: "text", text: "", items: [], pairs: [] };
const BOOK: Handbook = {
  municipality: "mine", name: "美祢市",
  procedures: [
    { id: "care", title: "介護保険", sub: "", ready: ["被保険者証"], greeting: "", captures: [], pages: ["b", "gone"],
      handbook: [{ ...block, text: "{暫定|ざんてい}の利用ができる" }, { ...block, kind: "facts", pairs: [["結果", "30日以内に郵送"]] }] },
    { id: "move", title: "住所変更", sub: "", ready: [], greeting: "", captures: [], pages: [], handbook: [{ ...block, items: ["転出証明書"] }] },
  ],
  phrases: [],
  pages: [{ id: "a", title: "A", sheets: [[]] }, { id: "b", title: "B", sheets: [[]] }],
  readings: [],
};

it("the handbook opens at the topic of the call, and pages of the procedure come first", () => {
  expect(procedureOf(BOOK, "care")?.title).toBe("介護保険");
  expect(procedureOf(BOOK, "")).toBeNull();
  const { own, others } = pagesFor(BOOK, procedureOf(BOOK, "care"));
  expect([own.map((p) => p.id), others.map((p) => p.id)]).toEqual([["b"], ["a"]]);
  expect(pagesFor(null, null)).toEqual({ own: [], others: [] });
});

it("a refused or missing device is told apart and comes with a way out", () => {
  const names = ["NotAllowedError", "NotFoundError", "NotReadableError", "OverconstrainedError", "Insecure", "Odd"];
  const found = names.map((name) => trouble("camera", name));
  expect(new Set(found.map((t) => t.what)).size).toBe(names.length);
  for (const t of found) expect(t.todo.length).toBeGreaterThan(10);
  expect(trouble("microphone", "NotFoundError").what).toContain("マイク");
});

it("the level bar is still without sound and full at the loudest", () => {
  expect(bar(level(new Float32Array(64)))).toBe(0);
  expect(bar(level(new Float32Array(64).fill(1)))).toBe(1);
  expect(level(new Float32Array(64).fill(0.1))).toBeGreaterThan(SILENT_LEVEL);
  expect(level(new Float32Array())).toBe(0);
});

it("a wrap-up says what is missing and asks for a reason only where one is owed", () => {
  expect(wrapUpMissing("", "", "")).toContain("応対結果");
  expect(wrapUpMissing("", "completed", "")).toContain("手続き");
  expect(wrapUpMissing("care", "not_completed", "")).toContain("理由");
  expect(wrapUpMissing("care", "not_completed", "お客様の都合")).toBe("");
  expect(wrapUpMissing("care", "completed", "")).toBe("");
  for (const { reasons } of OUTCOMES) for (const reason of reasons) expect(reason.length).toBeLessThanOrEqual(40);
});

it("every canned phrase has a key, and final stages are final", () => {
  expect(PHRASES).toHaveLength(6);
  expect((["stored", "declined", "failed", "cancelled"] as const).every(final)).toBe(true);
  expect((["requested", "asking", "counting", "sending"] as const).some(final)).toBe(false);
});

it("a greeting is read with the operator's own family name", () => {
  expect(spoken("窓口、オペレーターの○○です。", "山口 みどり")).toBe("窓口、オペレーターの山口です。");
  expect(spoken("オペレーターの〇〇です。", "山口 みどり")).toBe("オペレーターの山口です。");
  expect(spoken("○○です。", "")).toBe("○○です。");
});
