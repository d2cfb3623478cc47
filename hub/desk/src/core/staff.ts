// Rings for a branch's own staff: which are shown, which sound, and how they read. Never sends, never sounds.

import type { Notice } from "./state";
import type { Me, StaffCall, StaffReason } from "../protocol";

export const REASONS: readonly { id: StaffReason; words: string }[] = [
  { id: "illness", words: "体調がすぐれない" },
  { id: "pin", words: "暗証番号の入力" },
  { id: "paper", words: "用紙・印刷" },
  { id: "other", words: "その他" },
];
const KEPT = 20;

/** The list after the newest word about one ring, newest ring first. What is settled leaves, but for `call`. */
export function after(rings: readonly StaffCall[], said: StaffCall, call: string): readonly StaffCall[] {
  const over = said.state === "done" || said.state === "withdrawn";
  const others = rings.filter((ring) => ring.id !== said.id);
  const kept = over && said.call !== call ? others : [said, ...others];
  return kept.toSorted((a, b) => b.rung_at.localeCompare(a.rung_at)).slice(0, KEPT);
}

/** The newest ring beside a call. */
export function ofCall(rings: readonly StaffCall[], call: string): StaffCall | null {
  return (call && rings.find((ring) => ring.call === call)) || null;
}

/** Rings that want somebody now: the page sounds while there is one. */
export function calling(rings: readonly StaffCall[]): readonly StaffCall[] {
  return rings.filter((ring) => ring.state === "calling");
}

/** Why somebody is wanted, as a branch page says it in large. */
export function why(ring: StaffCall): string {
  if (ring.by_resident) return "お客様が呼んでいます";
  return REASONS.find((reason) => reason.id === ring.reason)?.words ?? "オペレーターが呼んでいます";
}

/** How the ring stands, for the operator; empty where there is nothing to say. */
export function standing(ring: StaffCall | null): string {
  switch (ring?.state) {
    case "calling":
      return ring.listening ? "支所の画面を鳴らしています" : `支所の画面が開いていません。電話 ${ring.telephone}`;
    case "coming":
      return `${ring.coming}が向かっています`;
    case "unanswered":
      return `だれも応えません。電話 ${ring.telephone}`;
    case "done":
      return "職員が着きました";
    case "withdrawn":
      return "呼び出しを取り消しました";
    default:
      return "";
  }
}

/** What the operator of the call is told when it changes; null for what she did herself. */
export function noticeOf(ring: StaffCall, id: string): Notice | null {
  if (ring.state === "coming") return { id, tone: "good", text: `${ring.site_name}の${ring.coming}が向かっています。` };
  if (ring.state === "unanswered") {
    return { id, tone: "bad", text: `${ring.site_name}の職員が応えません。電話 ${ring.telephone} にかけてください。` };
  }
  if (ring.state === "calling" && ring.by_resident) return { id, tone: "info", text: "お客様が、支所の職員を呼びました。" };
  return null;
}

/** Whether a login is for a branch's bell and nothing else. */
export function onlyBranch(me: Me | null): boolean {
  return Boolean(me?.memberships.length && me.memberships.every((one) => one.role === "branch"));
}

/** Places of one municipality after one of them has been switched. */
export function switched(places: readonly { municipality: string; site: string; on: boolean }[], municipality: string, site: string): string[] {
  return places
    .filter((place) => place.municipality === municipality)
    .filter((place) => (place.site === site ? !place.on : place.on))
    .map((place) => place.site);
}
