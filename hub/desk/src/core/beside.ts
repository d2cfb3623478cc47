/** Decides how the other terminals of a counter read; never asks anybody. */

import type { Neighbour, WaitingCall } from "../protocol";

const STATES: Record<Neighbour["state"], string> = {
  free: "空き",
  waiting: "お待ち中",
  talking: "応対中",
  off: "接続なし",
};

/** One line for all of them; empty where the terminal stands alone. */
export function besideLine(beside: readonly Neighbour[]): string {
  return beside.map((one) => `${one.name} ${STATES[one.state]}`).join("、");
}

/** How many others wait at the same counter, by call: two who came together may be served one after the other. */
export function companions(waiting: readonly WaitingCall[]): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  const place = (call: WaitingCall): string => `${call.municipality}/${call.site_name}`;
  for (const call of waiting) counters.set(place(call), (counters.get(place(call)) ?? 0) + 1);
  return new Map(waiting.map((call) => [call.call, (counters.get(place(call)) ?? 1) - 1]));
}
