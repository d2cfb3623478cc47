// Puts a municipality's colour to use: which ink is readable on it. Refuses to guess on what is no colour.

/** White or near-black, whichever reads better on `background` (#RRGGBB). */
export function inkOn(background: string): "#FFFFFF" | "#10181F" {
  return contrast(background, "#FFFFFF") >= contrast(background, "#10181F") ? "#FFFFFF" : "#10181F";
}

/** Contrast ratio of WCAG, 1..21; 1 when either is no #RRGGBB. */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  if (x === null || y === null) return 1;
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function luminance(colour: string): number | null {
  const digits = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (!digits) return null;
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const part = parseInt(digits.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
