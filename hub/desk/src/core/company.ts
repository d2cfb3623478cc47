// Decides what an operator reads about the guests of her call: family members and interpreters who join by a link.

import type { Guest, GuestKind } from "../protocol";

export const KIND_WORDS: Record<GuestKind, string> = { family: "ご家族", interpreter: "通訳" };

/** Guests of a call at the same time; the hub holds to it. */
export const MOST = 2;

/** How a guest is named. */
export function who(guest: Guest): string {
  return guest.name ? `${KIND_WORDS[guest.kind]} ${guest.name}さん` : KIND_WORDS[guest.kind];
}

/** Where a guest stands, in words; `connected` is whether picture and sound stand. */
export function standing(guest: Guest, connected: boolean): string {
  if (guest.state === "invited") return "コードを伝えてください。まだ使われていません。";
  if (!guest.here) return "相手の画面が切れました。戻るのを待っています…";
  if (guest.state === "lobby") return "参加を待っています。お客様に確かめてから、入れてください。";
  if (!connected) return "つないでいます…";
  if (guest.muted) return "マイクを切ってあります。話は聞こえています。";
  return guest.sees ? "話しています。お客様の顔が見えています。" : "話しています。こちらの映像を見ています。";
}

/** A code as it is read aloud and written: in groups of four. */
export function grouped(code: string): string {
  return code.replace(/(\d{4})(?=\d)/g, "$1 ");
}

/** The link of a code: behind the #, where no server and no log sees it. */
export function linkOf(address: string, origin: string, code: string): string {
  return `${address || `${origin}/join`}#${code}`;
}

export interface Said {
  tone: "info" | "good" | "caution";
  text: string;
}

/** What the operator should be told about a change; null when what she sees says it already. */
export function news(before: readonly Guest[], now: readonly Guest[]): Said | null {
  for (const guest of now) {
    const was = before.find((one) => one.id === guest.id);
    if (guest.state === "lobby" && was?.state === "invited") return { tone: "info", text: `${who(guest)}が参加を待っています。` };
  }
  for (const was of before) {
    if (now.some((one) => one.id === was.id)) continue;
    if (was.state === "invited") return { tone: "caution", text: `${who(was)}への参加コードは、使えなくなりました。` };
    return { tone: "info", text: `${who(was)}が退出しました。` };
  }
  return null;
}

/** Whether somebody has begun to wait at the door, so that it is worth a sound. */
export function knocks(before: readonly Guest[], now: readonly Guest[]): boolean {
  return now.some((guest) => guest.state === "lobby" && before.every((one) => one.id !== guest.id || one.state === "invited"));
}
