import { expect, test } from "vitest";
import { qr } from "./qr";

test("a code has its quiet zone and its three corners", () => {
  const { size, path } = qr("otpauth://totp/madoguchi-hub:sato?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const dark = new Set(path.split("z").map((square) => square.replace("h1v1h-1", "")));
  const last = size - 5;
  for (const [x, y] of [[4, 4], [last, 4], [4, last]]) expect(dark).toContain(`M${x} ${y}`);
  for (let at = 0; at < size; at++) expect(dark).not.toContain(`M${at} 3`);
});

test("another text is another code", () => {
  expect(qr("a").path).not.toBe(qr("b").path);
});
