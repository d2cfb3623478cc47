import { describe, expect, it } from "vitest";
import shared from "../../../../tests/protocol/delivery.json";
import { BYTES, Delivery, OUTSIDE, PASSED_ON, TRANSITIONS, WINDOW_MS, WORDS } from "./delivery";

/** One step of a shared case; times there are seconds. */
type Step = Record<string, unknown> & { do: string };

function result(link: Delivery<string>, step: Step): unknown {
  const number = (name: string) => Number(step[name]);
  switch (step.do) {
    case "begin":
      return link.begin(1000 * number("now"), number("heard"));
    case "say":
      expect(link.nextSeq).toBe(step.gives);
      return link.say(String(step.item), number("size"));
    case "say_many":
      for (let n = 1; n <= number("count"); n += 1) link.say(`w${n}`, number("size"));
      return undefined;
    case "hear":
      return link.hear(number("seq"), number("ack"));
    case "took":
      return link.took(number("seq"));
    case "lost":
      return link.lost(1000 * number("now"));
    case "resume":
      return link.resume(number("received"), 1000 * number("now"))?.map((one) => [one.seq, one.item]) ?? null;
    case "broken":
      return link.broken();
    case "keeps":
      return link.keeps(1000 * number("now"));
    case "may_resume":
      return link.mayResume(1000 * number("now"));
    case "look":
      expect(link.state).toBe(step.state);
      if ("taken" in step) expect(link.taken).toBe(step.taken);
      return undefined;
  }
  throw new Error(step.do);
}

describe("delivery decides as the hub's end does", () => {
  it.each(shared.cases.map((one) => [one.name, one.steps as Step[]] as const))("%s", (_, steps) => {
    const link = new Delivery<string>();
    steps.forEach((step, number) => expect(result(link, step), `step ${number}`).toEqual(step.gives));
  });

  it("keeps as much, as long, and leaves the same types outside", () => {
    expect([WORDS, BYTES, WINDOW_MS / 1000]).toEqual([shared.words, shared.bytes, shared.window_s]);
    expect([...OUTSIDE].sort()).toEqual(shared.outside);
    expect([...PASSED_ON].sort()).toEqual(shared.passed_on);
  });

  it("has a way out of every state", () => {
    for (const ways of Object.values(TRANSITIONS)) expect(Object.keys(ways).length).toBeGreaterThan(0);
  });
});
