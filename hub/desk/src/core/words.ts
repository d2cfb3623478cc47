// The desk's fixed sentences and lists: outcomes, canned phrases, names of states. Data only.

import type { CaptureKind, CaptureStage, PresenceState, ReplyWord, Rung, WrapUp } from "../protocol";

export const PRESENCE_WORDS: Record<PresenceState, string> = {
  offline: "未接続", away: "離席", available: "受付可", ringing: "呼出中", talking: "応対中", wrap_up: "後処理", overdue: "離席",
};

export type OutcomeId = WrapUp["outcome"];

export interface Outcome {
  id: OutcomeId;
  words: string;
  /** What is asked for in addition; empty when nothing is. */
  reasons: readonly string[];
}

export const OUTCOMES: readonly Outcome[] = [
  { id: "completed", words: "完了", reasons: [] },
  { id: "not_completed", words: "未完了", reasons: ["持ち物が足りない", "本人の来庁が必要", "対象外の手続き", "お客様の都合", "迷惑行為のため終了", "機器・回線の不調"] },
  { id: "transferred", words: "本庁へ引き継ぎ", reasons: ["本庁の判断が必要", "システムの操作が必要", "お客様の希望"] },
  { id: "callback", words: "折り返し", reasons: ["確認に時間がかかる", "担当者が不在", "お客様の希望"] },
  { id: "misdirected", words: "用件違い", reasons: ["別の窓口の用件", "いたずら・誤操作"] },
];

/** Whether a wrap-up can be stored, and what is still missing (Japanese; empty when nothing is). */
export function wrapUpMissing(procedure: string, outcome: OutcomeId | "", reason: string): string {
  if (!outcome) return "応対結果を選んでください。";
  if (!procedure) return "手続きを選んでください。";
  const wanted = OUTCOMES.find((o) => o.id === outcome)?.reasons ?? [];
  return wanted.length > 0 && !reason ? "理由を選んでください。" : "";
}

/** Stands for an operator's name in the greetings of a municipality. */
const OPEN_NAME = /〇〇|○○/g;

/** A greeting as this operator reads it aloud: her family name (before the space) instead of the open place. */
export function spoken(greeting: string, name: string): string {
  const family = name.trim().split(/[\s ]+/)[0] ?? "";
  return family ? greeting.replace(OPEN_NAME, family) : greeting;
}

/** Wrap-up of a call that fits none of the municipality's procedures. */
export const OTHER_PROCEDURE = "other";

/** Captions at one key; each fits the terminal's caption line. */
export const PHRASES: readonly string[] = [
  "少々お待ちください。",
  "書類をカメラの下に置いてください。",
  "もう少し大きな声でお願いします。",
  "画面をご覧ください。",
  "お名前と生年月日を教えてください。",
  "ほかにご用件はありますか。",
];

/** Why a resident is asked to wait; the first is said by the key alone. The terminal has a sentence for each. */
export const HOLD_REASONS: readonly { id: string; words: string }[] = [
  { id: "moment", words: "少々お待ちください" },
  { id: "checking", words: "調べています" },
  { id: "asking", words: "担当の者に確認しています" },
  { id: "papers", words: "書類を準備しています" },
];

/** A reason of a hold as the operator reads it; her own sentence stays as it is. */
export function holdWords(reason: string): string {
  return HOLD_REASONS.find((one) => one.id === reason)?.words ?? reason;
}

/** The keys under the caption on the resident's screen. */
export const REPLY_WORDS: Record<ReplyWord, string> = {
  yes: "はい", no: "いいえ", again: "もう一度", unheard: "聞こえません", wait: "待って",
};

/** What carries a call, as the operator reads it. */
export const RUNG_WORDS: Record<Rung, string> = {
  video: "映像と声", fewer_frames: "映像(枚数減)と声", audio_stills: "声と静止画", text: "文字",
};

/** What stands on a picture that does not move for the sake of the line. */
export const RUNG_ON_PICTURE: Partial<Record<Rung, string>> = {
  audio_stills: "静止画です。数秒ごとに変わります。", text: "映像を止めています。字幕で応対してください。",
};

export const CAPTURE_WORDS: Record<CaptureKind, string> = { id_photo: "証明写真", document_still: "書類" };

export const STAGE_WORDS: Record<CaptureStage, string> = {
  requested: "依頼中", asking: "お客様に確認中", counting: "撮影中", sending: "送信中", stored: "保存済み",
  declined: "お客様が見合わせ", failed: "失敗", cancelled: "取り消し",
};

const FINAL: ReadonlySet<CaptureStage> = new Set<CaptureStage>(["stored", "declined", "failed", "cancelled"]);

/** Whether a capture will not change any more. */
export function final(stage: CaptureStage): boolean {
  return FINAL.has(stage);
}
