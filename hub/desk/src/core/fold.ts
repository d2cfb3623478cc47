// How Japanese text is compared in a search: width, case, hiragana or katakana, spaces and kinds of dash do not
// matter. Every folded sign knows where it stood, so that what was found can be marked in the text as it is written.

export interface Folded {
  text: string;
  /** For each sign of `text`: where in the source its origin begins and ends. */
  from: readonly number[];
  to: readonly number[];
}

/** A sign with the voicing marks that half-width katakana carry behind them (ｶﾞ). */
const CLUSTER = /.[\u3099\u309a\uff9e\uff9f]*/gsu;
const DASH = /[-‐‑‒–—―−ー]/u;
const IGNORED = /[\s\u200b・]/u;
const KATAKANA = /[ァ-ヶ]/u;
const TO_HIRAGANA = 0x60;

export function fold(source: string): Folded {
  let text = "";
  const from: number[] = [];
  const to: number[] = [];
  for (const { 0: cluster, index } of source.matchAll(CLUSTER)) {
    for (const sign of same(cluster)) {
      text += sign;
      for (let unit = 0; unit < sign.length; unit++) {
        from.push(index);
        to.push(index + cluster.length);
      }
    }
  }
  return { text, from, to };
}

/** The folded text alone, for a query. */
export function folded(source: string): string {
  return fold(source).text;
}

function same(cluster: string): string {
  let out = "";
  for (const sign of cluster.normalize("NFKC").toLowerCase()) {
    if (IGNORED.test(sign)) continue;
    if (DASH.test(sign)) out += "ー";
    else if (KATAKANA.test(sign)) out += String.fromCodePoint((sign.codePointAt(0) ?? 0) - TO_HIRAGANA);
    else out += sign;
  }
  return out;
}
