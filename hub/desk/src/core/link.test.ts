import { describe, expect, it } from "vitest";
import { delays, FIRST_MS, LONGEST_MS } from "./delays";
import { GREETING_MS, Link, parse, TRANSITIONS, type Effect, type Event } from "./link";

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
const WELCOME = { version: 1, server_time: "2026-11-01T00:00:00Z", heartbeat_s: 5, dead_s: 12, ice_servers: [] };

function up(): ReturnType<typeof machine> {
  const m = machine();
  m.go({ kind: "start" }, 0);
  m.go({ kind: "opened" }, 10);
  m.go(text("desk_welcome", 1, WELCOME), 20);
  return m;
}

describe("link", () => {
  it("greets first, and is up only when the hub has welcomed it", () => {
    const m = machine();
    expect(m.go({ kind: "start" }, 0)).toContainEqual({ kind: "open" });
    expect(m.said(m.go({ kind: "opened" }, 5))).toMatchObject([{ type: "desk_hello", seq: 1, body: { versions: [1] } }]);
    expect(m.go({ kind: "send", type: "accept" }, 6)).toEqual([]);
    m.go(text("desk_welcome", 1, WELCOME), 7);
    expect(m.link.phase).toBe("up");
    expect(m.said(m.go({ kind: "send", type: "accept", call: "c1" }, 8))).toMatchObject([
      { type: "accept", seq: 2, ack: 1, call: "c1" },
    ]);
  });

  it("delivers a message once, however often it arrives", () => {
    const m = up();
    expect(m.go(text("queue", 2, { waiting: [] }), 30)).toHaveLength(1);
    expect(m.go(text("queue", 2, { waiting: [] }), 31)).toEqual([]);
    expect(m.go(text("queue", 1, { waiting: [] }), 32)).toEqual([]);
  });

  it("answers a ping with its id, and an unknown type with 'unsupported'", () => {
    const m = up();
    expect(m.said(m.go(text("ping", 2), 30))).toMatchObject([{ type: "pong", body: { about: "h2" } }]);
    expect(m.said(m.go(text("weather", 3), 31))).toMatchObject([
      { type: "unsupported", body: { about: "h3", unknown: "weather" } },
    ]);
  });

  it("goes on after a frame that is no message", () => {
    const m = up();
    for (const bad of ["", "[]", "{", "null", '{"type":1,"id":"x"}']) expect(m.go({ kind: "text", text: bad }, 30)).toEqual([]);
    expect(m.go(text("queue", 2, { waiting: [] }), 31)).toHaveLength(1);
  });

  it("pings in time and gives a silent link up at dead_s", () => {
    const m = up();
    expect(m.go({ kind: "tick" }, 5_019)).toEqual([]);
    expect(m.said(m.go({ kind: "tick" }, 5_020))).toMatchObject([{ type: "ping" }]);
    expect(m.link.deadline()).toBe(10_020);
    m.go({ kind: "tick" }, 10_020);
    expect(m.link.deadline()).toBe(12_020);
    expect(m.go({ kind: "tick" }, 12_020)).toContainEqual({ kind: "shut", code: 4000 });
    expect(m.link.phase).toBe("waiting");
  });

  it("comes back by itself, starts its numbers anew and waits longer each time", () => {
    const m = up();
    m.go(text("queue", 9, { waiting: [] }), 25);
    m.go({ kind: "closed", code: 1006, reason: "" }, 30);
    expect(m.link.retryIn(30)).toBe(FIRST_MS);
    expect(m.go({ kind: "tick" }, 30 + FIRST_MS)).toContainEqual({ kind: "open" });
    m.go({ kind: "closed", code: 1006, reason: "" }, 500);
    expect(m.link.retryIn(500)).toBe(2 * FIRST_MS);
    m.go({ kind: "retry" }, 600);
    expect(m.said(m.go({ kind: "opened" }, 610))).toMatchObject([{ type: "desk_hello", seq: 1, ack: 0 }]);
    expect(m.go(text("desk_welcome", 1, WELCOME), 620).some((e) => e.kind === "deliver")).toBe(true);
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
    m.go(text("going_away", 2, { retry_after_s: 3 }), 30);
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
  it("double up to the longest and are spread, never below half", () => {
    const most = delays(() => 1);
    const all = Array.from({ length: 8 }, () => most.next().value);
    expect(all.slice(0, 3)).toEqual([FIRST_MS, 2 * FIRST_MS, 4 * FIRST_MS]);
    expect(all.at(-1)).toBe(LONGEST_MS);
    expect(delays(() => 0).next().value).toBe(FIRST_MS / 2);
  });
});
