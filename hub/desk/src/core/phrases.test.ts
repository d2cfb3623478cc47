import { expect, it } from "vitest";
import type { Handbook } from "../protocol";
import { AT_KEYS, fitting, phrasesOf } from "./phrases";
import { PHRASES } from "./words";

const LIST = ["{書類|しょるい}を\u200bカメラの\u200b{下|した}に", "{紙|かみ}を\u200b{裏返|うらがえ}して", "{声|こえ}が\u200bきこえますか"];
const READINGS: [string, string][] = [["書類", "しょるい"], ["紙", "かみ"], ["裏返", "うらがえ"]];

it("a municipality's own phrases are used, ours only until they are known", () => {
  expect(phrasesOf({ phrases: LIST } as unknown as Handbook)).toBe(LIST);
  expect(phrasesOf({ phrases: [] } as unknown as Handbook)).toBe(PHRASES);
  expect(phrasesOf(null)).toHaveLength(AT_KEYS);
});

it("typing leaves over what holds it, in kana, kanji or half width, across places to break", () => {
  expect(fitting(LIST, "", READINGS)).toEqual(LIST);
  expect(fitting(LIST, "裏返して", READINGS)).toEqual([LIST[1]]);
  expect(fitting(LIST, "うらがえ", READINGS)).toEqual([LIST[1]]);
  expect(fitting(LIST, "ｶﾒﾗの下", READINGS)).toEqual([LIST[0]]);
  expect(fitting(LIST, "キコエ", READINGS)).toEqual([LIST[2]]);
  expect(fitting(LIST, "ない", READINGS)).toEqual([]);
});
