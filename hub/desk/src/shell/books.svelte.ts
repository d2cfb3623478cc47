// Handbooks of the municipalities, fetched once per tab and shown from then on.

import { SearchIndex } from "../core/search";
import type { Handbook } from "../protocol";
import * as api from "./api";

export class Books {
  found = $state.raw<Record<string, Handbook>>({});
  failed = $state.raw<Record<string, string>>({});
  private readonly asked = new Set<string>();
  private readonly indexes = new WeakMap<Handbook, SearchIndex>();

  get(municipality: string): Handbook | null {
    return this.found[municipality] ?? null;
  }

  /** For searching a book; made at the first search. */
  index(book: Handbook): SearchIndex {
    const made = this.indexes.get(book) ?? new SearchIndex(book);
    this.indexes.set(book, made);
    return made;
  }

  /** Fetches unless it is here or on its way. */
  async want(municipality: string): Promise<void> {
    if (this.found[municipality] || this.asked.has(municipality)) return;
    this.asked.add(municipality);
    try {
      const book = await api.handbook(municipality);
      this.found = { ...this.found, [municipality]: book };
      const { [municipality]: _, ...rest } = this.failed;
      this.failed = rest;
    } catch (error) {
      this.failed = { ...this.failed, [municipality]: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Fetches again after a failure. */
  async again(municipality: string): Promise<void> {
    this.asked.delete(municipality);
    await this.want(municipality);
  }
}
