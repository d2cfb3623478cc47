// Guidance pages carry readings as {漢字|かんじ}. Reads them; draws nothing.

export interface Piece {
  text: string;
  /** Reading above the text; empty where there is none. */
  reading: string;
}

const MARK = /\{([^{}|]+)\|([^{}|]+)\}/g;

/** The text in pieces, in order. A brace that is no reading stays as it is written. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index), reading: "" });
    found.push({ text: match[1] ?? "", reading: match[2] ?? "" });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at), reading: "" });
  return found;
}

/** The text without its readings and places to break, for search and labels. */
export function plain(text: string): string {
  return text.replace(MARK, "$1").replaceAll("\u200b", "");
}
