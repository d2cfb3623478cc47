import { describe, expect, it } from "vitest";
import { delays, DELAYS_MS, URGENT_MS } from "./delays";
import { DOUBT_MS, GREETING_MS, Link, parse, TRANSITIONS, type Effect, type Event } from "./link";

function machine(): { link: Link; go: (event: Event, now: number) => Effect[]; said: (effects: Effect[]) => Record<string, unknown>[] } {
  let n = 0;
  const link = new Link(() => `id${++n}`, () => 1);
  return {
    link,
    go: (event, now) => link.handle(event, now),
    said: (effects) => effects.flatMap((e) => (e.kind === "write" ? [JSON.parse(e.text) as Record<string, unknown>] : [])),
  };
}

const text = (type: string, seq: number, body: object = {}, more: object = {}): Event => ({
  kind: "text", text: JSON.stringify({ v: 1, type, id: `h${seq}`, seq, body, ...more }),
});
/** As an older hub says it: it numbers its greeting, knows one pace and resumes nothing. */
const WELCOME = { version: 1, server_time: "2026-11-01T00:00:00Z", heartbeat_s: 5, dead_s: 12, ice_servers: [] };
const welcome = (more: object = {}): Event =>
  text("desk_welcome", 0, { ...WELCOME, idle_heartbeat_s: 15, idle_dead_s: 40, resume_token: "t", resumed: false, received: 0, ...more });

function up(first: Event = welcome()): ReturnType<typeof machine> {
  const m = machine();
  m.go({ kind: "start" }, 0);
  m.go({ kind: "opened" }, 10);
  m.go(first, 20);
  return m;
}

/** Lost at `at` and open again 100 ms later; gives the hello. */
function again(m: ReturnType<typeof machine>, at: number): Record<string, unknown> | undefined {
  m.go({ kind: "closed", code: 1006, reason: "" }, at);
  m.go({ kind: "retry" }, at + 50);
  return m.said(m.go({ kind: "opened" }, at + 100))[0];
}

describe("link", () => {
  it("greets first, and is up only when the hub has welcomed it", () => {
    const m = machine();
    expect(m.go({ kind: "start" }, 0)).toContainEqual({ kind: "open" });
    expect(m.said(m.go({ kind: "opened" }, 5))).toMatchObject([{ type: "desk_hello", seq: 0, body: { versions: [1] } }]);
    expect(m.go({ kind: "send", type: "accept" }, 6)).toEqual([]);
    m.go(welcome(), 7);
    expect(m.link.phase).toBe("up");
    expect(m.said(m.go({ kind: "send", type: "accept", call: "c1" }, 8))).toMatchObject([
      { type: "accept", seq: 1, ack: 0, call: "c1" },
    ]);
  });

  it("understands a hub that numbers its greeting, resumes nothing and knows one pace", () => {
    const m = up(text("desk_welcome", 1, WELCOME));
    expect(m.go(text("queue", 2, { waiting: [] }), 30)).toHaveLength(1);
    expect(m.said(m.go({ kind: "send", type: "accept" }, 31))).toMatchObject([{ seq: 1, ack: 2 }]);
    expect(m.link.deadline()).toBe(5_020);
    expect(again(m, 40)).toMatchObject({ type: "desk_hello", body: { received: 2 } });
    expect(m.said(m.go(text("desk_welcome", 1, WELCOME), 150))).toMatchObject([{ type: "accept", seq: 1, id: "id2" }]);
  });

  it("goes on over a new socket: what the hub lacks is said again, before anything new", () => {
    const m = up();
    m.go(text("queue", 1, { waiting: [] }), 30);
    m.go({ kind: "send", type: "caption", id: "a" }, 31);
    m.go({ kind: "send", type: "caption", id: "b" }, 32);
    m.go({ kind: "send", type: "pointer", id: "p" }, 33);
    expect(again(m, 40)).toMatchObject({ body: { resume_token: "t", received: 1 } });
    const effects = m.go(welcome({ resume_token: "u", resumed: true, received: 1 }), 150);
    expect(m.said(effects)).toMatchObject([{ type: "caption", id: "b", seq: 2, ack: 1 }]);
    expect(effects.map((e) => e.kind)).toEqual(["write", "phase", "deliver"]);
    expect(m.said(m.go({ kind: "send", type: "caption", id: "c" }, 151))).toMatchObject([{ seq: 3 }]);
    expect(m.go(text("queue", 1, { waiting: [] }), 152)).toEqual([]);
    expect(m.go(text("queue", 2, { waiting: [] }), 153)).toHaveLength(1);
    expect(again(m, 160)).toMatchObject({ body: { resume_token: "u", received: 2 } });
  });

  it("says words of a link that could not go on again under their ids, with new numbers", () => {
    const m = up();
    m.go({ kind: "send", type: "caption", id: "a" }, 31);
    m.go(text("queue", 1, { waiting: [] }, { ack: 1 }), 32);
    m.go({ kind: "send", type: "caption", id: "b" }, 33);
    m.go({ kind: "send", type: "answer", id: "media" }, 34); // the hub would pass it on a second time
    again(m, 40);
    expect(m.said(m.go(welcome(), 150))).toMatchObject([{ type: "caption", id: "b", seq: 1 }]);
  });

  it("keeps the media's words while the link is down for a moment, and no command of a person", () => {
    const m = up();
    m.go({ kind: "closed", code: 1006, reason: "" }, 40);
    expect(m.go({ kind: "send", type: "answer", id: "x", keep: true }, 50)).toEqual([]);
    expect(m.go({ kind: "send", type: "accept", id: "y" }, 51)).toEqual([]);
    m.go({ kind: "retry" }, 60);
    m.go({ kind: "opened" }, 70);
    expect(m.said(m.go(welcome({ resumed: true }), 80))).toMatchObject([{ id: "x", seq: 1 }]);
  });

  it("begins anew after a gap", () => {
    const m = up();
    m.go(text("queue", 1, { waiting: [] }), 30);
    expect(m.go(text("queue", 3, { waiting: [] }), 31)).toContainEqual({ kind: "shut", code: 4000 });
    m.go({ kind: "retry" }, 60);
    expect(m.said(m.go({ kind: "opened" }, 70))[0]?.body).not.toHaveProperty("received");
  });

  it("delivers a message once, however often it arrives", () => {
    const m = up();
    expect(m.go(text("queue", 1, { waiting: [] }), 30)).toHaveLength(1);
    expect(m.go(text("queue", 1, { waiting: [] }), 31)).toEqual([]);
    expect(m.go(text("queue", 2, { waiting: [] }), 32)).toHaveLength(1);
    expect(m.go(text("queue", 1, { waiting: [] }), 33)).toEqual([]);
  });

  it("answers a ping with its id, and an unknown type with 'unsupported'", () => {
    const m = up();
    expect(m.said(m.go(text("ping", 0), 30))).toMatchObject([{ type: "pong", body: { about: "h0" } }]);
    expect(m.said(m.go(text("weather", 1), 31))).toMatchObject([
      { type: "unsupported", body: { about: "h1", unknown: "weather" } },
    ]);
  });

  it("goes on after a frame that is no message", () => {
    const m = up();
    for (const bad of ["", "[]", "{", "null", '{"type":1,"id":"x"}']) expect(m.go({ kind: "text", text: bad }, 30)).toEqual([]);
    expect(m.go(text("queue", 1, { waiting: [] }), 31)).toHaveLength(1);
  });

  it("pings every 15 s and waits for 40 s while nobody is in a call", () => {
    const m = up();
    expect(m.go({ kind: "tick" }, 15_019)).toEqual([]);
    expect(m.said(m.go({ kind: "tick" }, 15_020))).toMatchObject([{ type: "ping", seq: 0 }]);
    m.go({ kind: "tick" }, 30_020);
    expect(m.link.deadline()).toBe(40_020);
  });

  it("asks at once when a call begins, and counts its silence from there", () => {
    const m = up();
    expect(m.said(m.go({ kind: "hurry", on: true }, 14_000))).toMatchObject([{ type: "ping" }]);
    expect(m.go({ kind: "hurry", on: true }, 14_001)).toEqual([]);
    m.go({ kind: "tick" }, 19_000);
    m.go({ kind: "tick" }, 24_000);
    expect(m.link.deadline()).toBe(26_000);
  });

  it("finds out within moments whether a doubted link stands, and tries one that waits at once", () => {
    const m = up();
    expect(m.said(m.go({ kind: "check" }, 1_000))).toMatchObject([{ type: "ping" }]);
    expect(m.go({ kind: "check" }, 1_001)).toEqual([]);
    expect(m.link.deadline()).toBe(1_000 + DOUBT_MS);
    expect(m.go({ kind: "tick" }, 1_000 + DOUBT_MS)).toContainEqual({ kind: "shut", code: 4000 });
    for (let n = 0; n < 5; n += 1) {
      m.go({ kind: "retry" }, 3_000);
      m.go({ kind: "closed", code: 1006, reason: "" }, 3_001);
    }
    m.go({ kind: "check" }, 3_100);
    expect(m.go({ kind: "tick" }, 3_100)).toContainEqual({ kind: "open" });
  });

  it("keeps a doubted link that answers", () => {
    const m = up();
    m.go({ kind: "check" }, 1_000);
    m.go(text("pong", 0, { about: "x" }), 1_200);
    expect(m.go({ kind: "tick" }, 1_000 + DOUBT_MS)).toEqual([]);
  });

  it("is tried every second in a call, however long the outage lasts", () => {
    const m = up();
    m.go({ kind: "hurry", on: true }, 25);
    for (let n = 0; n < 20; n += 1) {
      m.go({ kind: "closed", code: 1006, reason: "" }, 1_000 * n);
      expect(m.link.retryIn(1_000 * n)).toBeLessThanOrEqual(1.5 * URGENT_MS);
      m.go({ kind: "retry" }, 1_000 * n + 1);
    }
  });

  it("pings in time and gives a silent link up at dead_s", () => {
    const m = up();
    m.go({ kind: "hurry", on: true }, 20);
    expect(m.go({ kind: "tick" }, 5_019)).toEqual([]);
    expect(m.said(m.go({ kind: "tick" }, 5_020))).toMatchObject([{ type: "ping" }]);
    expect(m.link.deadline()).toBe(10_020);
    m.go({ kind: "tick" }, 10_020);
    expect(m.link.deadline()).toBe(12_020);
    expect(m.go({ kind: "tick" }, 12_020)).toContainEqual({ kind: "shut", code: 4000 });
    expect(m.link.phase).toBe("waiting");
  });

  it("comes back by itself, at once and then after longer pauses", () => {
    const m = up();
    m.go({ kind: "closed", code: 1006, reason: "" }, 30);
    expect(m.link.retryIn(30)).toBe(0);
    expect(m.go({ kind: "tick" }, 30)).toContainEqual({ kind: "open" });
    m.go({ kind: "closed", code: 1006, reason: "" }, 500);
    expect(m.link.retryIn(500)).toBe(450);
  });

  it("gives up on a hub that accepts the socket and says nothing", () => {
    const m = machine();
    m.go({ kind: "start" }, 0);
    m.go({ kind: "opened" }, 10);
    m.go({ kind: "tick" }, 10 + GREETING_MS);
    expect(m.link.phase).toBe("waiting");
  });

  it("comes back no earlier than a planned restart asks for", () => {
    const m = up();
    m.go(text("going_away", 0, { retry_after_s: 3 }), 30);
    m.go({ kind: "closed", code: 1012, reason: "" }, 40);
    expect(m.link.retryIn(40)).toBe(3_000);
  });

  it.each([[4001, "login"], [4009, "replaced"], [4000, "version"]] as const)("stops at close code %i and says why", (code, why) => {
    const m = up();
    m.go({ kind: "closed", code, reason: "" }, 30);
    expect([m.link.phase, m.link.stop, m.link.deadline()]).toEqual(["stopped", why, null]);
    expect(m.go({ kind: "retry" }, 60)).toContainEqual({ kind: "open" });
  });

  it("is deaf to a close after it was stopped", () => {
    const m = up();
    m.go({ kind: "stop" }, 30);
    expect(m.go({ kind: "closed", code: 1006, reason: "" }, 31)).toEqual([]);
    expect(m.link.phase).toBe("stopped");
  });

  it("has a way out of every phase", () => {
    for (const next of Object.values(TRANSITIONS)) expect(next.length).toBeGreaterThan(0);
  });

  it("fills the gaps of an envelope", () => {
    expect(parse('{"v":1,"type":"wrapped_up","id":"x"}')).toMatchObject({ seq: 0, ack: 0, body: {} });
  });
});

describe("delays", () => {
  it("are a terminal's: growing, spread by half, and then for ever", () => {
    const even = delays(() => 0.5);
    expect(Array.from({ length: 8 }, () => even.next().value)).toEqual([...DELAYS_MS, 7_000, 7_000]);
    const most = delays(() => 1);
    expect(Array.from({ length: 6 }, () => most.next().value).at(-1)).toBe(10_500);
    const least = delays(() => 0);
    expect(Array.from({ length: 6 }, () => least.next().value).at(-1)).toBe(3_500);
  });
});
