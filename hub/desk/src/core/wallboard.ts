// Decides how the wallboard reads: its sentences, its figures in words, which rows belong together. Never counts anew what
// the hub has counted; only times run on here.

import type { WallAlarm, WallboardUpdate, WallCall, WallPerson, WallTown } from "../protocol";
import { elapsed, stopwatch } from "./time";
import { PRESENCE_WORDS } from "./words";

export const NO_FIGURE = "—";

/** Calls that nobody has answered yet, and those that are being served. */
export function parted(calls: readonly WallCall[]): { waiting: WallCall[]; served: WallCall[] } {
  const waits = (call: WallCall) => call.state === "waiting" || call.state === "ringing";
  return { waiting: calls.filter(waits), served: calls.filter((call) => !waits(call)) };
}

/** How long whoever waits longest has waited, s; null while nobody does. */
export function longest(calls: readonly WallCall[], nowMs: number): number | null {
  const waits = parted(calls).waiting.map((call) => elapsed(call.queued_at, nowMs));
  return waits.length ? Math.max(...waits) : null;
}

/** Whether this call has waited for longer than is allowed: known here before the hub says so. */
export function late(call: WallCall, board: WallboardUpdate, nowMs: number): boolean {
  return elapsed(call.queued_at, nowMs) > board.waiting_s;
}

/** `unit` stands behind a figure, never behind none. */
export function percent(share: number | null, unit = ""): string {
  return share === null ? NO_FIGURE : `${Math.floor(share * 100)}${unit}`;
}

export function seconds(value: number | null): string {
  return value === null ? NO_FIGURE : stopwatch(value);
}

/** What the resident was told: 約 2〜5 分. */
export function expected(call: WallCall): string {
  if (!call.wait) return "";
  const minutes = (s: number) => Math.max(1, Math.ceil(s / 60));
  const [low, high] = [minutes(call.wait.low_s), minutes(call.wait.high_s)];
  return low === high ? `目安 約 ${low} 分` : `目安 約 ${low}〜${high} 分`;
}

export function doing(one: WallPerson): string {
  const word = PRESENCE_WORDS[one.state];
  return one.reason && one.reason !== word ? `${word}・${one.reason}` : word;
}

export function alarm(one: WallAlarm, nowMs: number): string {
  switch (one.kind) {
    case "waiting_long":
      return `${one.name}のお客様が ${one.since ? stopwatch(elapsed(one.since, nowMs)) : ""} お待ちです`;
    case "nobody_on_duty":
      return `${one.name}を受けられる担当者がいません`;
    case "wrap_up_long":
      return `${one.name}の後処理が終わっていません`;
  }
}

/** What stands beside a municipality besides its figures. */
export function remarks(town: WallTown): string[] {
  const found: string[] = [];
  if (town.disaster) found.push(`災害時の画面: ${town.disaster}`);
  if (town.staff_rings) found.push(`職員を呼出中 ${town.staff_rings} 件`);
  if (!town.open) found.push("受付時間外");
  return found;
}
