// Which municipalities' disaster switch somebody may turn, and how it stands in words. Never turns it.

import type { DisasterSwitch, Me } from "../protocol";

const SWITCHERS: readonly string[] = ["supervisor", "admin", "fleet_admin"];

/** [id, name] of the municipalities in which one of the roles is held that may. */
export function switchable(person: Me | null): readonly (readonly [string, string])[] {
  const held = (person?.memberships ?? []).filter((one) => SWITCHERS.includes(one.role)).map((one) => one.municipality);
  return (person?.municipalities ?? []).filter(([id]) => held.includes(id));
}

/** How the switch stands. */
export function standing(found: DisasterSwitch): string {
  if (!found.page) return "ふだんの画面です。";
  const title = found.pages.find(([id]) => id === found.page)?.[1] ?? found.page;
  return `すべての端末に「${title}」を出しています。`;
}
