// Runs over the samples' real handbooks when tests/hub/test_search.py gives them.

import { expect, it } from "vitest";
import type { Handbook } from "../protocol";
import { SearchIndex } from "./search";

const given = String(import.meta.env["VITE_BOOKS"] ?? "");
const books = given ? (JSON.parse(given) as Record<string, Handbook>) : {};

/** What is typed, and what the first line found says. */
const QUERIES: readonly [string, RegExp][] = [
  ["手数料", /手数料/],
  ["てすうりょう", /手数料/],
  ["ﾃｽｳﾘｮｳ", /手数料/],
  ["３回 暗証", /3回まちがえる/],
  ["暗証番号 止まる", /5回まちがえると止まる/],
  ["しゃしん 帽子", /帽子/],
  ["1歳未満", /1歳未満/],
  ["ＱＲこーど 申請書", /QRコード/],
  ["申請書id", /申請書ID/],
  ["交付通知書 はがき", /交付通知書/],
  ["代わりの人", /代わりの人が受け取れますか/],
  ["めがね", /めがね/],
  ["まいなんばーかーど", /マイナンバーカード/],
  ["0000ｰ00ｰ1115", /0000-00-1115/],
  ["うけとりかた", /受け取/],
];

it.runIf(given).each(QUERIES)("an operator who types %s finds it first", (query, says) => {
  const hits = new SearchIndex(books["minami"]!).find(query, "mynumber-card");
  expect(hits[0]?.line ?? "nothing found").toMatch(says);
});

it.runIf(given)("pages for residents are searched too, by sound where they carry readings", () => {
  const hits = new SearchIndex(books["minami"]!).find("せいねんがっぴ");
  expect(hits.some((hit) => hit.kind === "page" && hit.id === "card-pin" && hit.line.includes("生年月日"))).toBe(true);
});

it.runIf(given)("a search never leaves the municipality of its book", () => {
  const other = new SearchIndex(books["kitamidai"]!);
  expect(other.find("0000-00-1115").filter((hit) => !hit.loose)).toEqual([]);
});
