// What each key of the desk does. Buttons call the same functions, so that key and button never differ.

import type { Action } from "../core/shortcuts";
import { PHRASES } from "../core/words";
import { desk } from "../shell/desk.svelte";
import { hand } from "../shell/hand.svelte";
import { own } from "../shell/own.svelte";
import { view, type Tab } from "../shell/view.svelte";

const ACTS: Record<Action, () => void> = {
  accept: () => desk.accept(),
  decline: () => desk.decline(),
  end: () => (view.ending = true),
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
  rotate: () => view.rotate(view.camera),
  zoom_in: () => view.zoomBy(view.camera, 1),
  zoom_out: () => view.zoomBy(view.camera, -1),
  zoom_reset: () => view.straighten(view.camera),
  handbook: () => open("handbook"),
  pages: () => open("pages"),
  captures: () => open("captures"),
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
  help: () => toggle("help"),
  settings: () => toggle("settings"),
};

/** Does it; always true, so that the browser's own meaning of the key is dropped. */
export function perform(action: Action): boolean {
  ACTS[action]();
  return true;
}

export function open(tab: Tab): void {
  view.tab = tab;
  view.help = view.settings = false;
}

export function toggle(panel: "help" | "settings"): void {
  const on = !view[panel];
  view.help = view.settings = false;
  view[panel] = on;
}

export function freeze(camera: "face" | "document"): void {
  const frozen = desk.state.call?.presentation.frozen ?? [];
  const on = !frozen.includes(camera);
  desk.freeze(camera, on);
  if (camera === "document" && !on && desk.linked) hand.forget(); // the terminal wipes its ink in the same moment
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

export function phrase(n: number): void {
  const text = PHRASES[n];
  if (text) say(text);
}

/** Puts a caption on the resident's screen; false when it could not be sent. */
export function say(text: string): boolean {
  const sent = desk.caption(text);
  if (sent) view.remember(text);
  return sent;
}
