// Sample states of a guest's page, for looking at it without a hub. Only the development server loads this file.

import type { GuestPlace } from "../protocol";
import { drawn, face } from "../samples/drawn";
import type { Visit } from "./visit.svelte";
import type { Language } from "./words";

const PLACE = (state: GuestPlace["state"], more: Partial<GuestPlace> = {}): GuestPlace => ({
  guest: "g1", kind: "family", state, municipality_name: "鹿児島県大島郡龍郷町", name: "佐々木 花子", until: null,
  operator_name: state === "inside" ? "山口 みどり" : "", muted: false, sees: false, paused: false, ice_servers: [], ...more,
});

const SCENES: Record<string, Partial<Pick<Visit, "place" | "refusal" | "stop" | "tried">>> = {
  code: { tried: false },
  wrong: { refusal: "unknown_code" },
  opening: {},
  welcome: { place: PLACE("invited") },
  interpreter: { place: PLACE("invited", { kind: "interpreter", name: "" }) },
  lobby: { place: PLACE("lobby") },
  inside: { place: PLACE("inside") },
  sees: { place: PLACE("inside", { sees: true }) },
  muted: { place: PLACE("inside", { muted: true }) },
  paused: { place: PLACE("inside", { paused: true }) },
  over: { place: PLACE("over") },
  elsewhere: { stop: "replaced" },
};

/** Puts the page into the scene `name`; `language` and `camera` of the address refine it. */
export function pose(visit: Visit, name: string): void {
  const wish = new URLSearchParams(location.search);
  visit.language = (wish.get("language") as Language | null) ?? "ja";
  visit.tried = true;
  visit.phase = "up";
  Object.assign(visit, SCENES[name] ?? {});
  visit.own.meter = 0.4;
  if (name === "lobby" || visit.place?.state === "inside") visit.own.microphone = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0] ?? null;
  visit.talk.face = drawn(640, 480, face);
  visit.talk.connected = true;
  if (wish.has("camera")) {
    visit.own.camera = drawn(480, 640, face).getVideoTracks()[0] ?? null;
    visit.own.wanted = true;
  }
}
