// Decides who hears and sees whom when more than two talk: all of it goes through the operator's browser, which mixes a
// voice for each listener and chooses a picture for each viewer. Never touches a track, a connection or the link.

import type { DeskCall, MonitorState } from "../protocol";
import { forwards } from "./monitor";
import { partOf, together } from "./transfer";

/** Whose voices: nobody's, the operator's alone, or those of all who talk together. */
export type Reach = "none" | "operator" | "all";

/** Somebody besides the operator and the resident; `id` names the connection to the operator's browser. */
export interface Party {
  id: string;
  hears: Reach;
  heardBy: Reach;
  /** The resident's face in place of the operator's. */
  sees: boolean;
  /** The paper as well. */
  papers: boolean;
}

/** What reaches one listener: two of the voices that are always there, and those of these parties. */
export interface Voices {
  operator: boolean;
  resident: boolean;
  parties: readonly string[];
}

const HEARD_BY: Record<MonitorState, Reach> = { listening: "none", whispering: "operator", barging: "all", over: "none" };

const NOBODY: Voices = { operator: false, resident: false, parties: [] };

/** Everybody besides operator and resident in this call, as the operator's browser has to serve them. */
export function parties(call: DeskCall | null, user: string): Party[] {
  const found: Party[] = [];
  const transfer = call?.transfer;
  if (transfer && partOf(call, user) === "origin") {
    const all = together(call, user);
    const reach: Reach = all ? "all" : "operator";
    found.push({ id: transfer.id, hears: reach, heardBy: reach, sees: all, papers: all });
  }
  const monitor = forwards(call, user) ? call?.monitor : null;
  if (monitor) found.push({ id: monitor.id, hears: "all", heardBy: HEARD_BY[monitor.state], sees: true, papers: false });
  for (const guest of call?.guests ?? []) {
    if (guest.state !== "inside") continue;
    const on = call?.state === "talking"; // whoever is asked to wait is not talked about before guests
    found.push({
      id: guest.id, hears: on ? "all" : "none", heardBy: on && !guest.muted ? "all" : "none", sees: on && guest.sees, papers: false,
    });
  }
  return found;
}

/** What the resident hears. */
export function forResident(all: readonly Party[]): Voices {
  return { operator: true, resident: false, parties: all.filter((p) => p.heardBy === "all").map((p) => p.id) };
}

/** What a party hears: never itself, and nobody who speaks to the operator alone. */
export function forParty(id: string, all: readonly Party[]): Voices {
  const party = all.find((p) => p.id === id);
  if (!party || party.hears === "none") return NOBODY;
  if (party.hears === "operator") return { operator: true, resident: false, parties: [] };
  return { operator: true, resident: true, parties: all.filter((p) => p.id !== id && p.heardBy === "all").map((p) => p.id) };
}

/** What a party sees of the operator's desk: nothing, the operator, or the resident. */
export function pictureFor(party: Party): "none" | "operator" | "resident" {
  if (party.hears === "none") return "none";
  return party.sees ? "resident" : "operator";
}
