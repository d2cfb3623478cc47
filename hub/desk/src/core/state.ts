// What the desk knows: a pure function of what the hub has said. Decides what a message changes and what
// the operator should be told; never sends, never measures, never draws.

import type {
  AwayReason, BellPlace, CallbackTask, Capture, DeskCall, DeskSnapshot, HubSays, Me, MediaReport, Moment, Monitoring, MonitorUpdate, Presence, PresenceState, Reply, ReplyWord, RingCard, StaffCall, WaitingCall, WallboardUpdate, Wanted, WrapUpTask,
} from "../protocol";
import { news as guestNews } from "./company";
import { ended } from "./monitor";
import { after as staffAfter, noticeOf } from "./staff";
import { news } from "./transfer";

/** One sentence for the operator. `tone` decides the colour and the sign beside it. */
export interface Notice {
  id: string;
  tone: "info" | "good" | "caution" | "bad";
  text: string;
}

/** A resident's answer with the caption that it was for (empty when that stood no longer), and when it came. */
export interface Answered {
  id: string;
  word: ReplyWord;
  to: string;
  at: number;
}

export interface DeskState {
  /** Null until the first snapshot: nothing may be shown as true before. */
  me: Me | null;
  presence: PresenceState;
  presenceSince: Moment;
  /** Id of an away reason, or why the hub changed it. */
  presenceReason: string;
  awayReasons: readonly AwayReason[];
  waiting: readonly WaitingCall[];
  ring: RingCard | null;
  /** The live call, or the one that is being wrapped up. */
  call: DeskCall | null;
  wrapUp: WrapUpTask | null;
  /** Newest report of the terminal about its side of the media. */
  report: MediaReport | null;
  /** What the resident has answered by key in this call, newest first. */
  replies: readonly Answered[];
  /** Rings for a branch's own staff: of this call, or at the places for which this page listens; newest first. */
  staff: readonly StaffCall[];
  /** For supervisors: calls whose operator wants one. */
  wanted: readonly Wanted[];
  /** The call in which this supervisor takes part. */
  monitoring: Monitoring | null;
  /** The newest wallboard; null until it is told. */
  board: WallboardUpdate | null;
  /** Where this login may listen as branch staff. */
  bells: readonly BellPlace[];
  /** Promises to call back that this person's department has to keep. */
  callbacks: readonly CallbackTask[];
  notice: Notice | null;
}

const REPLIES_KEPT = 20;

export const EMPTY: DeskState = {
  me: null, presence: "away", presenceSince: "", presenceReason: "", awayReasons: [], waiting: [], ring: null, call: null, wrapUp: null,
  report: null, replies: [], staff: [], bells: [], wanted: [], monitoring: null, board: null, callbacks: [], notice: null,
};

const WRAPPING: ReadonlySet<PresenceState> = new Set<PresenceState>(["wrap_up", "overdue"]);

export const OVER: ReadonlySet<string> = new Set(["ended", "abandoned", "callback"]);

/** Whether the resident is asked to wait: neither side sees or hears the other. */
export function onHold(state: DeskCall["state"]): boolean {
  return state === "held" || state === "consulting";
}

/** Whether the operator stands in a call with pictures and sound. */
export function inCall(state: DeskState): boolean {
  return state.call !== null && !OVER.has(state.call.state);
}

/** The state after one message of the hub; what carries no truth for the eye (offer, candidate, ...) changes nothing. */
export function reduce(state: DeskState, said: HubSays, at = 0): DeskState {
  switch (said.type) {
    case "desk_snapshot":
      return afterSnapshot(state, said.body);
    case "presence":
      return afterPresence(state, said.body, said.id);
    case "queue":
      return { ...state, waiting: said.body.waiting };
    case "ring":
      return { ...state, ring: said.body.card };
    case "ring_ended":
      return { ...state, ring: null, notice: ringNotice(said.body.why, state.ring, said.id) ?? state.notice };
    case "desk_call":
      return afterCall(state, said.body.call, said.id);
    case "callbacks":
      return { ...state, callbacks: said.body.tasks };
    case "departments":
      return state.call && state.call.card.call === said.call
        ? { ...state, call: { ...state.call, departments: said.body.departments } }
        : state;
    case "capture":
      return afterCapture(state, said.body.capture, said.call ?? "");
    case "media_report":
      return state.call ? { ...state, report: said.body } : state;
    case "reply":
      return afterReply(state, said.body, said.call ?? "", at);
    case "supervisor_wanted":
      return { ...state, wanted: said.body.calls };
    case "monitor":
      return afterMonitor(state, said.body, said.id);
    case "wallboard":
      return { ...state, board: said.body };
    case "staff_ring":
      return afterStaff(state, said.body.staff, said.id);
    case "wrapped_up":
      return afterWrapUp(state, said.call ?? "", said.id);
    case "refused":
      return {
        ...state,
        ring: said.body.code === "gone" ? null : state.ring,
        notice: notice(said.id, "bad", said.body.text || `操作を受け付けられませんでした(${said.body.code})。`),
      };
    case "unsupported":
      return { ...state, notice: notice(said.id, "caution", `接続先がこの操作に対応していません(${said.body.unknown})。`) };
    case "going_away":
      return { ...state, notice: notice(said.id, "info", "接続先が再起動します。通話はそのまま続きます。") };
    default:
      return state;
  }
}

/** The notice has been read. */
export function withoutNotice(state: DeskState): DeskState {
  return { ...state, notice: null };
}

function afterStaff(state: DeskState, ring: StaffCall, id: string): DeskState {
  const call = state.call?.card.call ?? "";
  const mine = call !== "" && ring.call === call;
  return { ...state, staff: staffAfter(state.staff, ring, call), notice: (mine && noticeOf(ring, id)) || state.notice };
}

function afterSnapshot(state: DeskState, body: DeskSnapshot): DeskState {
  const known = state.call?.card.call;
  return {
    ...state,
    me: body.me,
    presence: body.presence,
    presenceSince: body.presence_since,
    presenceReason: body.presence_reason,
    awayReasons: body.away_reasons,
    waiting: body.waiting,
    ring: body.ring,
    // An ended call stays as long as its wrap-up does: its captures and handbook are still wanted.
    call: body.call ?? (body.wrap_up && known === body.wrap_up.call ? state.call : null),
    wrapUp: body.wrap_up,
    callbacks: body.callbacks,
    staff: body.staff,
    bells: body.bells,
    wanted: body.wanted,
    monitoring: body.monitoring,
    report: body.call && known === body.call.card.call ? state.report : null,
    replies: body.call && known === body.call.card.call ? state.replies : [],
  };
}

function afterPresence(state: DeskState, body: Presence, id: string): DeskState {
  const busy = WRAPPING.has(body.state) || body.state === "talking";
  return {
    ...state,
    presence: body.state,
    presenceSince: body.since,
    presenceReason: body.reason,
    ...(body.state === "ringing" ? {} : { ring: null }),
    ...(state.wrapUp ? { wrapUp: { ...state.wrapUp, until: body.until } } : {}),
    ...(busy ? {} : { wrapUp: null, call: null, report: null, replies: [] }),
    notice: presenceNotice(body.reason, id) ?? state.notice,
  };
}

function afterMonitor(state: DeskState, body: MonitorUpdate, id: string): DeskState {
  const text = state.monitoring && !body.monitoring ? ended(body.why) : "";
  return { ...state, monitoring: body.monitoring, notice: text ? notice(id, "info", text) : state.notice };
}

function afterCapture(state: DeskState, capture: Capture, call: string): DeskState {
  const known = state.call;
  if (!known || (call && call !== known.card.call)) return state;
  return { ...state, call: { ...known, captures: replaced(known.captures, capture) } };
}

/** The same reply may be told again after a reload of the page or a restart of the hub. */
function afterReply(state: DeskState, reply: Reply, call: string, at: number): DeskState {
  const known = state.call;
  if (!known || call !== known.card.call || state.replies.some((one) => one.id === reply.id)) return state;
  const { caption, revision } = known.presentation;
  const answered: Answered = { id: reply.id, word: reply.word, to: reply.revision === revision ? caption : "", at };
  return { ...state, replies: [answered, ...state.replies].slice(0, REPLIES_KEPT) };
}

/** An answer that comes once more, because its question did, ends nothing that has begun since. */
function afterWrapUp(state: DeskState, call: string, id: string): DeskState {
  const kept = inCall(state) || (state.wrapUp?.call ?? state.call?.card.call) !== call;
  if (kept) return state;
  return { ...state, wrapUp: null, call: null, report: null, replies: [], notice: notice(id, "good", "応対結果を保存しました。") };
}

function afterCall(state: DeskState, call: DeskCall, id: string): DeskState {
  const known = state.call?.card.call === call.card.call;
  const over = OVER.has(call.state);
  const byTerminal = over && known && !OVER.has(state.call?.state ?? "") ? endNotice(call.ended_by, id) : null;
  return {
    ...state,
    call,
    ring: state.ring?.call === call.card.call ? null : state.ring,
    report: known && !over ? state.report : null,
    replies: known ? state.replies : [],
    wrapUp: over && !state.wrapUp ? wrapUpOf(call) : state.wrapUp,
    notice: byTerminal ?? transferNotice(state, call, id) ?? guestNotice(state, call, id) ?? state.notice,
  };
}

function transferNotice(state: DeskState, call: DeskCall, id: string): Notice | null {
  const before = state.call?.card.call === call.card.call ? state.call.transfer : null;
  const said = news(before, call.transfer, state.me?.user ?? "");
  return said && notice(id, said.tone, said.text);
}

function guestNotice(state: DeskState, call: DeskCall, id: string): Notice | null {
  const before = state.call?.card.call === call.card.call ? state.call.guests : [];
  const said = OVER.has(call.state) ? null : guestNews(before, call.guests);
  return said && notice(id, said.tone, said.text);
}

/** The hub says the same in its next snapshot; the desk need not wait for it to show the panel. */
function wrapUpOf(call: DeskCall): WrapUpTask {
  return { call: call.card.call, card: call.card, ended_at: "", ended_by: call.ended_by, until: null };
}

/** The list with `capture` in the place that it has, or at the end. */
export function replaced(captures: readonly Capture[], capture: Capture): Capture[] {
  return captures.some((c) => c.id === capture.id)
    ? captures.map((c) => (c.id === capture.id ? capture : c))
    : [...captures, capture];
}

function notice(id: string, tone: Notice["tone"], text: string): Notice {
  return { id, tone, text };
}

function presenceNotice(reason: string, id: string): Notice | null {
  if (reason === "ring_timeout") return notice(id, "caution", "呼出に応答がなかったため、離席にしました。戻ったら「受付可」にしてください。");
  return reason === "wrap_up_limit" ? notice(id, "caution", "後処理の時間を過ぎたため、離席にしました。入力した内容は残っています。") : null;
}

function ringNotice(why: string, card: RingCard | null, id: string): Notice | null {
  const place = card ? `${card.municipality_name} ${card.site_name}の` : "";
  if (why === "left") return notice(id, "info", `${place}お客様が、つながる前に終了しました。`);
  if (why === "accepted_elsewhere") return notice(id, "info", `${place}呼出は、ほかのオペレーターが応対しました。`);
  if (why === "withdrawn") return notice(id, "caution", `${place}呼出は、担当や対応分野が変わったため取り消されました。`);
  return null;
}

function endNotice(by: string, id: string): Notice | null {
  if (by === "resident") return notice(id, "info", "お客様が通話を終了しました。");
  if (by === "hub") return notice(id, "caution", "窓口端末との接続が戻らないため、通話を終了しました。");
  return null;
}
