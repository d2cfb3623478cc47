import { describe, expect, it } from "vitest";
import type { Capture, DeskCall, HubSays, RingCard, WrapUpTask } from "../protocol";
import { EMPTY, inCall, reduce, withoutNotice, type DeskState } from "./state";
import { BOARD, PLAIN, REPORT } from "../samples/cast";

let n = 0;
const says = <T extends HubSays["type"]>(type: T, body: Extract<HubSays, { type: T }>["body"], call?: string): HubSays =>
  ({ v: 1, type, id: `h${++n}`, seq: n, ack: 0, body, ...(call ? { call } : {}) }) as HubSays;

const CARD: RingCard = {
  call: "c1", municipality: "mine", municipality_name: "美祢市", brand: "#00696B", site_name: "秋芳総合支所", terminal_name: "1",
  queued_at: "2026-11-01T00:00:00Z", expires_at: "2026-11-01T00:00:20Z", topic: "care", topic_title: "介護", greeting: "", simulated: false, staff: true, transfer: null, captures: [], beside: [],
};
const CALL: DeskCall = {
  card: CARD, state: "talking", accepted_at: "2026-11-01T00:00:05Z", epoch: 0, captures: [], terminal_connected: true,
  devices: [], attached: [], volume: 0, devices_closed_at: null, presented: 0, ended_by: "", held_reason: "", transfer: null, monitor: null, departments: [], ice_servers: [], guests: [],
  presentation: { revision: 0, focus: "operator", page: null, sheet: 0, caption: "", frozen: [], conduct: "fine", cameras: { face: PLAIN, document: PLAIN } },
};
const CAPTURE: Capture = {
  id: "k1", kind: "document_still", stage: "asking", width: 0, height: 0, bytes: 0, sha256: "", code: "", cause: "", checks: [], at: null,
};
const WRAP: WrapUpTask = { call: "c1", card: CARD, ended_at: "2026-11-01T00:05:00Z", ended_by: "resident", until: null };

const after = (...messages: HubSays[]): DeskState => messages.reduce(reduce, EMPTY);
const snapshot = (more: Partial<Extract<HubSays, { type: "desk_snapshot" }>["body"]> = {}): HubSays =>
  says("desk_snapshot", {
    me: { user: "u", name: "名", role: "役", municipalities: [], memberships: [], views: [] }, presence: "available", presence_since: "2026-11-01T00:00:00Z",
    waiting: [], ring: null, call: null, wrap_up: null, callbacks: [], bells: [], wanted: [], presence_reason: "", away_reasons: [], staff: [], monitoring: null, presence_until: null, ...more,
  });

describe("state", () => {
  it("knows nothing before the first snapshot", () => {
    expect(EMPTY.me).toBeNull();
  });

  it("drops everything that a new snapshot does not contain", () => {
    const state = after(snapshot({ ring: CARD, call: CALL }), snapshot());
    expect([state.ring, state.call, state.wrapUp]).toEqual([null, null, null]);
  });

  it("keeps the list of promises as the hub last told it", () => {
    const task = {
      id: "b1", municipality_name: "美祢市", site_name: "秋芳総合支所", department_name: "税務課", telephone: "090-0000-0000", reason: "件",
      created_at: "2026-11-01T00:00:00Z", name: "", wanted: "", topic_title: "", by: "", tries: 0,
    };
    const state = after(snapshot({ callbacks: [task] }));
    expect(state.callbacks).toEqual([task]);
    expect(reduce(state, says("callbacks", { tasks: [] })).callbacks).toEqual([]);
  });

  it("tells the operator who waits at the door, of this call only", () => {
    const guest = { id: "g1", kind: "family", state: "invited", name: "花子", until: null, here: false, muted: false, sees: false } as const;
    const invited = after(snapshot({ call: { ...CALL, guests: [guest] } }));
    const waits = { ...CALL, guests: [{ ...guest, state: "lobby", here: true } as const] };
    expect(reduce(invited, says("desk_call", { call: waits })).notice?.text).toContain("花子さんが参加を待っています");
    const other = { ...waits, card: { ...CARD, call: "c2" } };
    expect(reduce(invited, says("desk_call", { call: { ...other, guests: [] } })).notice).toBeNull();
  });

  it("tells the operator what became of her transfer, and nobody else", () => {
    const transfer = {
      id: "x1", kind: "consult", state: "ringing", department: "kaigo", department_name: "介護保険係", reason: "件", origin: "u",
      origin_name: "", specialist: "s", specialist_name: "", until: null,
    } as const;
    const rung = after(snapshot({ call: { ...CALL, transfer } }));
    const told = (state: "unanswered" | "returned" | "cancelled", origin = "u") =>
      reduce(rung, says("desk_call", { call: { ...CALL, transfer: { ...transfer, state, origin, specialist: "" } } })).notice?.text;
    expect(told("unanswered")).toContain("出られませんでした");
    expect(told("returned")).toContain("お客様がお待ち");
    expect(told("cancelled")).toBeUndefined();
    expect(told("unanswered", "somebody else")).toBeUndefined();
    const here = reduce(rung, says("departments", { departments: [] }, "c1"));
    expect(here.call?.departments).toEqual([]);
  });

  it("turns a ring into a call at accept", () => {
    const state = after(snapshot(), says("ring", { card: CARD }), says("desk_call", { call: CALL }));
    expect(state.ring).toBeNull();
    expect(inCall(state)).toBe(true);
  });

  it("keeps captures and handbook of an ended call until its wrap-up is stored", () => {
    const ended: DeskCall = { ...CALL, state: "ended", ended_by: "resident", captures: [CAPTURE] };
    const wrapping = after(
      snapshot({ call: CALL }), says("desk_call", { call: ended }),
      says("presence", { state: "wrap_up", since: "2026-11-01T00:05:00Z", reason: "", until: null }),
      snapshot({ presence: "wrap_up", wrap_up: WRAP }),
    );
    expect(inCall(wrapping)).toBe(false);
    expect(wrapping.wrapUp?.call).toBe("c1");
    expect(wrapping.call?.captures).toHaveLength(1);
    expect(wrapping.notice?.text).toContain("お客様が通話を終了");
    const done = reduce(wrapping, says("wrapped_up", {}, "c1"));
    expect([done.wrapUp, done.call]).toEqual([null, null]);
  });

  it("loses no call to the answer for an earlier wrap-up that is said once more", () => {
    const talking = after(snapshot({ call: CALL }));
    expect(reduce(talking, says("wrapped_up", {}, "c0"))).toEqual(talking);
    expect(reduce(talking, says("wrapped_up", {}, "c1"))).toEqual(talking); // the same call came to her again
    const wrapping = after(snapshot({ presence: "wrap_up", wrap_up: WRAP }));
    expect(reduce(wrapping, says("wrapped_up", {}, "c0"))).toEqual(wrapping);
  });

  it("opens the wrap-up as soon as the call has ended, without waiting for a snapshot", () => {
    const state = after(snapshot({ call: CALL }), says("desk_call", { call: { ...CALL, state: "ended", ended_by: "operator" } }));
    expect(state.wrapUp?.card.site_name).toBe("秋芳総合支所");
    expect(state.notice).toBeNull();
  });

  it("keeps the resident's answers of this call, each once, with the caption that it was for", () => {
    const call = { ...CALL, presentation: { ...CALL.presentation, revision: 4, caption: "書けましたか" } };
    const reply = (id: string, revision: number) => says("reply", { id, word: "yes", revision }, "c1");
    let state = after(snapshot({ call }));
    for (const said of [reply("r1", 4), reply("r1", 4), reply("r2", 3)]) state = reduce(state, said, 99);
    expect(state.replies).toEqual([
      { id: "r2", word: "yes", to: "", at: 99 },
      { id: "r1", word: "yes", to: "書けましたか", at: 99 },
    ]);
    expect(reduce(state, says("reply", { id: "r3", word: "no", revision: 4 }, "c2")).replies).toEqual(state.replies);
    expect(reduce(state, snapshot({ call })).replies).toEqual(state.replies);
    expect(reduce(state, says("desk_call", { call: { ...CALL, card: { ...CARD, call: "c2" } } })).replies).toEqual([]);
    const over = reduce(state, says("desk_call", { call: { ...call, state: "ended", ended_by: "resident" } }));
    expect(over.replies).toHaveLength(2);
    expect(reduce(over, says("wrapped_up", {}, "c1")).replies).toEqual([]);
    expect(reduce(EMPTY, reply("r4", 0)).replies).toEqual([]);
  });

  it("judges a call by its own terminal's reports only", () => {
    const report = REPORT;
    const first = after(snapshot({ call: CALL }), says("media_report", report));
    expect(first.report).toEqual(report);
    expect(reduce(first, says("desk_call", { call: CALL })).report).toEqual(report);
    expect(reduce(first, says("desk_call", { call: { ...CALL, card: { ...CARD, call: "c2" } } })).report).toBeNull();
    expect(reduce(EMPTY, says("media_report", report)).report).toBeNull();
  });

  it("says why a ring is gone", () => {
    const rung = after(snapshot(), says("ring", { card: CARD }));
    expect(reduce(rung, says("ring_ended", { why: "left" })).notice?.text).toContain("つながる前に");
    expect(reduce(rung, says("ring_ended", { why: "accepted_elsewhere" })).ring).toBeNull();
    expect(reduce(rung, says("ring_ended", { why: "withdrawn" })).notice?.text).toContain("取り消されました");
    const late = reduce(rung, says("refused", { about: "x", code: "gone", text: "この呼出は終わりました。" }));
    expect([late.ring, late.notice?.tone]).toEqual([null, "bad"]);
  });

  it("tells an operator who did not answer that she is away now", () => {
    const state = after(snapshot(), says("presence", { state: "away", since: "2026-11-01T00:00:00Z", reason: "ring_timeout", until: null }));
    expect(state.presence).toBe("away");
    expect(state.notice?.text).toContain("応答がなかった");
    expect(withoutNotice(state).notice).toBeNull();
  });

  it("keeps one line per capture and takes none of another call", () => {
    const state = after(
      snapshot({ call: CALL }), says("capture", { capture: CAPTURE }, "c1"),
      says("capture", { capture: { ...CAPTURE, stage: "stored" } }, "c1"),
      says("capture", { capture: { ...CAPTURE, id: "k9" } }, "c2"),
    );
    expect(state.call?.captures.map((c) => [c.id, c.stage])).toEqual([["k1", "stored"]]);
  });
});

describe("supervision", () => {
  const MONITORING = {
    id: "m1", state: "listening", call: "c9", call_state: "talking", municipality_name: "美祢市", brand: "#00696B", site_name: "美東総合支所",
    terminal_name: "1", operator_name: "田中", accepted_at: "2026-11-01T00:00:05Z", since: "2026-11-01T00:00:09Z", topic_title: "", ice_servers: [],
  } as const;

  it("keeps the form of a wrap-up whose time is over, through a change of presence and a reload", () => {
    const ended: DeskCall = { ...CALL, state: "ended", ended_by: "resident" };
    const until = "2026-11-01T00:10:00Z";
    const wrapping = after(snapshot({ call: CALL }), says("desk_call", { call: ended }), snapshot({ presence: "wrap_up", call: ended, wrap_up: { ...WRAP, until } }));
    expect(wrapping.wrapUp?.until).toBe(until);
    const over = reduce(wrapping, says("presence", { state: "overdue", since: until, reason: "wrap_up_limit", until: null }));
    expect([over.presence, over.wrapUp?.call, over.wrapUp?.until]).toEqual(["overdue", "c1", null]);
    expect(over.notice?.text).toContain("残っています");
    expect(after(snapshot({ presence: "overdue", call: ended, wrap_up: WRAP })).wrapUp?.call).toBe("c1");
  });

  it("follows a supervisor's part in a call, and says why it is over only when she has not left it", () => {
    const inside = after(snapshot(), says("monitor", { monitoring: MONITORING, why: "" }));
    expect(inside.monitoring?.id).toBe("m1");
    expect(inside.notice).toBeNull();
    const left = reduce(inside, says("monitor", { monitoring: null, why: "leave" }));
    expect([left.monitoring, left.notice]).toEqual([null, null]);
    expect(reduce(inside, says("monitor", { monitoring: null, why: "call_over" })).notice?.text).toContain("終わりました");
    expect(reduce(inside, snapshot()).monitoring).toBeNull();
  });

  it("shows the newest wallboard and no other", () => {
    const board = { ...BOARD(), more_calls: 3 };
    expect(after(snapshot(), says("wallboard", BOARD()), says("wallboard", board)).board?.more_calls).toBe(3);
  });
});
