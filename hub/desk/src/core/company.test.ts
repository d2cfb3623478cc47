import { expect, test } from "vitest";
import type { Guest } from "../protocol";
import { grouped, knocks, linkOf, news, standing, who } from "./company";

const guest = (more: Partial<Guest> = {}): Guest => ({
  id: "g1", kind: "family", state: "invited", name: "", until: null, here: false, muted: false, sees: false, ...more,
});

test("a guest is named by what they are until they have said who", () => {
  expect(who(guest())).toBe("ご家族");
  expect(who(guest({ kind: "interpreter", name: "ラン" }))).toBe("通訳 ランさん");
});

test("a code is read in fours, and stands in the link where no log sees it", () => {
  expect(grouped("123456789012")).toBe("1234 5678 9012");
  expect(linkOf("", "https://hub", "123456789012")).toBe("https://hub/join#123456789012");
  expect(linkOf("https://out.example.jp/join", "https://hub", "1")).toBe("https://out.example.jp/join#1");
});

test("who waits at the door is said once, and is worth a sound once", () => {
  const [before, now] = [[guest()], [guest({ state: "lobby", name: "花子", here: true })]];
  expect(news(before, now)?.text).toBe("ご家族 花子さんが参加を待っています。");
  expect(knocks(before, now)).toBe(true);
  expect(news(now, now)).toBeNull();
  expect(knocks(now, now)).toBe(false);
  expect(knocks([guest({ state: "inside" })], now)).toBe(false); // sent back by the operator herself
});

test("who has gone is said, and a code that ran out too", () => {
  expect(news([guest({ state: "inside", name: "花子" })], [])?.text).toBe("ご家族 花子さんが退出しました。");
  expect(news([guest()], [])?.tone).toBe("caution");
});

test("where a guest stands is said with what to do about it", () => {
  expect(standing(guest({ state: "lobby", here: true }), false)).toContain("お客様に確かめて");
  expect(standing(guest({ state: "inside" }), true)).toContain("切れました");
  expect(standing(guest({ state: "inside", here: true }), false)).toBe("つないでいます…");
  expect(standing(guest({ state: "inside", here: true, sees: true }), true)).toContain("顔が見えて");
  expect(standing(guest({ state: "inside", here: true, sees: true, muted: true }), true)).toContain("マイクを切って");
});
