import { expect, it } from "vitest";
import { Volume } from "./volume";

it("two quick keys are two steps, though the terminal has not reported the first", () => {
  const volume = new Volume();
  expect([volume.step(3, 1), volume.step(3, 1), volume.step(3, 1)]).toEqual([4, 5, null]);
});

it("a report counts more than what was asked for: the resident has keys of her own", () => {
  const volume = new Volume();
  volume.step(3, 1);
  expect(volume.step(2, -1)).toBe(1);
  expect(volume.step(1, -1)).toBeNull();
});

it("what was refused is forgotten, and an untold volume has no steps", () => {
  const volume = new Volume();
  volume.step(3, 1);
  volume.forget();
  expect(volume.step(3, 1)).toBe(4);
  expect(volume.step(0, 1)).toBeNull();
});
