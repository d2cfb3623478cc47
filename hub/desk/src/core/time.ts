// Times as people read them. The hub's clock is the truth: differences are taken against `server now`.

import type { Moment } from "../protocol";

/** What must be added to this machine's `nowMs` (epoch ms) to have the hub's time. */
export function offset(serverTime: Moment, nowMs: number): number {
  const server = Date.parse(serverTime);
  return Number.isNaN(server) ? 0 : server - nowMs;
}

/** Whole seconds from `since` to the hub's now, never negative. */
export function elapsed(since: Moment, serverNowMs: number): number {
  return Math.max(0, Math.floor((serverNowMs - Date.parse(since)) / 1000)) || 0;
}

/** Seconds (not rounded) until `moment`, never negative. */
export function left(moment: Moment, serverNowMs: number): number {
  return Math.max(0, (Date.parse(moment) - serverNowMs) / 1000) || 0;
}

/** 65 -> 1:05, 3725 -> 1:02:05. */
export function stopwatch(seconds: number): string {
  const s = Math.floor(seconds) % 60;
  const m = Math.floor(seconds / 60) % 60;
  const h = Math.floor(seconds / 3600);
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const CLOCK = new Intl.DateTimeFormat("ja-JP", {
  timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit", hour12: false,
});

const DAY = new Intl.DateTimeFormat("ja-JP", {
  timeZone: "Asia/Tokyo", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
  hour12: false,
});

/** 11/24 14:05:09 in Japan. */
export function moment(at: Moment): string {
  return DAY.format(new Date(at));
}

/** 14:05 in Japan, wherever this machine believes to be. */
export function clock(moment: Moment | number): string {
  return CLOCK.format(new Date(moment));
}

const DATE = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Tokyo", dateStyle: "short" });
const DAY_MS = 86_400_000;

/** Calendar days in Japan from `moment` to the hub's now, never negative. */
export function daysAgo(moment: Moment, serverNowMs: number): number {
  const at = Date.parse(moment);
  if (Number.isNaN(at)) return 0;
  const day = (ms: number) => Math.round(Date.parse(DATE.format(ms)) / DAY_MS);
  return Math.max(0, day(serverNowMs) - day(at));
}

/** 14:05 of today, きのう 14:05, 3日前 14:05. */
export function dayAndClock(moment: Moment, serverNowMs: number): string {
  const days = daysAgo(moment, serverNowMs);
  const day = days === 0 ? "" : days === 1 ? "きのう " : `${days}日前 `;
  return day + clock(moment);
}
