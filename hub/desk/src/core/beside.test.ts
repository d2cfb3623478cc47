import { expect, test } from "vitest";
import type { WaitingCall } from "../protocol";
import { besideLine, companions } from "./beside";

test("the other terminals read as one line, with what goes on there", () => {
  expect(besideLine([])).toBe("");
  expect(besideLine([{ name: "2番の端末", state: "waiting" }])).toBe("2番の端末 お待ち中");
  expect(besideLine([{ name: "右", state: "free" }, { name: "奥", state: "off" }])).toBe("右 空き、奥 接続なし");
});

test("two who wait at one counter know of each other, those of other places do not count", () => {
  const call = (id: string, municipality: string, site_name: string): WaitingCall =>
    ({ call: id, municipality, site_name }) as WaitingCall;
  const found = companions([call("a", "minami", "北支所"), call("b", "minami", "北支所"), call("c", "kitamidai", "北支所")]);
  expect([...found]).toEqual([["a", 1], ["b", 1], ["c", 0]]);
});
