// A municipality's handbook: which procedure opens and which pages come first. Fetches nothing.

import type { Handbook, HandbookProcedure, Page } from "../protocol";

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
