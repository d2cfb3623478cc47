// Decides what part this desk has in a transfer of its call, whose media are whose, and what is said of it.

import type { DeskCall, Transfer } from "../protocol";

/** alone: no consult is going on here. origin: the operator who asked. specialist: who was asked. */
export type Part = "alone" | "origin" | "specialist";

const TOGETHER: ReadonlySet<Transfer["state"]> = new Set<Transfer["state"]>(["consulting", "joined", "handing"]);

/** The part of `user` while two desks are in the call. */
export function partOf(call: DeskCall | null, user: string): Part {
  const transfer = call?.transfer;
  if (!transfer || !TOGETHER.has(transfer.state)) return "alone";
  if (transfer.origin === user) return "origin";
  return transfer.specialist === user ? "specialist" : "alone";
}

/** Whether the terminal's own connection comes to this desk: a specialist's only once it is handed over. */
export function hasMedia(call: DeskCall, user: string): boolean {
  return partOf(call, user) !== "specialist" || call.transfer?.state === "handing";
}

/** Whether all three talk, so that the operator's browser passes the resident on and mixes the voices. */
export function together(call: DeskCall | null, user: string): boolean {
  return partOf(call, user) !== "alone" && call?.state === "talking";
}

/** A transfer that still looks for somebody: nothing else can be begun. */
export function seeking(call: DeskCall | null): Transfer | null {
  const transfer = call?.transfer;
  return transfer && (transfer.state === "asking" || transfer.state === "ringing") ? transfer : null;
}

export interface Said {
  tone: "info" | "good" | "caution";
  text: string;
}

/** What somebody should be told about a change; null when what she sees says it already. */
export function news(before: Transfer | null, now: Transfer | null, user: string): Said | null {
  if (!now || (before?.id === now.id && before.state === now.state)) return null;
  const who = now.department_name;
  if (now.state === "done" && now.specialist === user) return { tone: "good", text: "通話を引き継ぎました。ここからはこちらが担当です。" };
  if (now.origin !== user) return null;
  switch (now.state) {
    case "unanswered":
      return { tone: "caution", text: `${who}の担当者が出られませんでした。お客様の応対を続けてください。` };
    case "returned":
      return { tone: "caution", text: before?.state === "handing" ? `${who}への引き継ぎがつながりませんでした。通話はこちらに戻っています。` : `${who}との相談が終わりました。お客様がお待ちです。` };
    case "asking":
      return before?.state === "ringing" ? { tone: "info", text: `${who}の次の担当者を呼び出しています。` } : null;
    default:
      return null;
  }
}
