// Judges each side of a call by counters: one light, its cause and what it lies with. Never reads a counter itself.
//
// Each side is a list of findings in the order in which an operator would want to hear them; the first bad one
// counts, else the first that asks for caution.

import type { DeviceState, MediaReport } from "../protocol";
import type { Level } from "./sending";

export type Light = "good" | "caution" | "bad" | "off";

/** What a fault lies with. */
export type Of = "link" | "line_in" | "line_out" | "camera" | "sound" | "machine";

export const OF_WORDS: Record<Of, string> = {
  link: "接続", line_in: "回線(窓口から)", line_out: "回線(窓口へ)", camera: "カメラ", sound: "音声機器", machine: "処理の遅れ",
};

export interface Verdict {
  light: Light;
  /** Short word beside the light. */
  word: string;
  /** Null while all is well or nothing is known. */
  of: Of | null;
  /** Cause in one sentence; empty while all is well. */
  cause: string;
}

/** Counters of the desk's own connection at one moment; sums since its beginning. */
export interface Sample {
  at: number;
  audioPackets: number;
  audioLost: number;
  faceFrames: number;
  facePackets: number;
  faceLost: number;
  documentFrames: number;
  /** What the terminal reports of our packets and of our sound alone, 0..1, and the way there and back in ms. */
  farLoss: number | null;
  farAudioLoss: number | null;
  roundTripMs: number | null;
  /** What the browser believes that our own line carries, bit/s. */
  availableBps: number | null;
  sentFaceFrames: number;
  limited: "none" | "cpu" | "bandwidth" | "other";
}

export interface Own {
  microphone: "live" | "muted" | "silent" | "missing";
  camera: "live" | "missing" | "declined";
}

/** All that is known of the terminal's side; `frozen` cameras owe no new picture. */
export interface Far {
  before: Sample | null;
  now: Sample | null;
  report: MediaReport | null;
  devices: readonly DeviceState[];
  connected: boolean;
  frozen: readonly string[];
  /** On hold the terminal sends nothing: no picture, and silence for a voice. */
  held: boolean;
}

/** All that is known of the desk's own side; `level` is what the desk itself sends. */
export interface Near {
  before: Sample | null;
  now: Sample | null;
  own: Own;
  linked: boolean;
  level: Level;
}

const CAUTION_LOSS = 0.03;
const BAD_LOSS = 0.1;
const CAUTION_ROUND_TRIP_MS = 400;
const SLOW_FPS = 6;
/** A device that has given nothing for so long has stopped. */
const STOPPED_MS = 2_000;
/** From here on a terminal's own work is visibly late. */
const LATE_MS = 400;
const PRESSED = 0.5;

export const UNKNOWN: Verdict = { light: "off", word: "未接続", of: null, cause: "" };
const HELD: Verdict = { light: "off", word: "保留中", of: null, cause: "" };
const GOOD: Verdict = { light: "good", word: "良好", of: null, cause: "" };

type Finding = Verdict | false;
const caution = (of: Of, cause: string): Verdict => ({ light: "caution", word: "注意", of, cause });
const bad = (of: Of, cause: string): Verdict => ({ light: "bad", word: "不調", of, cause });

/** The terminal's side: what comes to us, what its devices say, and what it says of the line. */
export function terminal(far: Far): Verdict {
  const { before, now, report } = far;
  const first = worst([gone(far), broken(far.devices), written(report)]);
  if (first) return first;
  if (far.held) return HELD;
  if (!before || !now || now.at <= before.at) return UNKNOWN;
  const came = arrived(before, now);
  const late = report !== null && (report.late_ms >= LATE_MS || (report.cpu_pressure ?? 0) >= PRESSED);
  const slow = !far.frozen.includes("face") && came.face / came.seconds < SLOW_FPS;
  const loss = `(損失 ${percent(came.lost)})`;
  const found = worst([
    came.nothing && bad("line_in", "窓口から映像も音声も届いていません。つなぎ直しています。"),
    stopped(report?.microphone_age_ms) && bad("sound", "窓口のマイクから音が来ていません。機器の差し込みを確かめてもらってください。"),
    came.audio <= 0 && bad("line_in", "窓口の声が届いていません。"),
    stills(report),
    came.lost >= BAD_LOSS && bad("line_in", `窓口からの回線が混んでいます${loss}。`),
    ...pictures(far, came),
    late && (slow || report.late_ms >= LATE_MS) && caution("machine", "窓口端末の処理が遅れています。映像や声が途切れることがあります。"),
    fewer(report),
    came.lost >= CAUTION_LOSS && caution("line_in", `窓口からの回線がやや混んでいます${loss}。`),
    report !== null && !report.live && caution("line_out", "こちらの映像と声が、窓口に届いていません。"),
    (report?.downlink_loss ?? 0) >= BAD_LOSS && caution("line_out", `こちらの声が、窓口で途切れています(損失 ${percent(report?.downlink_loss ?? 0)})。`),
    slow && caution("line_in", "お客様の映像が遅れ気味です。回線に合わせて枚数を減らしています。"),
    echoes(far.devices),
  ]);
  return found ?? GOOD;
}

/** The desk's own side: what we send and what the other side says of it. */
export function desk({ before, now, own, linked, level }: Near): Verdict {
  const first = worst([
    own.microphone === "missing" && bad("sound", "マイクが使えません。声が届いていません。"),
    own.microphone === "silent" && bad("sound", "マイクに音が入っていません。差し込みと音量を確かめてください。"),
    !linked && caution("link", "ハブへ再接続中です。映像と声はそのまま続きます。"),
  ]);
  if (first) return first;
  if (!before || !now) return UNKNOWN;
  const loss = now.farLoss ?? 0;
  const found = worst([
    level === "voice" && bad("line_out", "こちらの回線が細いため、こちらの映像を止めて声を守っています。"),
    loss >= BAD_LOSS && bad("line_out", `こちらからの回線が混んでいます(損失 ${percent(loss)})。`),
    level !== "full" && caution("line_out", "こちらの回線が細いため、こちらの映像を小さくしています。"),
    loss >= CAUTION_LOSS && caution("line_out", `こちらからの回線がやや混んでいます(損失 ${percent(loss)})。`),
    (now.roundTripMs ?? 0) >= CAUTION_ROUND_TRIP_MS && caution("line_out", `声の行き来に時間がかかっています(往復 ${Math.round(now.roundTripMs ?? 0)} ミリ秒)。`),
    now.limited === "cpu" && caution("machine", "このパソコンが混み合っています。ほかのアプリを閉じてください。"),
    now.limited === "bandwidth" && caution("line_out", "回線に合わせて、こちらの映像を粗くしています。"),
    own.microphone === "muted" && caution("sound", "マイクを切っています。"),
    own.camera !== "live" && caution("camera", own.camera === "declined" ? "カメラなしで応対しています。" : "カメラが使えません。顔が届いていません。"),
  ]);
  return found ?? GOOD;
}

/** Whether anything has come in between two samples. */
export function flows(before: Sample | null, now: Sample): boolean {
  const was = before ?? { audioPackets: 0, faceFrames: 0, documentFrames: 0 };
  return (
    now.audioPackets > was.audioPackets || now.faceFrames > was.faceFrames || now.documentFrames > was.documentFrames
  );
}

/** Names of a terminal's parts as the operator reads them. */
export const DEVICE_WORDS: Record<string, string> = {
  face: "顔カメラ", document: "書画カメラ", audio: "音声", ui: "画面", echo: "エコーの除去", headset: "ヘッドセット",
};

function worst(findings: readonly Finding[]): Verdict | null {
  const found = findings.filter((one): one is Verdict => one !== false);
  return found.find((one) => one.light === "bad") ?? found[0] ?? null;
}

function gone(far: Far): Finding {
  return !far.connected && bad("link", "窓口端末との接続が切れています。戻るのを待っています。");
}

function broken(devices: readonly DeviceState[]): Finding {
  const device = devices.find((d) => d.name !== "echo" && (d.state === "lost" || d.state === "stale"));
  if (!device) return false;
  const of: Of = device.name === "audio" ? "sound" : device.name === "ui" ? "machine" : "camera";
  return bad(of, `${DEVICE_WORDS[device.name] ?? device.name}が${device.state === "lost" ? "見つかりません" : "止まっています"}。${device.cause}`);
}

/** A call goes on with echo: said only when nothing worse is to be said. */
function echoes(devices: readonly DeviceState[]): Finding {
  const echo = devices.find((d) => d.name === "echo" && d.state === "lost");
  return echo !== undefined && caution("sound", `${echo.cause}。`);
}

/** On the lowest rung only captions carry the call, whatever still comes. */
function written(report: MediaReport | null): Finding {
  if (report?.rung !== "text") return false;
  const why = { no_media: "映像も声もつながりません", lossy: "回線が途切れ、声が届きません", narrow: "窓口からの回線が細く、声が届きません" };
  return bad("line_in", `${why[report.cause ?? "lossy"]}。文字でつないでいます。`);
}

function stills(report: MediaReport | null): Finding {
  return report?.rung === "audio_stills" && bad("line_in", `窓口からの回線${report.cause === "lossy" ? "が途切れがちな" : "が細い"}ため、声と静止画でつないでいます。`);
}

function fewer(report: MediaReport | null): Finding {
  return report?.rung === "fewer_frames" && caution("line_in", `窓口からの回線${report.cause === "lossy" ? "が途切れがちな" : "が細い"}ため、映像の枚数を減らしています。`);
}

function pictures({ report, frozen }: Far, came: Arrived): Finding[] {
  if (report?.rung === "audio_stills") return []; // they come every few seconds, and the rung has been told
  const thin = report?.rung === "fewer_frames" ? "窓口からの回線が細いため、書類の映像を止めています。書類は撮影で確かめられます。" : "";
  return [
    came.face <= 0 && !frozen.includes("face") && (stopped(report?.face_age_ms)
      ? caution("camera", "顔カメラの映像が止まっています。声は届いています。")
      : caution("line_in", "お客様の映像が止まっています。声は届いています。")),
    came.paper <= 0 && !frozen.includes("document") && (stopped(report?.document_age_ms)
      ? caution("camera", "書画カメラの映像が止まっています。声は届いています。")
      : caution("line_in", thin || "書類の映像が止まっています。声は届いています。")),
  ];
}

interface Arrived {
  seconds: number;
  audio: number;
  face: number;
  paper: number;
  nothing: boolean;
  /** Share of the packets of sound and face that did not come. */
  lost: number;
}

function arrived(before: Sample, now: Sample): Arrived {
  const audio = now.audioPackets - before.audioPackets;
  const face = now.faceFrames - before.faceFrames;
  const paper = now.documentFrames - before.documentFrames;
  const lost = Math.max(0, now.audioLost + now.faceLost - before.audioLost - before.faceLost);
  const received = audio + now.facePackets - before.facePackets;
  return {
    seconds: (now.at - before.at) / 1000, audio, face, paper,
    nothing: audio <= 0 && face <= 0 && paper <= 0, lost: lost / Math.max(1, lost + received),
  };
}

function stopped(age: number | null | undefined): boolean {
  return (age ?? 0) >= STOPPED_MS;
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}
