// Decides what part this desk has while a supervisor takes part in a call, and what is said of it to whom.

import type { DeskCall, Monitor, Monitoring, MonitorState } from "../protocol";
import { partOf } from "./transfer";

const OVER: ReadonlySet<string> = new Set(["ended", "abandoned", "callback"]);

/** Whether this desk passes the voices on: the operator's, not that of a specialist whom she asks. */
export function forwards(call: DeskCall | null, user: string): boolean {
  return Boolean(call?.monitor) && !OVER.has(call?.state ?? "") && partOf(call, user) !== "specialist";
}

/** Whether the operator hears what the supervisor says. */
export function audible(state: MonitorState | null): boolean {
  return state === "whispering" || state === "barging";
}

export interface Side {
  id: string;
  part: "origin" | "specialist";
  fresh: boolean;
  papers: boolean;
  silent: boolean;
}

/** The connection between the operator's desk and the supervisor's; `asked`: the call that this page has asked for. */
export function monitorSide(state: { call: DeskCall | null; monitoring: Monitoring | null }, user: string, asked = ""): Side | null {
  const { call, monitoring } = state;
  if (monitoring) return { id: monitoring.id, part: "specialist", fresh: monitoring.call === asked, papers: false, silent: false };
  const monitor = forwards(call, user) ? call?.monitor : null;
  return monitor ? { id: monitor.id, part: "origin", fresh: true, papers: false, silent: !audible(monitor.state) } : null;
}

/** What the desks of the call read. */
export function told(monitor: Monitor): string {
  const who = `管理者の${monitor.supervisor_name}`;
  switch (monitor.state) {
    case "whispering":
      return `${who}がささやいています。お客様には聞こえません。`;
    case "barging":
      return `${who}が通話に加わっています。お客様にも聞こえます。`;
    default:
      return `${who}が聞いています。`;
  }
}

export interface Mode {
  state: MonitorState;
  words: string;
  /** Who hears her. */
  means: string;
}

export const MODES: readonly Mode[] = [
  { state: "listening", words: "聞く", means: "あなたの声は、だれにも聞こえません。" },
  { state: "whispering", words: "ささやく", means: "あなたの声は、オペレーターだけに聞こえます。" },
  { state: "barging", words: "割り込む", means: "あなたの声は、お客様とオペレーターに聞こえます。" },
];

/** Why the supervisor's part is over; empty when she has left it herself. */
export function ended(why: string): string {
  switch (why) {
    case "call_over":
      return "モニタリングしていた通話が終わりました。";
    case "handed_over":
      return "通話が別の担当に移ったため、モニタリングを終えました。続けるときは、もう一度選んでください。";
    case "gone":
      return "接続が長く切れていたため、モニタリングを終えました。";
    default:
      return "";
  }
}
