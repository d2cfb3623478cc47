// Which part of a picture an operator means, and how a camera's settings read. Pure; shares are 0..1 of the picture.

import type { CameraRole, CameraSetting, DeskCall, Region } from "../protocol";
import { underneath, type Stand } from "./hand";

export const WHOLE: Region = { left: 0, top: 0, side: 1 };

/** The smallest part that a terminal shows, as the protocol has it. */
export const LEAST_SIDE = 0.25;

export function whole(region: Region): boolean {
  return region.side >= 1;
}

/** The part of the camera's whole picture that stands in the middle of the screen now; `shown` is the part that is
 *  received. Null while there is no picture, and when it cannot become smaller. */
export function partInSight(stand: Stand, shown: Region): Region | null {
  const centre = underneath({ x: stand.box.width / 2, y: stand.box.height / 2 }, stand);
  if (!centre || stand.zoom <= 1 || shown.side <= LEAST_SIDE) return null;
  const side = Math.max(1 / stand.zoom, LEAST_SIDE / shown.side);
  const start = (middle: number) => Math.min(1 - side, Math.max(0, middle - side / 2));
  return {
    left: rounded(shown.left + start(centre[0]) * shown.side),
    top: rounded(shown.top + start(centre[1]) * shown.side),
    side: rounded(Math.max(LEAST_SIDE, shown.side * side)),
  };
}

/** Finer than any pixel, short on the wire. */
function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

/** Everything that decides where a place of the paper is in its picture: when it changes, ink no longer fits. */
export function lie(setting: CameraSetting): string {
  return [setting.turned, setting.source, ...Object.values(setting.region)].join(" ");
}

export function changed(setting: CameraSetting): boolean {
  return setting.turned !== 0 || !whole(setting.region) || setting.focus_held || setting.exposure !== 0;
}

/** What a camera can do, as its terminal says. */
export function can(call: Pick<DeskCall, "devices"> | null, camera: CameraRole, what: "focus" | "exposure"): boolean {
  return call?.devices.find((device) => device.name === camera)?.can.includes(what) ?? false;
}

/** The id of the attached camera that serves a role. */
export function sourceOf(call: Pick<DeskCall, "presentation">, camera: CameraRole): string {
  return call.presentation.cameras[camera].source || camera;
}

export const DEVICE_WORDS: Record<string, string> = {
  closed: "閉じています", starting: "準備中", live: "動作中", stale: "映像が止まっています", lost: "使えません",
};

/** Half stops as an operator reads them. */
export function exposureWords(steps: number): string {
  return steps === 0 ? "自動" : steps > 0 ? `+${steps}` : `−${-steps}`;
}

export function focusWords(setting: CameraSetting): string {
  if (!setting.focus_held) return "自動";
  const step = setting.focus_step;
  return step === 0 ? "固定" : step > 0 ? `固定 近く${step}` : `固定 遠く${-step}`;
}
