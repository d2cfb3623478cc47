// Sends key presses to actions through `core/shortcuts`. One listener for the whole desk.

import { actionOf, type Action, type Scene } from "../core/shortcuts";
import { prefs } from "./prefs.svelte";

const FIELDS = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";

/** `act` returns whether it did something; then the browser's own meaning of the key is dropped. */
export function onKeys(scene: () => Scene, act: (action: Action) => boolean): () => void {
  const heard = (event: KeyboardEvent) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const typing = event.target instanceof Element && event.target.matches(FIELDS);
    const action = actionOf(event, scene(), typing, prefs.values.letters);
    if (action && act(action)) event.preventDefault();
  };
  addEventListener("keydown", heard);
  return () => removeEventListener("keydown", heard);
}
