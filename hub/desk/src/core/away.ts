// How a break reads and when it is over. Never changes a presence: the desk reminds, the operator decides.

import type { AwayReason, Moment } from "../protocol";
import { elapsed } from "./time";

export interface Break {
  /** As people read it; empty for an absence without a reason. */
  name: string;
  /** Seconds until it should be over, negative afterwards; null where it has no end. */
  left: number | null;
}

export function breakOf(reasons: readonly AwayReason[], reason: string, since: Moment, now: number): Break {
  const found = reasons.find((one) => one.id === reason);
  if (!found) return { name: "", left: null };
  return { name: found.name, left: found.minutes ? found.minutes * 60 - elapsed(since, now) : null };
}

/** How often a break that is over has been due to be reminded: at its end, then every minute, ten times at most. */
export function reminders(left: number | null): number {
  return left === null || left > 0 ? 0 : Math.min(10, Math.floor(-left / 60) + 1);
}
