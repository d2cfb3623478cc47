// Which other spellings a word of a query may have, by the readings that the municipality's own texts carry
// ({申請|しんせい}): who types しんせいしょ finds 申請書, who types 葉書 finds はがき. Knows no other dictionary.

import { folded } from "./fold";

/** More than so many spellings of one word are not tried. */
const MOST = 64;

export class Readings {
  /** A spelling, folded, and what else it may be written as; in both directions. */
  private readonly others = new Map<string, Set<string>>();
  private longest = 0;

  constructor(pairs: readonly (readonly [string, string])[]) {
    for (const [written, reading] of pairs) {
      const [a, b] = [folded(written), folded(reading)];
      if (a === b || !a || !b) continue;
      this.put(a, b);
      this.put(b, a);
    }
  }

  /** The word as it is, then its other spellings. `word` is folded. */
  spellings(word: string): string[] {
    if (word.length < 2) return [word]; // one kana would stand for too many kanji
    // Place by place: every way to write what stands before it.
    const ways: string[][] = Array.from({ length: word.length + 1 }, () => []);
    ways[0] = [""];
    for (let at = 0; at < word.length; at++) {
      const made = (ways[at] ?? []).slice(0, MOST);
      for (let length = Math.min(this.longest, word.length - at); length > 0; length--) {
        for (const other of this.others.get(word.slice(at, at + length)) ?? []) {
          ways[at + length]?.push(...made.map((before) => before + other));
        }
      }
      ways[at + 1]?.push(...made.map((before) => before + (word[at] ?? "")));
    }
    return [...new Set([word, ...(ways[word.length] ?? [])])].slice(0, MOST);
  }

  private put(a: string, b: string): void {
    const known = this.others.get(a) ?? new Set();
    this.others.set(a, known.add(b));
    this.longest = Math.max(this.longest, a.length);
  }
}
