import { expect, it } from "vitest";
import type { Me } from "../protocol";
import { standing, switchable } from "./disaster";

const ME = {
  user: "u", name: "", role: "", views: ["disaster"],
  municipalities: [["minami", "みなみ市"], ["far", "北見台町"]],
  memberships: [
    { municipality: "minami", role: "operator", department: null },
    { municipality: "far", role: "operator", department: null },
    { municipality: "far", role: "supervisor", department: null },
  ],
} as unknown as Me;

it("only towns in which a role is held that may are offered", () => {
  expect(switchable(ME)).toEqual([["far", "北見台町"]]);
  expect(switchable(null)).toEqual([]);
});

it("how it stands is said by the page's title, and by its id where the page is gone", () => {
  const pages: readonly (readonly [string, string])[] = [["quake", "地震のあとのご案内"]];
  expect(standing({ page: "", pages })).toContain("ふだん");
  expect(standing({ page: "quake", pages })).toContain("地震のあとのご案内");
  expect(standing({ page: "old", pages })).toContain("old");
});
