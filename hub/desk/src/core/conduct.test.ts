import { expect, it } from "vitest";
import { CONDUCT_WORDS, offered } from "./conduct";

it("the end is offered only after the warning, and every step says what it will do", () => {
  const steps = (now: keyof typeof CONDUCT_WORDS): string[] => offered(now).map((one) => one.step);
  expect([steps("fine"), steps("warned"), steps("supervisor"), steps("ended")]).toEqual([
    ["warn"], ["call_supervisor", "end", "withdraw"], ["end", "withdraw"], [],
  ]);
  for (const now of ["fine", "warned", "supervisor"] as const) for (const one of offered(now)) expect(one.sure.length).toBeGreaterThan(15);
});
