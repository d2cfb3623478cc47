// What this screen shows of the desk: layout, tab, zoom. Nothing here is known to the hub.

import { partInSight } from "../core/camera";
import type { CameraRole, Capture, DeskCall, Region } from "../protocol";

export type Layout = "both" | "face" | "paper";
export type Tab = "handbook" | "pages" | "captures" | "terminal" | "transfer";

/** A picture on this screen: the box that it is fitted into and its own size, in px. */
export interface Sizes {
  box: { width: number; height: number };
  picture: { width: number; height: number };
}

const NO_SIZE: Sizes = { box: { width: 0, height: 0 }, picture: { width: 0, height: 0 } };

const ZOOM_STEP = 1.25;
const ZOOM_MOST = 5;
const CAPTIONS_KEPT = 20;

class View {
  layout = $state<Layout>("both");
  tab = $state<Tab>("handbook");
  zoom = $state<Record<CameraRole, number>>({ face: 1, document: 1 });
  /** Quarters by which a stored still is turned here; the moving picture is turned by its camera, for both sides. */
  turn = $state<Record<CameraRole, number>>({ face: 0, document: 0 });
  /** Kept by the pictures themselves. */
  sizes: Record<CameraRole, Sizes> = { face: NO_SIZE, document: NO_SIZE };
  /** A part that the terminal has been asked to show, since this revision: until it does, the zoom here stays. */
  private cutting: { camera: CameraRole; revision: number } | null = null;
  /** Where the zoomed picture is moved to, in shares of the picture. */
  pan = $state<Record<CameraRole, { x: number; y: number }>>({ face: { x: 0, y: 0 }, document: { x: 0, y: 0 } });
  /** A stored still that stands in the place of its camera's picture. */
  still = $state.raw<{ camera: CameraRole; capture: string } | null>(null);
  ending = $state(false);
  help = $state(false);
  settings = $state(false);
  /** The panel from which staff of the branch or a supervisor are called. */
  aid = $state(false);
  /** The panel from which family or an interpreter is invited. */
  company = $state(false);
  /** Page and sheet that the operator looks at before she shows them. */
  page = $state("");
  sheet = $state(0);
  /** The canned phrases that stand at the keys now. */
  phrases: readonly string[] = [];
  /** Captions of this call, newest first: to write on, and to send again. */
  captions = $state<string[]>([]);

  /** The picture that a key means: the large one, or the paper beside the face. */
  get camera(): CameraRole {
    return this.layout === "face" ? "face" : "document";
  }

  zoomBy(camera: CameraRole, direction: 1 | -1): void {
    const zoom = this.zoom[camera] * (direction > 0 ? ZOOM_STEP : 1 / ZOOM_STEP);
    this.zoom[camera] = Math.min(ZOOM_MOST, Math.max(1, zoom));
    this.moveBy(camera, 0, 0);
  }

  rotate(camera: CameraRole): void {
    this.turn[camera] = (this.turn[camera] + 90) % 360;
  }

  /** Moves a zoomed picture, never beyond its edge. */
  moveBy(camera: CameraRole, x: number, y: number): void {
    const most = (this.zoom[camera] - 1) / 2;
    const held = (value: number) => Math.min(most, Math.max(-most, value));
    this.pan[camera] = { x: held(this.pan[camera].x + x), y: held(this.pan[camera].y + y) };
  }

  /** The part of the camera's picture that is in sight here; null when it is all that is received. */
  part(camera: CameraRole, shown: Region): Region | null {
    const stand = { ...this.sizes[camera], zoom: this.zoom[camera], turned: 0, pan: this.pan[camera] };
    return partInSight(stand, shown);
  }

  /** The terminal is asked to show the part in sight. */
  cut(camera: CameraRole, call: DeskCall): void {
    this.cutting = { camera, revision: call.presentation.revision };
  }

  /** What the hub has said of the call: once the terminal shows the part, it needs no zoom here. */
  follow(call: DeskCall): void {
    const cutting = this.cutting;
    if (!cutting || call.presented <= cutting.revision) return;
    this.cutting = null;
    this.straighten(cutting.camera);
  }

  straighten(camera: CameraRole): void {
    this.zoom[camera] = 1;
    this.turn[camera] = 0;
    this.pan[camera] = { x: 0, y: 0 };
  }

  /** Looks at a stored still, large; the same again goes back to the moving picture. */
  look(capture: Capture): void {
    if (this.still?.capture === capture.id) return this.unlook();
    const camera = capture.kind === "id_photo" ? "face" : "document";
    this.straighten(camera);
    this.still = { camera, capture: capture.id };
    this.layout = camera === "face" ? "face" : "paper";
  }

  unlook(): void {
    if (this.still) this.straighten(this.still.camera);
    this.still = null;
  }

  remember(caption: string): void {
    if (caption) this.captions = [caption, ...this.captions.filter((c) => c !== caption)].slice(0, CAPTIONS_KEPT);
  }

  /** A new call begins: nothing of the last one remains. */
  fresh(): void {
    this.layout = "both";
    this.tab = "handbook";
    this.ending = this.help = this.settings = this.aid = this.company = false; // the handbook of the new call lies open
    this.still = null;
    this.page = "";
    this.sheet = 0;
    this.captions = [];
    this.cutting = null;
    this.straighten("face");
    this.straighten("document");
  }
}

export const view = new View();
