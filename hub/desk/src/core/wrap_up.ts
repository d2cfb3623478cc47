// Decides what somebody reads and hears of the time that a wrap-up may take. The hub alone ends it.

import type { Moment } from "../protocol";
import { left, stopwatch } from "./time";

/** From here on it is a warning, s. */
export const SOON_S = 60;

export interface Limit {
  tone: "calm" | "soon" | "over";
  text: string;
}

/** Null where there is no limit. `overdue`: the hub has said that the time is over. */
export function limit(until: Moment | null, overdue: boolean, nowMs: number): Limit | null {
  if (overdue) return { tone: "over", text: "時間を過ぎたため離席になっています。入力はそのまま残っています。保存すると、受付可に戻れます。" };
  if (!until) return null;
  const seconds = Math.ceil(left(until, nowMs));
  if (seconds > SOON_S) return { tone: "calm", text: `後処理の時間はあと ${stopwatch(seconds)}` };
  return { tone: "soon", text: `あと ${stopwatch(seconds)} で離席になります。入力は残り、あとから保存できます。` };
}
