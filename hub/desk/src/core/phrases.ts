// Which canned phrases stand at the keys: the first of the list, or those that what is being typed leaves over.

import type { Handbook } from "../protocol";
import { folded } from "./fold";
import { Readings } from "./readings";
import { plain } from "./ruby";
import { PHRASES } from "./words";

/** So many have a key. */
export const AT_KEYS = 6;

/** A municipality's phrases; a few of ours until its handbook has been read. */
export function phrasesOf(book: Handbook | null): readonly string[] {
  return book?.phrases?.length ? book.phrases : PHRASES;
}

/** Those that hold what is typed, by sound as by spelling; all of them while nothing is. */
export function fitting(phrases: readonly string[], typed: string, readings: Handbook["readings"] = []): readonly string[] {
  const wanted = folded(typed);
  if (!wanted) return phrases;
  const spellings = new Readings(readings).spellings(wanted);
  return phrases.filter((phrase) => {
    const said = folded(plain(phrase));
    return spellings.some((spelling) => said.includes(spelling));
  });
}
