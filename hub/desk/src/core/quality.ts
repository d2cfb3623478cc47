// Judges each side of a call by counters: one light and its cause in words. Never reads a counter itself.

import type { DeviceState, MediaReport } from "../protocol";

export type Light = "good" | "caution" | "bad" | "off";

export interface Verdict {
  light: Light;
  /** Short word beside the light. */
  word: string;
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
  /** What the terminal reports of our packets, 0..1, and the way there and back in ms; null while unknown. */
  farLoss: number | null;
  roundTripMs: number | null;
  sentFaceFrames: number;
  limited: "none" | "cpu" | "bandwidth" | "other";
}

export interface Own {
  microphone: "live" | "muted" | "silent" | "missing";
  camera: "live" | "missing" | "declined";
}

const CAUTION_LOSS = 0.03;
const BAD_LOSS = 0.1;
const CAUTION_ROUND_TRIP_MS = 400;
const SLOW_FPS = 6;

const GOOD: Verdict = { light: "good", word: "良好", cause: "" };
const UNKNOWN: Verdict = { light: "off", word: "未接続", cause: "" };

const caution = (cause: string): Verdict => ({ light: "caution", word: "注意", cause });
const bad = (cause: string): Verdict => ({ light: "bad", word: "不調", cause });

/** The terminal's side: what comes to us, and what its devices say. `frozen` cameras owe no new picture. */
export function terminal(
  before: Sample | null, now: Sample | null, report: MediaReport | null,
  devices: readonly DeviceState[], connected: boolean, frozen: readonly string[] = [],
): Verdict {
  if (!connected) return bad("窓口端末との接続が切れています。戻るのを待っています。");
  const broken = devices.find((d) => d.name !== "echo" && (d.state === "lost" || d.state === "stale"));
  if (broken) return bad(`${DEVICE_WORDS[broken.name] ?? broken.name}が${broken.state === "lost" ? "見つかりません" : "止まっています"}。${broken.cause}`);
  if (!before || !now) return UNKNOWN;
  const seconds = (now.at - before.at) / 1000;
  const audio = now.audioPackets - before.audioPackets;
  const face = now.faceFrames - before.faceFrames;
  const paper = now.documentFrames - before.documentFrames;
  if (seconds <= 0) return UNKNOWN;
  if (audio <= 0 && face <= 0 && paper <= 0) return bad("窓口から映像も音声も届いていません。つなぎ直しています。");
  if (audio <= 0) return bad("窓口の声が届いていません。マイクの不調か、回線の混雑です。");
  const lost = share(now.audioLost + now.faceLost - before.audioLost - before.faceLost,
    audio + now.facePackets - before.facePackets);
  if (lost >= BAD_LOSS) return bad(`窓口からの回線が混んでいます(損失 ${percent(lost)})。`);
  if (face <= 0 && !frozen.includes("face")) return caution("お客様の映像が止まっています。声は届いています。");
  if (paper <= 0 && !frozen.includes("document")) return caution("書類の映像が止まっています。声は届いています。");
  if (lost >= CAUTION_LOSS) return caution(`窓口からの回線がやや混んでいます(損失 ${percent(lost)})。`);
  if (report && !report.live) return caution("こちらの映像と声が、窓口に届いていません。");
  if (!frozen.includes("face") && face / seconds < SLOW_FPS) return caution("お客様の映像が遅れ気味です。回線に合わせて枚数を減らしています。");
  const echo = devices.find((d) => d.name === "echo" && d.state === "lost");
  return echo ? caution(`${echo.cause}。`) : GOOD;
}

/** The desk's own side: what we send and what the other side says of it. */
export function desk(before: Sample | null, now: Sample | null, own: Own, linked: boolean): Verdict {
  if (own.microphone === "missing") return bad("マイクが使えません。声が届いていません。");
  if (own.microphone === "silent") return bad("マイクに音が入っていません。差し込みと音量を確かめてください。");
  if (!linked) return caution("ハブへ再接続中です。映像と声はそのまま続きます。");
  if (!before || !now) return UNKNOWN;
  const loss = now.farLoss ?? 0;
  if (loss >= BAD_LOSS) return bad(`こちらからの回線が混んでいます(損失 ${percent(loss)})。`);
  if (loss >= CAUTION_LOSS) return caution(`こちらからの回線がやや混んでいます(損失 ${percent(loss)})。`);
  if ((now.roundTripMs ?? 0) >= CAUTION_ROUND_TRIP_MS) return caution(`声の行き来に時間がかかっています(往復 ${Math.round(now.roundTripMs ?? 0)} ミリ秒)。`);
  if (now.limited === "cpu") return caution("このパソコンが混み合っています。ほかのアプリを閉じてください。");
  if (now.limited === "bandwidth") return caution("回線に合わせて、こちらの映像を粗くしています。");
  if (own.microphone === "muted") return caution("マイクを切っています。");
  if (own.camera !== "live") return caution(own.camera === "declined" ? "カメラなしで応対しています。" : "カメラが使えません。顔が届いていません。");
  return GOOD;
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

function share(lost: number, received: number): number {
  return lost <= 0 ? 0 : lost / Math.max(1, lost + received);
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}
