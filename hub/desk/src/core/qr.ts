// A QR code as one path: each dark module a square of side 1. Drawn here, so that a secret leaves for nowhere.

import { encode } from "uqr";

export interface Qr {
  /** Modules along one side, the quiet zone of four included. */
  size: number;
  /** For the `d` of an SVG path in a box of `size` by `size`. */
  path: string;
}

export function qr(text: string): Qr {
  const code = encode(text, { ecc: "M", border: 4 });
  let path = "";
  code.data.forEach((row, y) => row.forEach((dark, x) => (path += dark ? `M${x} ${y}h1v1h-1z` : "")));
  return { size: code.size, path };
}
