// Decides what a guest's page shows, and what a typed code or name means. Never opens a socket or a microphone.

import type { GuestPlace } from "../protocol";
import type { Phase, Stop } from "./link";

/** Codes under which the hub refuses a page for good, or until something else is typed. */
export const REFUSALS: ReadonlySet<string> = new Set([
  "unknown_code", "slow_down", "used_code", "expired_code", "withdrawn_code", "call_over", "left", "removed",
]);

export type Refusal = "unknown_code" | "slow_down" | "used_code" | "expired_code" | "withdrawn_code" | "call_over" | "left" | "removed";

/** code: asks for one. welcome: whose counter it is, name and microphone. Final: over. */
export type Screen = "code" | "opening" | "welcome" | "lobby" | "inside" | "over" | "elsewhere" | "outdated";

export interface Facts {
  /** A code was typed or came with the link, or this page has used one. */
  tried: boolean;
  refusal: Refusal | "";
  place: GuestPlace | null;
  phase: Phase;
  stop: Stop;
}

const GONE: Partial<Record<GuestPlace["state"], Refusal>> = {
  expired: "expired_code", left: "left", removed: "removed", over: "call_over",
};

/** Refusals after which another code may be typed at once. */
const AGAIN: ReadonlySet<string> = new Set(["unknown_code", "slow_down", "used_code", "expired_code", "withdrawn_code"]);

/** Why this page is not in a call; empty while it may be. */
export function why({ refusal, place }: Facts): Refusal | "" {
  return refusal || (place && GONE[place.state]) || "";
}

export function screen(facts: Facts): Screen {
  const reason = why(facts);
  if (reason) return AGAIN.has(reason) ? "code" : "over";
  if (facts.stop === "replaced") return "elsewhere";
  if (facts.stop === "version") return "outdated";
  if (!facts.tried) return "code";
  switch (facts.place?.state) {
    case undefined:
      return "opening";
    case "invited":
      return "welcome";
    case "inside":
      return "inside";
    default:
      return "lobby";
  }
}

/** The digits of what somebody typed or a link brought, full-width ones too; empty unless there are twelve. */
export function code(typed: string): string {
  const digits = typed.normalize("NFKC").replace(/[\s\-‐‑–—ー]/g, "");
  return /^[0-9]{12}$/.test(digits) ? digits : "";
}

/** A name without what the resident's screen would take for something else; at most 40 characters. */
export function name(typed: string): string {
  return typed.replace(/[\u0000-\u001f\u007f{}|\u200b-\u200f\u2028-\u202e\u2060-\u2069]/g, "").trim().slice(0, 40);
}
