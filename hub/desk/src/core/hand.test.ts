import { describe, expect, it } from "vitest";
import { Hand, held, PACE_MS, POINTS, REPEAT_MS, underneath, type Said, type Spot, type Stand } from "./hand";

const PLAIN: Stand = {
  box: { width: 400, height: 200 }, picture: { width: 1280, height: 720 }, zoom: 1, turned: 0, pan: { x: 0, y: 0 },
};

/** What a browser does with a place of the picture: object-fit: contain, then rotate, scale, translate about the middle. */
function onScreen([x, y]: Spot, { box, picture, zoom, turned, pan }: Stand): { x: number; y: number } {
  const fit = Math.min(box.width / picture.width, box.height / picture.height);
  const [u, v] = [(x - 0.5) * picture.width * fit, (y - 0.5) * picture.height * fit];
  const angle = (turned * Math.PI) / 180;
  const [a, b] = [u * Math.cos(angle) - v * Math.sin(angle), u * Math.sin(angle) + v * Math.cos(angle)];
  return { x: a * zoom + box.width / 2 + pan.x * box.width, y: b * zoom + box.height / 2 + pan.y * box.height };
}

const hand = () => {
  let n = 0;
  return new Hand(() => `s${++n}`);
};

const points = (said: Said[]) => said.flatMap((one) => (one.type === "ink" ? [...one.body.points] : []));

describe("the place under the mouse", () => {
  it("counts from the picture and not from its bars", () => {
    expect(underneath({ x: 200, y: 100 }, PLAIN)).toEqual([0.5, 0.5]);
    const left = (400 - (200 * 16) / 9) / 2;
    const corner = underneath({ x: left, y: 0 }, PLAIN);
    expect(corner?.[0]).toBeCloseTo(0);
    expect(corner?.[1]).toBeCloseTo(0);
    expect(underneath({ x: 2, y: 100 }, PLAIN)?.[0]).toBeLessThan(0);
  });

  const pictures = [{ width: 1280, height: 720 }, { width: 640, height: 480 }, { width: 480, height: 640 }];
  it.each([0, 90, 180, 270])("is found again when the picture is turned by %i°, zoomed and moved", (turned) => {
    for (const picture of pictures)
      for (const zoom of [1, 1.25, 4])
        for (const pan of [{ x: 0, y: 0 }, { x: 0.4, y: -0.1 }])
          for (const spot of [[0.1, 0.2], [0.9, 0.35], [0.5, 1]] as Spot[]) {
            const stand = { ...PLAIN, picture, zoom, turned, pan };
            const found = underneath(onScreen(spot, stand), stand);
            expect(found?.[0]).toBeCloseTo(spot[0], 6);
            expect(found?.[1]).toBeCloseTo(spot[1], 6);
          }
  });

  it("is nowhere while there is no picture", () => {
    expect(underneath({ x: 1, y: 1 }, { ...PLAIN, picture: { width: 0, height: 0 } })).toBeNull();
  });

  it("is held inside of the picture for the pen", () => {
    expect(held([-0.2, 1.7])).toEqual([0, 1]);
    expect(held([0.123456, 0.5])).toEqual([0.1235, 0.5]);
  });
});

describe("the pointer", () => {
  it("is said ten times a second at most, and ends where the mouse is", () => {
    const one = hand();
    const said: Said[] = [];
    for (let t = 0; t < 1000; t += 5) said.push(...one.point([t / 1000, 0.5], t), ...one.tick(t));
    said.push(...one.tick(1000));
    expect(said.length).toBeLessThanOrEqual(11);
    expect(said.at(-1)).toEqual({ type: "pointer", body: { x: 0.995, y: 0.5, on: true } });
  });

  it("disappears at once when the mouse leaves, and once only", () => {
    const one = hand();
    one.point([0.5, 0.5], 0);
    expect(one.point(null, 1)).toEqual([{ type: "pointer", body: { x: 0.5, y: 0.5, on: false } }]);
    expect(one.point([1.2, 0.5], 2)).toEqual([]);
    expect(one.busy).toBe(false);
    expect(one.tick(10_000)).toEqual([]);
  });

  it("is said again while it rests, so that the terminal does not take it away", () => {
    const one = hand();
    one.point([0.5, 0.5], 0);
    expect(one.tick(REPEAT_MS - 1)).toEqual([]);
    expect(one.tick(REPEAT_MS)).toHaveLength(1);
    expect(one.tick(REPEAT_MS + PACE_MS)).toEqual([]);
  });
});

describe("the pen", () => {
  it("draws at once and says every point once, in order, in parts of a tenth of a second", () => {
    const one = hand();
    const said: Said[] = [];
    expect(one.down([0, 0], 0)).toBe(true);
    for (let n = 1; n <= 100; n++) {
      said.push(...one.move([n / 100, 0], n * 8));
      expect(one.strokes.at(-1)?.points).toHaveLength(n + 1);
    }
    said.push(...one.up(801));
    expect(points(said)).toEqual(one.strokes[0]?.points);
    expect(said.length).toBeLessThanOrEqual(9);
    expect(said.map((s) => s.type === "ink" && s.body.done)).toEqual([...Array(said.length - 1).fill(false), true]);
    expect(new Set(said.map((s) => s.type === "ink" && s.body.stroke))).toEqual(new Set(["s1"]));
  });

  it("says what is due although the pen rests", () => {
    const one = hand();
    one.down([0.5, 0.5], 0);
    expect(one.tick(PACE_MS - 1)).toEqual([]);
    expect(points(one.tick(PACE_MS))).toEqual([[0.5, 0.5]]);
    expect(one.tick(2 * PACE_MS)).toEqual([]);
    const end = one.up(250);
    expect(end).toEqual([{ type: "ink", body: { stroke: "s1", points: [[0.5, 0.5]], done: true } }]);
  });

  it("never says more points at once than a message holds", () => {
    const one = hand();
    one.down([0, 0], 0);
    const said: Said[] = [];
    for (let n = 1; n <= 1000; n++) said.push(...one.move([n / 1000, 0], 1));
    for (const part of said) expect(points([part]).length).toBeLessThanOrEqual(POINTS);
  });

  it("begins only on the paper, and draws along its edge", () => {
    const one = hand();
    expect(one.down([-0.1, 0.5], 0)).toBe(false);
    expect(one.move([0.5, 0.5], 1)).toEqual([]);
    expect(one.strokes).toEqual([]);
    one.down([0.1, 0.5], 2);
    one.move([-3, 0.6], 3);
    expect(one.strokes[0]?.points).toEqual([[0.1, 0.5], [0, 0.6]]);
  });

  it("is said again in whole strokes when somebody may have missed a part", () => {
    const one = hand();
    one.down([0, 0], 0);
    for (let n = 1; n <= 450; n++) one.move([n / 1000, 0], n);
    one.up(451);
    one.down([0.5, 0.5], 460);
    one.move([0.6, 0.5], 470);
    const again = [...one.again()];
    expect(again.map((s) => s.type === "ink" && [s.body.stroke, s.body.points.length, s.body.done])).toEqual([
      ["s1", 200, false], ["s1", 200, false], ["s1", 51, true], ["s2", 2, false],
    ]);
    expect(points(one.move([0.7, 0.5], 480).concat(one.up(490)))).toEqual([[0.7, 0.5]]);
  });

  it("leaves nothing after a clearing, not even of the stroke that is being drawn", () => {
    const one = hand();
    one.down([0.1, 0.5], 0);
    one.clear();
    expect(one.move([0.2, 0.5], 200)).toEqual([]);
    expect(one.up(300)).toEqual([]);
    expect(one.strokes).toEqual([]);
    expect(one.busy).toBe(false);
  });
});
