// A municipality's handbook: which procedure opens, and where a word stands. Fetches nothing.

import type { Handbook, HandbookProcedure, Page, PageBlock } from "../protocol";
import { plain } from "./ruby";

/** The procedure of a call: its topic, or none when the resident did not know. */
export function procedureOf(book: Handbook | null, topic: string): HandbookProcedure | null {
  return book?.procedures.find((p) => p.id === topic) ?? null;
}

/** Pages of a procedure first, then all others of the municipality. */
export function pagesFor(book: Handbook | null, procedure: HandbookProcedure | null): { own: Page[]; others: Page[] } {
  const pages = book?.pages ?? [];
  const wanted = procedure?.pages ?? [];
  return {
    own: wanted.flatMap((id) => pages.filter((p) => p.id === id)),
    others: pages.filter((p) => !wanted.includes(p.id)),
  };
}

export interface Hit {
  procedure: HandbookProcedure;
  /** The line with the word, readings taken out. */
  line: string;
}

/** Lines with `words` (all of them, in any order), at most `limit`. */
export function search(book: Handbook | null, words: string, limit = 30): Hit[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  if (!book || wanted.length === 0) return [];
  const hits: Hit[] = [];
  for (const procedure of book.procedures) {
    for (const line of [procedure.title, ...procedure.ready, ...procedure.handbook.flatMap(lines)]) {
      const text = fold(`${procedure.title} ${line}`);
      const here = fold(line);
      if (wanted.every((w) => text.includes(w)) && wanted.some((w) => here.includes(w))) hits.push({ procedure, line: plain(line) });
      if (hits.length >= limit) return hits;
    }
  }
  return hits;
}

function lines(block: PageBlock): string[] {
  return [block.text, ...block.items, ...block.pairs.map(([a, b]) => `${a} ${b}`)].filter(Boolean);
}

function fold(text: string): string {
  return plain(text).normalize("NFKC").toLowerCase();
}
