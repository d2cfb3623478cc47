// The one store of a guest's page: the link, where this guest stands, the microphone, and the connection to the call.

import type { Phase, Stop } from "../core/link";
import * as rules from "../core/visit";
import { HUB_SAYS_TO_GUEST, type GuestPlace, type GuestSays, type HubSaysToGuest, type IceServer } from "../protocol";
import { SideTalk } from "../shell/side.svelte";
import { Socket } from "../shell/socket";
import { everyBeat } from "../shell/ticker";
import { Own } from "./own.svelte";
import { preferred, words, type Language } from "./words";

const KEPT = "madoguchi.join";
/** Without picture or sound for so long, the operator's browser is asked for another offer (ms). */
const PATIENCE_MS = 10_000;

interface Kept {
  code: string;
  /** Of this page alone: by it the hub knows it again after a reload. */
  secret: string;
}

export class Visit {
  language = $state<Language>(preferred(navigator.languages));
  place = $state.raw<GuestPlace | null>(null);
  refusal = $state<rules.Refusal | "">("");
  phase = $state<Phase>("off");
  stop = $state<Stop>("");
  tried = $state(false);
  /** The hub is asked to let this guest in. */
  asking = $state(false);
  readonly own = new Own();
  readonly words = $derived(words(this.language));
  readonly screen = $derived(
    rules.screen({ tried: this.tried, refusal: this.refusal, place: this.place, phase: this.phase, stop: this.stop }),
  );
  readonly talk = new SideTalk(
    (type, body) => void this.socket.send(type as "side_renew", body as never, { keep: true }),
    (): readonly IceServer[] => this.place?.ice_servers ?? [],
    () => ({ audio: this.own.microphone, face: this.own.camera, document: null }),
    ["audio", "face"],
  );

  private kept: Kept = { code: "", secret: "" };
  private readonly socket = new Socket<HubSaysToGuest, GuestSays>(
    { deliver: (said) => this.hear(said), phase: (phase, stop) => this.turned(phase, stop) },
    "/ws/guest",
    { hello: "guest_hello", welcome: "guest_welcome", understands: HUB_SAYS_TO_GUEST, greeting: () => this.kept },
  );
  private inside = "";
  private silentSince = 0;
  private awake: { release(): Promise<void> } | null = null;

  /** With the code of the address, or with what this tab has kept over a reload. */
  start(): void {
    this.own.changed = () => void this.talk.refresh();
    this.kept = { ...stored(), ...(rules.code(location.hash.slice(1)) ? { code: rules.code(location.hash.slice(1)) } : {}) };
    if (location.hash) history.replaceState(null, "", location.pathname); // neither history nor a screenshot keeps it
    this.keep();
    if (this.kept.code) this.link();
    everyBeat(() => this.beat());
    addEventListener("online", () => this.socket.feed({ kind: "check" }));
    addEventListener("pointerdown", () => this.talk.wake());
  }

  /** False when it is no code. */
  enter(typed: string): boolean {
    const code = rules.code(typed);
    if (!code) return false;
    this.kept = { code, secret: this.kept.secret };
    this.keep();
    this.link();
    return true;
  }

  /** Opens the microphone, then asks to be let in. */
  async ask(name: string, camera: boolean): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const heard = await this.own.open(camera);
    this.asking = heard && this.socket.send("guest_ask", { name });
  }

  leave(): void {
    this.socket.send("guest_leave", {}, { keep: true });
    this.end();
  }

  private link(): void {
    this.refusal = "";
    this.place = null;
    this.tried = true;
    this.socket.feed({ kind: "start" });
  }

  private hear(said: HubSaysToGuest): void {
    switch (said.type) {
      case "guest_snapshot":
        return this.stands(said.body.place);
      case "side_offer":
      case "side_candidate":
        return this.talk.hear(said);
      case "refused":
        this.asking = false;
        if (rules.REFUSALS.has(said.body.code)) this.refusal = said.body.code as rules.Refusal;
    }
  }

  private stands(place: GuestPlace): void {
    const before = this.place?.state;
    this.place = place;
    this.asking = false;
    this.socket.feed({ kind: "hurry", on: place.state === "lobby" || place.state === "inside" });
    if ((place.state === "lobby" || place.state === "inside") && before === undefined) void this.own.open(this.own.wanted);
    this.own.hush(place.state !== "inside" || place.muted || place.paused);
    this.follow(place.state === "inside" ? place.guest : "");
    if (rules.why({ tried: true, refusal: "", place, phase: this.phase, stop: this.stop })) {
      this.end();
      this.socket.feed({ kind: "stop" });
    }
  }

  /** The operator's browser offers; whoever comes anew asks it to. */
  private follow(guest: string): void {
    if (guest === this.inside) return;
    this.inside = guest;
    this.silentSince = performance.now();
    this.talk.follow(guest ? { transfer: guest, part: "specialist", fresh: false } : null);
    void this.stayAwake(guest !== "");
  }

  private turned(phase: Phase, stop: Stop): void {
    this.phase = phase;
    this.stop = stop;
    if (phase === "stopped") this.asking = false;
    if (stop === "replaced") this.end();
  }

  private beat(): void {
    this.socket.feed({ kind: "tick" });
    const now = performance.now();
    this.own.measure();
    if (!this.inside || this.talk.connected || this.phase !== "up") this.silentSince = now;
    else if (now - this.silentSince >= PATIENCE_MS) {
      this.silentSince = now;
      this.talk.follow(null);
      this.talk.follow({ transfer: this.inside, part: "specialist", fresh: false });
    }
  }

  /** Nothing of this guest is used any more. */
  private end(): void {
    this.follow("");
    this.own.close();
    this.socket.feed({ kind: "hurry", on: false });
  }

  private keep(): void {
    if (!this.kept.secret) this.kept = { ...this.kept, secret: fresh() };
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(this.kept));
    } catch {
      // Where nothing is kept, a reload needs a new code.
    }
  }

  /** A telephone that goes dark would end the call for whoever listens. */
  private async stayAwake(on: boolean): Promise<void> {
    await this.awake?.release().catch(() => {});
    this.awake = null;
    if (on && "wakeLock" in navigator) this.awake = await navigator.wakeLock.request("screen").catch(() => null);
  }
}

function stored(): Kept {
  try {
    return { code: "", secret: "", ...(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Partial<Kept>) };
  } catch {
    return { code: "", secret: "" };
  }
}

/** 192 bits, in letters that need no quoting. */
function fresh(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

export const visit = new Visit();
