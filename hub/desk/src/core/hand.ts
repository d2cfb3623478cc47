// Decides where on the paper the operator points or writes, what is said of it and how often. Pure: places in shares of
// the picture (0..1), times in ms of any steady clock. Never draws, never sends.

/** A place in the picture, 0..1 from its left and its top. */
export type Spot = readonly [number, number];

/** How a picture stands on the screen: the box in px, the picture in its own px, and what the operator did with it. */
export interface Stand {
  box: { width: number; height: number };
  picture: { width: number; height: number };
  zoom: number;
  /** Degrees, clockwise, in steps of 90. */
  turned: number;
  /** In shares of the box. */
  pan: { x: number; y: number };
}

/** The place of the picture that lies under a place of the box (px from its left top); beyond the edges of the picture
 *  it is below 0 or above 1. Null while there is no picture. The inverse of translate, scale, rotate, object-fit: contain. */
export function underneath(at: { x: number; y: number }, stand: Stand): Spot | null {
  const { box, picture, zoom, pan } = stand;
  if (!(picture.width > 0 && picture.height > 0 && box.width > 0 && box.height > 0)) return null;
  const x = (at.x - box.width / 2 - pan.x * box.width) / zoom;
  const y = (at.y - box.height / 2 - pan.y * box.height) / zoom;
  const [across, down] = turnedBack(x, y, stand.turned);
  const fit = Math.min(box.width / picture.width, box.height / picture.height);
  return [across / (fit * picture.width) + 0.5, down / (fit * picture.height) + 0.5];
}

function turnedBack(x: number, y: number, turned: number): readonly [number, number] {
  switch (((turned % 360) + 360) % 360) {
    case 90:
      return [y, -x];
    case 180:
      return [-x, -y];
    case 270:
      return [-y, x];
    default:
      return [x, y];
  }
}

export function inside([x, y]: Spot): boolean {
  return x >= 0 && x <= 1 && y >= 0 && y <= 1;
}

/** The nearest place of the picture, rounded to a ten-thousandth: finer than any pixel, short on the wire. */
export function held([x, y]: Spot): Spot {
  const share = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
  return [share(x), share(y)];
}

export interface Stroke {
  readonly id: string;
  readonly points: readonly Spot[];
}

export type Said =
  | { type: "pointer"; body: { x: number; y: number; on: boolean } }
  | { type: "ink"; body: { stroke: string; points: readonly Spot[]; done: boolean } };

/** Ten words a second: half of what the hub takes. */
export const PACE_MS = 100;
/** A pointer that rests is said again so often; a terminal takes one away that it has not heard of for 3 s. */
export const REPEAT_MS = 1_000;
/** Points of one message. */
export const POINTS = 200;
/** Points of all strokes; beyond them the oldest strokes go, as they do on the terminal. */
export const MOST_POINTS = 20_000;

/** Pointer and pen of one call. Every method gives what is to be said now; call `tick` every `PACE_MS` while it is `busy`. */
export class Hand {
  /** All strokes of this call, the one that is being drawn included. Replaced, never changed in place. */
  strokes: readonly Stroke[] = [];
  private spot: Spot | null = null;
  private told = false;
  private fresh = false;
  private saidAt = -Infinity;
  private open: string | null = null;
  private due: Spot[] = [];

  constructor(private readonly newId: () => string) {}

  /** Whether `tick` has something to do, now or soon. */
  get busy(): boolean {
    return this.told || this.open !== null;
  }

  /** The pointer stands here; null when it has left the picture. */
  point(at: Spot | null, now: number): Said[] {
    if (at === null || !inside(at)) return this.leave();
    this.spot = held(at);
    this.fresh = true;
    return now - this.saidAt >= PACE_MS ? this.sayPointer(now) : [];
  }

  /** The pointer is taken away at once. */
  leave(): Said[] {
    const last = this.spot;
    this.spot = null;
    this.fresh = false;
    if (!this.told || !last) return [];
    this.told = false;
    return [{ type: "pointer", body: { x: last[0], y: last[1], on: false } }];
  }

  /** The pen touches the paper. False when that was beside it. */
  down(at: Spot, now: number): boolean {
    if (!inside(at) || this.open !== null) return false;
    this.open = this.newId();
    this.due = [held(at)];
    this.saidAt = now;
    this.strokes = [...this.strokes, { id: this.open, points: this.due.slice() }];
    return true;
  }

  /** The pen moves; beyond the edge it draws along the edge. */
  move(at: Spot, now: number): Said[] {
    if (this.open === null) return [];
    const spot = held(at);
    const stroke = this.strokes.at(-1);
    const last = stroke?.points.at(-1);
    if (!stroke || (last && last[0] === spot[0] && last[1] === spot[1])) return [];
    this.due.push(spot);
    this.strokes = withinLimit([...this.strokes.slice(0, -1), { id: stroke.id, points: [...stroke.points, spot] }]);
    return now - this.saidAt >= PACE_MS || this.due.length >= POINTS ? this.sayInk(now, false) : [];
  }

  /** The pen leaves the paper. */
  up(now: number): Said[] {
    if (this.open === null) return [];
    const said = this.sayInk(now, true);
    this.open = null;
    return said;
  }

  tick(now: number): Said[] {
    if (now - this.saidAt < PACE_MS) return [];
    if (this.open !== null) return this.due.length ? this.sayInk(now, false) : [];
    return this.spot && (this.fresh || now - this.saidAt >= REPEAT_MS) ? this.sayPointer(now) : [];
  }

  /** Every stroke goes, the one that is being drawn too. */
  clear(): void {
    this.strokes = [];
    this.open = null;
    this.due = [];
  }

  /** All strokes as they stand, to be said on clean paper. What is due is among them. */
  *again(): Generator<Said> {
    this.due = [];
    for (const { id, points } of this.strokes) {
      for (let from = 0; from < points.length; from += POINTS) {
        const part = points.slice(from, from + POINTS);
        yield { type: "ink", body: { stroke: id, points: part, done: id !== this.open && from + POINTS >= points.length } };
      }
    }
  }

  private sayPointer(now: number): Said[] {
    if (!this.spot) return [];
    this.saidAt = now;
    this.told = true;
    this.fresh = false;
    return [{ type: "pointer", body: { x: this.spot[0], y: this.spot[1], on: true } }];
  }

  private sayInk(now: number, done: boolean): Said[] {
    if (this.open === null) return [];
    const last = this.strokes.at(-1)?.points.at(-1);
    // The end of a stroke needs a point of its own; the last one again draws nothing new.
    const points = this.due.length || !last ? this.due : [last];
    this.due = [];
    this.saidAt = now;
    return [{ type: "ink", body: { stroke: this.open, points, done } }];
  }
}

function withinLimit(strokes: readonly Stroke[]): readonly Stroke[] {
  const count = strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
  return count > MOST_POINTS && strokes.length > 1 ? strokes.slice(1) : strokes;
}
