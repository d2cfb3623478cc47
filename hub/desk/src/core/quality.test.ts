import { describe, expect, it } from "vitest";
import type { MediaReport } from "../protocol";
import { desk, flows, terminal, type Far, type Near, type Own, type Sample } from "./quality";
import { REPORT } from "../samples/cast";

const START: Sample = {
  at: 0, audioPackets: 0, audioLost: 0, faceFrames: 0, facePackets: 0, faceLost: 0, documentFrames: 0,
  farLoss: null, farAudioLoss: null, roundTripMs: null, availableBps: null, sentFaceFrames: 0, limited: "none",
};
const GOOD: Sample = { ...START, at: 1_000, audioPackets: 50, faceFrames: 15, facePackets: 60, documentFrames: 6 };
const OWN: Own = { microphone: "live", camera: "live" };
const DEVICE = { name: "face", state: "live", code: "", cause: "", simulated: false, can: [] } as const;

const far = (sample: Partial<Sample> = {}, report: Partial<MediaReport> = {}, more: Partial<Far> = {}) =>
  terminal({
    before: START, now: { ...GOOD, ...sample }, report: { ...REPORT, ...report }, devices: [], connected: true, frozen: [], held: false, ...more,
  });
const near = (sample: Partial<Sample> = {}, own: Partial<Own> = {}, more: Partial<Near> = {}) =>
  desk({ before: START, now: { ...GOOD, ...sample }, own: { ...OWN, ...own }, linked: true, level: "full", ...more });

describe("quality of the terminal's side", () => {
  it("is good without words when all three arrive, with a report or without", () => {
    expect(far()).toEqual({ light: "good", word: "良好", of: null, cause: "" });
    expect(far({}, {}, { report: null }).light).toBe("good");
  });

  it.each([
    [{ audioPackets: 0, faceFrames: 0, documentFrames: 0 }, {}, "bad", "line_in", "映像も音声も"],
    [{ audioPackets: 0 }, {}, "bad", "line_in", "声が届いていません"],
    [{}, { microphone_age_ms: 2_500 }, "bad", "sound", "マイクから音が来ていません"],
    [{ faceFrames: 0 }, {}, "caution", "line_in", "お客様の映像が止まって"],
    [{ faceFrames: 0 }, { face_age_ms: 3_000 }, "caution", "camera", "顔カメラの映像が止まって"],
    [{ documentFrames: 0 }, {}, "caution", "line_in", "書類の映像が止まって"],
    [{ documentFrames: 0 }, { document_age_ms: 9_000 }, "caution", "camera", "書画カメラの映像が止まって"],
    [{ documentFrames: 0 }, { rung: "fewer_frames", cause: "narrow" }, "caution", "line_in", "細いため、書類の映像を止めて"],
    [{ audioLost: 8 }, {}, "caution", "line_in", "やや混んで"],
    [{ faceLost: 30 }, {}, "bad", "line_in", "損失 21%"],
    [{ faceFrames: 3 }, {}, "caution", "line_in", "遅れ気味"],
    [{ faceFrames: 3 }, { cpu_pressure: 0.7 }, "caution", "machine", "窓口端末の処理が遅れて"],
    [{}, { late_ms: 900 }, "caution", "machine", "窓口端末の処理が遅れて"],
    [{}, { live: false }, "caution", "line_out", "窓口に届いていません"],
    [{}, { downlink_loss: 0.2 }, "caution", "line_out", "窓口で途切れています(損失 20%)"],
    [{}, { rung: "fewer_frames", cause: "narrow" }, "caution", "line_in", "細いため、映像の枚数"],
    [{}, { rung: "fewer_frames", cause: "lossy" }, "caution", "line_in", "途切れがちなため、映像の枚数"],
    [{ faceFrames: 0, documentFrames: 0 }, { rung: "audio_stills", cause: "narrow" }, "bad", "line_in", "声と静止画"],
    [{}, { rung: "text", cause: "no_media", live: false }, "bad", "line_in", "映像も声もつながりません。文字で"],
    [{ audioPackets: 0 }, { rung: "text", cause: "lossy" }, "bad", "line_in", "途切れ、声が届きません。文字で"],
  ] as const)("names the cause for %o %o", (sample, report, light, of, words) => {
    const verdict = far(sample, report);
    expect(verdict.cause).toContain(words);
    expect([verdict.light, verdict.of]).toEqual([light, of]);
  });

  it("puts what is bad before what only asks for caution", () => {
    expect(far({ faceLost: 30, faceFrames: 0 }, { rung: "fewer_frames", cause: "lossy" }).light).toBe("bad");
  });

  it("does not blame a camera that the operator froze", () => {
    expect(far({ documentFrames: 0 }, {}, { frozen: ["document"] }).light).toBe("good");
    expect(far({ faceFrames: 0 }, {}, { frozen: ["face"] }).light).toBe("good");
    expect(far({ faceFrames: 0, documentFrames: 0 }, {}, { held: true })).toMatchObject({ light: "off", word: "保留中" });
    expect(far({}, {}, { held: true, connected: false }).light).toBe("bad");
  });

  it("does not call a busy machine slow while its pictures are not", () => {
    expect(far({}, { cpu_pressure: 0.9 }).light).toBe("good");
  });

  it.each([
    ["document", "camera", "書画カメラが見つかりません。線が抜けています。"],
    ["audio", "sound", "音声が見つかりません。線が抜けています。"],
  ] as const)("puts a lost device before the line, in the terminal's own words: %s", (name, of, cause) => {
    const devices = [{ ...DEVICE, name, state: "lost" as const, cause: "線が抜けています。" }];
    expect(far({ audioPackets: 0 }, {}, { devices })).toEqual({ light: "bad", word: "不調", of, cause });
    expect(far({}, {}, { devices, connected: false }).cause).toContain("接続が切れて");
  });

  it("speaks of echo only when nothing worse is to be said", () => {
    const devices = [{ ...DEVICE, name: "echo", state: "lost" as const, cause: "声が響きます" }];
    expect(far({}, {}, { devices })).toEqual({ light: "caution", word: "注意", of: "sound", cause: "声が響きます。" });
    expect(far({ audioPackets: 0 }, {}, { devices }).cause).toContain("声が届いていません");
  });

  it("says that the call is written even when no connection was ever made", () => {
    const verdict = far({}, { rung: "text", cause: "no_media" }, { before: null, now: null });
    expect(verdict.cause).toContain("文字でつないでいます");
  });

  it("is off, not good, before there is anything to compare", () => {
    expect(far({}, {}, { before: null }).light).toBe("off");
  });
});

describe("quality of the desk's side", () => {
  it.each([
    [{}, { microphone: "missing" }, {}, "bad", "sound", "マイクが使えません"],
    [{}, { microphone: "silent" }, {}, "bad", "sound", "音が入っていません"],
    [{}, { microphone: "muted" }, {}, "caution", "sound", "マイクを切って"],
    [{}, { camera: "declined" }, {}, "caution", "camera", "カメラなし"],
    [{}, { camera: "missing" }, {}, "caution", "camera", "カメラが使えません"],
    [{ farLoss: 0.2 }, {}, {}, "bad", "line_out", "損失 20%"],
    [{ farLoss: 0.05 }, {}, {}, "caution", "line_out", "やや混んで"],
    [{ roundTripMs: 600 }, {}, {}, "caution", "line_out", "往復 600"],
    [{ limited: "cpu" }, {}, {}, "caution", "machine", "パソコン"],
    [{ limited: "bandwidth" }, {}, {}, "caution", "line_out", "粗く"],
    [{}, {}, { level: "small" }, "caution", "line_out", "映像を小さく"],
    [{}, {}, { level: "voice" }, "bad", "line_out", "映像を止めて声を"],
    [{}, {}, { linked: false }, "caution", "link", "そのまま続きます"],
  ] as const)("names the cause for %o %o %o", (sample, own, more, light, of, words) => {
    const verdict = near(sample, own, more);
    expect(verdict.cause).toContain(words);
    expect([verdict.light, verdict.of]).toEqual([light, of]);
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
