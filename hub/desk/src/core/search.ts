// Full-text search over a municipality's handbook, procedures and guidance pages. Decides what is found, in which
// order and what of it is marked; opens nothing.
//
// Every line is an entry. An index from pairs of signs (Japanese has no spaces between words) to entries gives the
// candidates; a candidate counts when every word of the query stands in its line, its heading or its title, and
// one of them in the line itself. Where that finds nothing, lines that share most pairs of signs are offered.

import type { Handbook, PageBlock } from "../protocol";
import { fold, folded, type Folded } from "./fold";
import { Readings } from "./readings";
import { plain } from "./ruby";

/** What a line is; the better it tells what a part is about, the more a word in it weighs. */
type Rank = "title" | "heading" | "label" | "ready" | "body";
const WEIGHT: Record<Rank, number> = { title: 8, heading: 6, label: 4, ready: 3, body: 2 };
const CONTEXT = 0.5;
/** A line of the call's own procedure comes before those of others, unless it is far less to the point. */
const NEAR = 3;
/** The share of a word's pairs that a line must have to be offered where nothing fits exactly. */
const LOOSE = 0.6;

export interface Mark {
  from: number;
  to: number;
}

export interface Hit {
  kind: "procedure" | "page";
  /** Of the procedure or page. */
  id: string;
  title: string;
  heading: string;
  line: string;
  /** Parts of `line` to be marked, in order, not overlapping. */
  marks: readonly Mark[];
  /** Of a page: which sheet. */
  sheet: number;
  /** Nothing fits exactly; this comes near. */
  loose: boolean;
}

interface Entry {
  kind: Hit["kind"];
  id: string;
  title: string;
  heading: string;
  line: string;
  sheet: number;
  rank: Rank;
  folded: Folded;
  context: string;
}

export class SearchIndex {
  private readonly entries: Entry[] = [];
  private readonly holders = new Map<string, Set<number>>();
  private readonly readings: Readings;

  constructor(book: Handbook) {
    this.readings = new Readings(book.readings ?? []);
    for (const procedure of book.procedures) {
      const put = this.adder("procedure", procedure.id, procedure.title, 0);
      put("title", procedure.title);
      for (const item of procedure.ready ?? []) put("ready", item);
      if (procedure.greeting) put("body", procedure.greeting);
      this.blocks(procedure.handbook ?? [], put);
    }
    for (const page of book.pages ?? []) {
      page.sheets.forEach((blocks, sheet) => {
        const put = this.adder("page", page.id, plain(page.title), sheet);
        if (sheet === 0) put("title", page.title);
        this.blocks(blocks, put);
      });
    }
  }

  /** Best first. `near` is the procedure of the call. */
  find(query: string, near = "", limit = 30): Hit[] {
    const words = query.split(/[\s\u3000]+/).map(folded).filter(Boolean).map((word) => this.readings.spellings(word));
    if (words.length === 0) return [];
    const exact = this.scored(words, near, false);
    const found = exact.length > 0 ? exact : this.scored(words, near, true);
    return found.slice(0, limit);
  }

  private scored(words: string[][], near: string, loose: boolean): Hit[] {
    const found: { hit: Hit; score: number; at: number }[] = [];
    for (const at of this.candidates(words, loose)) {
      const entry = this.entries[at];
      const judged = entry && judge(entry, words, loose);
      if (!entry || !judged) continue;
      const score = judged.score * (entry.id === near ? NEAR : 1);
      found.push({ hit: hitOf(entry, judged.marks, loose), score, at });
    }
    return found.sort((a, b) => b.score - a.score || a.at - b.at).map((one) => one.hit);
  }

  /** Entries that may fit: for an exact fit those that hold every pair of one spelling of every word. */
  private candidates(words: string[][], loose: boolean): number[] {
    let left: number[] | null = null;
    for (const spellings of words) {
      const here = new Set(spellings.flatMap((spelling) => this.holding(grams(spelling), loose)));
      left = left ? left.filter((at) => here.has(at)) : [...here];
    }
    return left ?? [];
  }

  private holding(wanted: readonly string[], any: boolean): number[] {
    const sets = wanted.map((gram) => this.holders.get(gram) ?? new Set<number>());
    if (any) return sets.flatMap((set) => [...set]);
    return [...(sets[0] ?? [])].filter((at) => sets.every((set) => set.has(at)));
  }

  private adder(kind: Entry["kind"], id: string, title: string, sheet: number) {
    let heading = "";
    return (rank: Rank, written: string) => {
      const line = plain(written);
      if (!line) return;
      if (rank === "heading") heading = line;
      const context = `${folded(title)}\n${folded(heading)}`;
      const text = fold(line);
      const at = this.entries.push({ kind, id, title, heading, line, sheet, rank, folded: text, context }) - 1;
      for (const gram of [...grams(text.text), ...grams(context), ...text.text, ...context]) {
        const held = this.holders.get(gram) ?? new Set();
        this.holders.set(gram, held.add(at));
      }
    };
  }

  private blocks(blocks: readonly PageBlock[], put: (rank: Rank, line: string) => void): void {
    for (const block of blocks) {
      put(block.kind === "heading" ? "heading" : "body", block.text ?? "");
      for (const item of block.items ?? []) put("body", item);
      for (const [label, value] of block.pairs ?? []) put("label", `${label}: ${value}`);
    }
  }
}

/** Pairs of neighbouring signs; a word of one sign is its own. */
export function grams(text: string): string[] {
  if (text.length < 2) return text ? [text] : [];
  return Array.from({ length: text.length - 1 }, (_, at) => text.slice(at, at + 2));
}

function judge(entry: Entry, words: string[][], loose: boolean): { score: number; marks: Mark[] } | null {
  let score = 0;
  const marks: Mark[] = [];
  for (const spellings of words) {
    const own = loose ? nearest(entry, spellings) : exactly(entry, spellings);
    if (own) {
      score += own.share * WEIGHT[entry.rank];
      marks.push(...own.marks);
    } else if (spellings.some((spelling) => entry.context.includes(spelling))) {
      score += CONTEXT * WEIGHT[entry.rank];
    } else {
      return null;
    }
  }
  return marks.length > 0 ? { score, marks: joined(marks) } : null;
}

interface Found {
  share: number;
  marks: Mark[];
}

/** A word that is most of its line weighs up to half as much again. */
function exactly(entry: Entry, spellings: readonly string[]): Found | null {
  const { text } = entry.folded;
  for (const spelling of spellings) {
    const marks: Mark[] = [];
    for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + spelling.length)) {
      marks.push(place(entry.folded, at, spelling.length));
    }
    if (marks.length > 0) return { share: 1 + spelling.length / (2 * text.length), marks };
  }
  return null;
}

function nearest(entry: Entry, spellings: readonly string[]): Found | null {
  let best: Found | null = null;
  for (const spelling of spellings) {
    const wanted = grams(spelling);
    const here = wanted.filter((gram) => gram.length > 1 && entry.folded.text.includes(gram));
    const share = here.length / wanted.length;
    if (share < LOOSE || share <= (best?.share ?? 0)) continue;
    best = { share, marks: here.map((gram) => place(entry.folded, entry.folded.text.indexOf(gram), gram.length)) };
  }
  return best;
}

function place(text: Folded, at: number, length: number): Mark {
  return { from: text.from[at] ?? 0, to: text.to[at + length - 1] ?? 0 };
}

function joined(marks: Mark[]): Mark[] {
  const out: Mark[] = [];
  for (const mark of marks.sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && mark.from <= last.to) last.to = Math.max(last.to, mark.to);
    else out.push({ ...mark });
  }
  return out;
}

function hitOf(entry: Entry, marks: Mark[], loose: boolean): Hit {
  const { kind, id, title, line, sheet } = entry;
  return { kind, id, title, heading: entry.rank === "heading" ? "" : entry.heading, line, marks, sheet, loose };
}

/** A line in pieces, marked or not, to be drawn. */
export function pieces(line: string, marks: readonly Mark[]): { text: string; marked: boolean }[] {
  const out: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.from > at) out.push({ text: line.slice(at, mark.from), marked: false });
    out.push({ text: line.slice(mark.from, mark.to), marked: true });
    at = mark.to;
  }
  if (at < line.length) out.push({ text: line.slice(at), marked: false });
  return out;
}
