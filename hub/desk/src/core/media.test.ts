import { describe, expect, it } from "vitest";
import { FIRST_OFFER_MS, LOST_MS, Media, RENEW_LONGEST_MS, SILENT_MS, type Effect, type Event } from "./media";

const offer = (epoch: number, call = "c1"): Event => ({ kind: "offer", call, epoch, sdp: `sdp${epoch}`, mids: { "0": "audio" } });
const kinds = (effects: Effect[]): string[] => effects.map((e) => ("epoch" in e ? `${e.kind} ${e.epoch}` : e.kind));

function accepted(): Media {
  const media = new Media();
  media.handle({ kind: "adopt", call: "c1", epoch: 0, fresh: true }, 0);
  return media;
}

/** A call whose first epoch runs since 1 s. */
function running(): Media {
  const media = accepted();
  media.handle(offer(1), 100);
  media.handle({ kind: "flowing", epoch: 1 }, 1_000);
  return media;
}

describe("media", () => {
  it("shows the first connection at once, so that the first frame is not waited for twice", () => {
    expect(kinds(accepted().handle(offer(1), 100))).toEqual(["make 1", "show 1"]);
  });

  it("answers with the epoch of the offer and drops what belongs to an older one", () => {
    const media = running();
    media.handle(offer(2), 2_000);
    expect(media.handle({ kind: "answered", epoch: 1, sdp: "late" }, 2_001)).toEqual([]);
    expect(media.handle({ kind: "answered", epoch: 2, sdp: "a" }, 2_002)).toEqual([
      { kind: "answer", call: "c1", epoch: 2, sdp: "a" },
    ]);
    expect(media.handle({ kind: "local_candidate", epoch: 1, candidate: "x", mid: "0" }, 2_003)).toEqual([]);
    expect(media.handle({ kind: "remote_candidate", call: "c1", epoch: 1, candidate: "x", mid: "0" }, 2_004)).toEqual([]);
  });

  it.each([offer(1), offer(0), offer(2, "another")])("ignores a repeated, older or foreign offer", (event) => {
    expect(running().handle(event, 2_000)).toEqual([]);
  });

  it("keeps the old picture until the new connection runs, then closes it", () => {
    const media = running();
    expect(kinds(media.handle(offer(2), 2_000))).toEqual(["make 2"]);
    expect(media.handle({ kind: "flowing", epoch: 1 }, 2_100)).toEqual([]);
    expect(media.shown).toBe(1);
    expect(kinds(media.handle({ kind: "flowing", epoch: 2 }, 2_200))).toEqual(["show 2", "close 1"]);
  });

  it("leaves a connection that never ran for the next one", () => {
    const media = running();
    media.handle(offer(2), 2_000);
    expect(kinds(media.handle(offer(3), 3_000))).toEqual(["close 2", "make 3"]);
    expect(media.shown).toBe(1);
  });

  it("after a reload asks for a new epoch at once and takes no offer of the page before", () => {
    const media = new Media();
    const effects = media.handle({ kind: "adopt", call: "c1", epoch: 4, fresh: false }, 0);
    expect(effects).toEqual([{ kind: "renew", call: "c1", reason: "reload" }]);
    expect(media.handle(offer(4), 10)).toEqual([]);
    expect(kinds(media.handle(offer(5), 20))).toEqual(["make 5", "show 5"]);
  });

  it("does not touch running media when the hub tells the same call again", () => {
    const media = running();
    expect(media.handle({ kind: "adopt", call: "c1", epoch: 1, fresh: false }, 2_000)).toEqual([]);
    expect(media.shown).toBe(1);
  });

  it("asks for a new epoch after 5 s without media, then ever more rarely", () => {
    const media = running();
    expect(media.handle({ kind: "tick" }, 1_000 + SILENT_MS - 1)).toEqual([]);
    let now = 1_000 + SILENT_MS;
    const gaps: number[] = [];
    for (let n = 0; n < 6; n++) {
      expect(media.handle({ kind: "tick" }, now)).toEqual([{ kind: "renew", call: "c1", reason: "no_media" }]);
      const next = media.deadline() ?? 0;
      gaps.push(next - now);
      now = next;
    }
    expect(gaps).toEqual([5_000, 10_000, 15_000, RENEW_LONGEST_MS, RENEW_LONGEST_MS, RENEW_LONGEST_MS]);
  });

  it("gives the kiosk time to gather before it misses the first offer", () => {
    const media = accepted();
    expect(media.handle({ kind: "tick" }, FIRST_OFFER_MS - 1)).toEqual([]);
    expect(media.handle({ kind: "tick" }, FIRST_OFFER_MS)).toEqual([{ kind: "renew", call: "c1", reason: "no_offer" }]);
  });

  it("asks at once when the newest connection fails, and not twice for one failure", () => {
    const media = running();
    expect(media.handle({ kind: "peer", epoch: 1, state: "failed" }, 2_000)).toHaveLength(1);
    expect(media.handle({ kind: "peer", epoch: 1, state: "failed" }, 2_100)).toEqual([]);
  });

  it("asks nobody while hub or terminal are away, and leaves the picture alone", () => {
    const media = running();
    media.handle({ kind: "reach", link: false, terminal: true }, 1_500);
    expect(media.deadline()).toBeNull();
    expect(media.handle({ kind: "tick" }, 50_000)).toEqual([]);
    expect(media.handle({ kind: "peer", epoch: 1, state: "failed" }, 51_000)).toEqual([]);
    expect(media.handle({ kind: "ask", reason: "operator" }, 52_000)).toEqual([]);
    expect(media.shown).toBe(1);
    media.handle({ kind: "reach", link: true, terminal: true }, 60_000);
    expect(media.handle({ kind: "tick" }, 61_000)).toEqual([]);
    expect(media.handle({ kind: "tick" }, 62_000)).toHaveLength(1);
  });

  it("tells the operator in time that the picture stands still, also while it asks", () => {
    const media = running();
    expect(media.phase(1_000 + LOST_MS)).toBe("live");
    expect(media.phase(1_001 + LOST_MS)).toBe("lost");
    media.handle({ kind: "tick" }, 1_000 + SILENT_MS);
    expect(media.phase(1_100 + SILENT_MS)).toBe("lost");
  });

  it("closes everything at the end and starts the next call from nothing", () => {
    const media = running();
    media.handle(offer(2), 2_000);
    expect(kinds(media.handle({ kind: "release" }, 3_000))).toEqual(["close 1", "close 2"]);
    media.handle({ kind: "adopt", call: "c2", epoch: 0, fresh: true }, 4_000);
    expect(media.phase(4_000)).toBe("awaiting");
    expect(kinds(media.handle(offer(1, "c2"), 4_100))).toEqual(["make 1", "show 1"]);
  });
});
