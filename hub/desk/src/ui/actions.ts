// What each key of the desk does. Buttons call the same functions, so that key and button never differ.

import { tick } from "svelte";
import { whole } from "../core/camera";
import type { Action } from "../core/shortcuts";
import { seeking } from "../core/transfer";
import type { CameraRole } from "../protocol";
import { desk } from "../shell/desk.svelte";
import { hand } from "../shell/hand.svelte";
import { own } from "../shell/own.svelte";
import { view, type Tab } from "../shell/view.svelte";

/** False leaves the key to the browser. */
const ACTS: Record<Action, () => unknown> = {
  accept: () => desk.accept(),
  decline: () => desk.decline(),
  end: () => (view.ending = true),
  hold: () => toggleHold(),
  transfer: () => open("transfer"),
  join: () => join(),
  hand_over: () => handOver(),
  take_back: () => takeBack(),
  presence: () => desk.togglePresence(),
  mute: () => own.mute(!own.muted),
  both: () => (view.layout = "both"),
  face: () => (view.layout = "face"),
  paper: () => (view.layout = "paper"),
  freeze: () => freeze(view.camera),
  still: () => take("document_still"),
  photo: () => take("id_photo"),
  look: () => lookAtNewest(),
  point: () => hand.take("pointer"),
  pen: () => hand.take("pen"),
  ink_clear: () => hand.clear(),
  rotate: () => rotate(),
  zoom_in: () => view.zoomBy(view.camera, 1),
  zoom_out: () => view.zoomBy(view.camera, -1),
  zoom_reset: () => view.straighten(view.camera),
  pan_left: () => pan(1, 0),
  pan_right: () => pan(-1, 0),
  pan_up: () => pan(0, 1),
  pan_down: () => pan(0, -1),
  cut: () => cut(view.camera),
  focus_hold: () => holdFocus(view.camera),
  farther: () => desk.adjust(view.camera, "farther"),
  nearer: () => desk.adjust(view.camera, "nearer"),
  darker: () => desk.adjust(view.camera, "darker"),
  lighter: () => desk.adjust(view.camera, "lighter"),
  camera_reset: () => desk.adjust(view.camera, "reset"),
  quieter: () => desk.turnUp(-1),
  louder: () => desk.turnUp(1),
  handbook: () => open("handbook"),
  search: () => searchHandbook(),
  pages: () => open("pages"),
  captures: () => open("captures"),
  terminal: () => open("terminal"),
  caption: () => document.getElementById("caption")?.focus(),
  sheet_next: () => turn(1),
  sheet_back: () => turn(-1),
  page_hide: () => desk.hidePage(),
  focus_operator: () => desk.setFocus("operator"),
  focus_paper: () => desk.setFocus("paper"),
  focus_page: () => desk.setFocus("page"),
  phrase_1: () => phrase(0),
  phrase_2: () => phrase(1),
  phrase_3: () => phrase(2),
  phrase_4: () => phrase(3),
  phrase_5: () => phrase(4),
  phrase_6: () => phrase(5),
  save: () => document.querySelector<HTMLFormElement>("#wrap-up")?.requestSubmit(),
  aid: () => toggle("aid"),
  company: () => toggle("company"),
  admit: () => admit(),
  join_wanted: () => desk.joinWanted(),
  listen: () => desk.stepMonitor("listening"),
  whisper: () => desk.stepMonitor("whispering"),
  barge: () => desk.stepMonitor("barging"),
  leave_monitor: () => desk.stepMonitor("over"),
  help: () => toggle("help"),
  settings: () => toggle("settings"),
};

/** Does it; true drops the browser's own meaning of the key. */
export function perform(action: Action): boolean {
  return ACTS[action]() !== false;
}

export function open(tab: Tab): void {
  view.tab = tab;
  view.help = view.settings = view.aid = view.company = false;
}

/** Opens the handbook with the cursor in its search field. */
async function searchHandbook(): Promise<void> {
  open("handbook");
  await tick();
  document.querySelector<HTMLInputElement>("#handbook-search")?.select();
}

export function toggle(panel: "help" | "settings" | "aid" | "company"): void {
  const on = !view[panel];
  view.help = view.settings = view.aid = view.company = false;
  view[panel] = on;
}

/** Asks the resident to wait without a reason; the bar over the pictures adds one. */
export function toggleHold(): void {
  const state = desk.state.call?.state;
  if (state === "held") desk.endHold();
  else if (state === "talking") desk.hold("moment");
}

/** All three together, or the resident waits again while the two talk. */
export function join(): void {
  const state = desk.part === "origin" ? desk.state.call?.transfer?.state : "";
  if (state === "consulting") desk.stepTransfer("join");
  else if (state === "joined") desk.stepTransfer("part");
}

export function handOver(): void {
  const state = desk.part === "origin" ? desk.state.call?.transfer?.state : "";
  if (state === "consulting" || state === "joined") desk.stepTransfer("hand_over");
}

/** Out of a ring, a consult or a hand-over: the call is this desk's alone again. A specialist leaves the consult. */
export function takeBack(): void {
  if (desk.consulted) desk.stepTransfer("leave");
  else if (desk.part === "origin" || seeking(desk.state.call)) desk.stepTransfer("cancel");
}

/** Lets in whoever has waited longest at the door, after the resident was asked aloud; false when nobody does. */
export function admit(): boolean {
  const guest = desk.state.call?.guests.find((one) => one.state === "lobby" && one.here);
  if (!guest) return false;
  desk.stepGuest(guest.id, "admit");
  return true;
}

export function freeze(camera: CameraRole): void {
  const frozen = desk.state.call?.presentation.frozen ?? [];
  const on = !frozen.includes(camera);
  desk.freeze(camera, on);
  if (camera === "document" && !on && desk.linked) hand.forget(); // the terminal wipes its ink in the same moment
}

const PAN = 0.1;

/** Moves a picture that is zoomed here; the arrows of a list or of a text that scrolls stay what they are. */
function pan(x: number, y: number): boolean {
  if (view.zoom[view.camera] <= 1 || document.activeElement?.closest("[role=tabpanel], [role=tablist]")) return false;
  view.moveBy(view.camera, x * PAN, y * PAN);
  return true;
}

/** A stored still is turned here; the paper is turned by its camera, for both sides. */
export function rotate(): void {
  if (view.still?.camera === "document") view.rotate("document");
  else desk.adjust("document", "turn");
}

/** Lets the camera show only the part that is in sight here, in more pixels, to both sides; or the whole again. */
export function cut(camera: CameraRole): void {
  const call = desk.state.call;
  if (!call || view.still?.camera === camera) return;
  const shown = call.presentation.cameras[camera].region;
  const part = view.part(camera, shown);
  if (part) {
    view.cut(camera, call);
    desk.adjust(camera, "region", part);
  } else if (!whole(shown)) {
    desk.adjust(camera, "region");
  } else {
    desk.say("info", "先に拡大して、映したい所を真ん中に出してください。");
  }
}

export function holdFocus(camera: CameraRole): void {
  const held = desk.state.call?.presentation.cameras[camera].focus_held;
  desk.adjust(camera, held ? "auto_focus" : "hold_focus");
}

/** Asks for a still and shows how it goes. */
export function take(kind: "id_photo" | "document_still"): void {
  desk.capture(kind);
  open("captures");
}

/** Changes between the newest stored still and the moving picture. */
function lookAtNewest(): void {
  if (view.still) return view.unlook();
  const stored = desk.state.call?.captures.filter((c) => c.stage === "stored") ?? [];
  const newest = stored.at(-1);
  if (newest) view.look(newest);
}

/** Turns the sheet of the page that is on the resident's screen. */
export function turn(step: 1 | -1): void {
  const shown = desk.state.call?.presentation;
  if (!shown?.page) return;
  const sheet = shown.sheet + step;
  if (sheet >= 0 && sheet < shown.page.sheets.length) desk.showPage(shown.page.id, sheet);
}

/** The n-th of the canned phrases that stand at the keys; false when it could not be sent. */
export function phrase(n: number): boolean {
  const text = view.phrases[n];
  return text !== undefined && say(text);
}

/** Puts a caption on the resident's screen; false when it could not be sent. */
export function say(text: string): boolean {
  const sent = desk.caption(text);
  if (sent) view.remember(text);
  return sent;
}
