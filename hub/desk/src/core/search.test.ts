import { describe, expect, it } from "vitest";
import type { Handbook, PageBlock } from "../protocol";
import { fold, folded } from "./fold";
import { Readings } from "./readings";
import { grams, pieces, SearchIndex } from "./search";

const block: PageBlock = { kind: "text", text: "", items: [], pairs: [] };
const procedure = { sub: "", ready: [], greeting: "", captures: [], pages: [] };
const BOOK: Handbook = {
  municipality: "minami", name: "みなみ市",
  procedures: [
    { ...procedure, id: "care", title: "介護保険の申請", ready: ["被保険者証"], handbook: [
      { ...block, kind: "heading", text: "申請のあと" },
      { ...block, kind: "facts", pairs: [["結果", "30日以内に郵送"], ["写真", "いりません"]] },
      { ...block, text: "写真や申請書は、ここでは写しません。急ぐときは暫定の利用ができます。" },
    ] },
    { ...procedure, id: "card", title: "マイナンバーカード", handbook: [
      { ...block, kind: "heading", text: "写真の合格の目安" },
      { ...block, kind: "steps", items: ["顔写真を撮る。", "ｻﾝｸﾞﾗｽは外してもらう。", "引っ越しのときは写真を撮り直さない。"] },
    ] },
  ],
  pages: [{ id: "flow", title: "{申請|しんせい}の\u200b{流|なが}れ", sheets: [[{ ...block, text: "{窓口|まどぐち}へ" }], [{ ...block, text: "はがきが\u200bとどきます" }]] }],
  phrases: [],
  readings: [["申請", "しんせい"], ["流", "なが"], ["葉書", "はがき"], ["書", "か"]],
};
const index = new SearchIndex(BOOK);
const lines = (query: string, near = ""): string[] => index.find(query, near).map((hit) => hit.line);

describe("folding", () => {
  it("width, case, kana, spaces and dashes do not matter", () => {
    expect(folded("ＱＲ　ｺｰﾄﾞ")).toBe(folded("qrコード"));
    expect(folded("ガイド")).toBe(folded("ｶﾞｲﾄﾞ"));
    expect(folded("0000−00‐1115")).toBe(folded("0000-00-1115"));
    expect(folded("カード")).not.toBe(folded("ガード"));
  });

  it("every folded sign knows where it stood", () => {
    const { text, from, to } = fold("あ ｶﾞ㍿");
    expect(text).toBe("あが株式会社");
    expect(from).toEqual([0, 2, 4, 4, 4, 4]);
    expect(to).toEqual([1, 4, 5, 5, 5, 5]);
  });
});

describe("readings", () => {
  const readings = new Readings(BOOK.readings ?? []);

  it("a word is spelled in kana and kanji, whole or in parts", () => {
    expect(readings.spellings(folded("しんせいしょ"))).toContain("申請しょ");
    expect(readings.spellings(folded("シンセイのナガレ"))).toContain("申請の流れ");
    expect(readings.spellings("葉書")).toContain("はがき");
  });

  it("one kana alone stands for no kanji, and a long word does not explode", () => {
    expect(readings.spellings("か")).toEqual(["か"]);
    expect(readings.spellings("かく")).toEqual(["かく", "書く"]);
    expect(readings.spellings("しんせい".repeat(20)).length).toBeLessThanOrEqual(64);
  });
});

describe("search", () => {
  it("a heading comes before a line, a label before its neighbours, the call's procedure before others", () => {
    expect(lines("写真")[0]).toBe("写真の合格の目安");
    expect(lines("写真").indexOf("写真: いりません")).toBeLessThan(lines("写真").indexOf(BOOK.procedures[0]!.handbook![2]!.text!));
    expect(lines("申請", "care")[0]).toBe("介護保険の申請");
  });

  it("all words must stand together in line, heading or title, one of them in the line", () => {
    expect(lines("郵送 介護")).toEqual(["結果: 30日以内に郵送"]);
    expect(lines("郵送 マイナンバー")).toEqual([]);
    expect(index.find("介護")).toHaveLength(1); // a title alone is not every line below it
  });

  it("what is found is marked in the text as it is written", () => {
    const [hit] = index.find("さんぐらす");
    expect(hit && pieces(hit.line, hit.marks)).toEqual([
      { text: "ｻﾝｸﾞﾗｽ", marked: true }, { text: "は外してもらう。", marked: false },
    ]);
    const [both] = index.find("写真 写真は");
    for (const mark of both?.marks ?? []) expect(mark.to).toBeGreaterThan(mark.from);
  });

  it("readings lead from sound to kanji and from kanji to kana, pages with their sheet", () => {
    expect(lines("シンセイノナガレ")).toEqual(["申請の流れ"]);
    expect(index.find("葉書")).toMatchObject([{ kind: "page", id: "flow", sheet: 1, line: "はがきがとどきます" }]);
  });

  it("another okurigana comes near, and says that it only comes near", () => {
    expect(index.find("引っ越しの時")[0]).toMatchObject({ loose: true, line: "引っ越しのときは写真を撮り直さない。" });
    expect(index.find("引っ越し")[0]?.loose).toBe(false);
  });

  it("nothing is found for nothing", () => {
    expect([lines("  　"), lines("ない言葉"), lines("?")]).toEqual([[], [], []]);
    expect([grams(""), grams("税"), grams("税金")]).toEqual([[], ["税"], ["税金"]]);
  });
});
