import { describe, expect, it } from "vitest";
import { desk, flows, terminal, type Own, type Sample } from "./quality";
import { REPORT } from "../samples/cast";

const START: Sample = {
  at: 0, audioPackets: 0, audioLost: 0, faceFrames: 0, facePackets: 0, faceLost: 0, documentFrames: 0,
  farLoss: null, roundTripMs: null, sentFaceFrames: 0, limited: "none",
};
const GOOD: Sample = { ...START, at: 1_000, audioPackets: 50, faceFrames: 15, facePackets: 60, documentFrames: 6 };
const OWN: Own = { microphone: "live", camera: "live" };
const far = (more: Partial<Sample> = {}, frozen: string[] = []) =>
  terminal(START, { ...GOOD, ...more }, null, [], true, frozen);
const near = (more: Partial<Sample> = {}, own: Partial<Own> = {}) => desk(START, { ...GOOD, ...more }, { ...OWN, ...own }, true);

describe("quality of the terminal's side", () => {
  it("is good without words when all three arrive", () => {
    expect(far()).toEqual({ light: "good", word: "良好", cause: "" });
  });

  it.each([
    [{ audioPackets: 0, faceFrames: 0, documentFrames: 0 }, "bad", "映像も音声も"],
    [{ audioPackets: 0 }, "bad", "声が届いていません"],
    [{ faceFrames: 0 }, "caution", "お客様の映像が止まって"],
    [{ documentFrames: 0 }, "caution", "書類の映像が止まって"],
    [{ audioLost: 8 }, "caution", "やや混んで"],
    [{ faceLost: 30 }, "bad", "損失 21%"],
    [{ faceFrames: 3 }, "caution", "遅れ気味"],
  ] as const)("names the cause for %o", (more, light, words) => {
    const verdict = far(more);
    expect(verdict.light).toBe(light);
    expect(verdict.cause).toContain(words);
  });

  it("does not blame a camera that the operator froze", () => {
    expect(far({ documentFrames: 0 }, ["document"]).light).toBe("good");
    expect(far({ faceFrames: 0 }, ["face"]).light).toBe("good");
  });

  it("puts a lost device before the line, in the terminal's own words", () => {
    const device = { name: "document", state: "lost", code: "", cause: "線が抜けています。", simulated: false, can: [] } as const;
    expect(terminal(START, GOOD, null, [device], true).cause).toBe("書画カメラが見つかりません。線が抜けています。");
    expect(terminal(START, GOOD, null, [device], false).cause).toContain("接続が切れて");
  });

  it("speaks of echo only when nothing worse is to be said", () => {
    const echo = { name: "echo", state: "lost", code: "echo_missing", cause: "声が響きます", simulated: false, can: [] } as const;
    expect(terminal(START, GOOD, null, [echo], true)).toEqual({ light: "caution", word: "注意", cause: "声が響きます。" });
    expect(terminal(START, { ...GOOD, audioPackets: 0 }, null, [echo], true).cause).toContain("声が届いていません");
  });

  it("believes the terminal when it hears nothing of us", () => {
    const report = { ...REPORT, live: false };
    expect(terminal(START, GOOD, report, [], true).cause).toContain("窓口に届いていません");
  });

  it("is off, not good, before there is anything to compare", () => {
    expect(terminal(null, GOOD, null, [], true).light).toBe("off");
  });
});

describe("quality of the desk's side", () => {
  it.each([
    [{}, { microphone: "missing" }, "bad", "マイクが使えません"],
    [{}, { microphone: "silent" }, "bad", "音が入っていません"],
    [{}, { microphone: "muted" }, "caution", "マイクを切って"],
    [{}, { camera: "declined" }, "caution", "カメラなし"],
    [{ farLoss: 0.2 }, {}, "bad", "損失 20%"],
    [{ roundTripMs: 600 }, {}, "caution", "往復 600"],
    [{ limited: "cpu" }, {}, "caution", "パソコン"],
    [{ limited: "bandwidth" }, {}, "caution", "粗く"],
  ] as const)("names the cause for %o %o", (more, own, light, words) => {
    const verdict = near(more, own);
    expect(verdict.light).toBe(light);
    expect(verdict.cause).toContain(words);
  });

  it("says that the call goes on while the hub is away", () => {
    expect(desk(START, GOOD, OWN, false).cause).toContain("そのまま続きます");
  });

  it("is good otherwise", () => {
    expect(near().light).toBe("good");
  });
});

it("media flows when any counter has moved", () => {
  expect(flows(START, GOOD)).toBe(true);
  expect(flows(GOOD, { ...GOOD, at: 2_000 })).toBe(false);
  expect(flows(null, START)).toBe(false);
});
