// The operator's own microphone and camera: opened once, kept over calls, reopened when a device is chosen or pulled.

import { level, SILENT_LEVEL, trouble, type Trouble } from "../core/devices";
import type { Own } from "../core/quality";
import * as chime from "./chime";
import { prefs } from "./prefs.svelte";

type Part = "microphone" | "camera";

/** As the terminal shows it: larger would only cost the terminal's processor. */
const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 24 } };
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
/** A microphone that gives exactly nothing for this long is unplugged or switched off (ms). */
const SILENT_AFTER_MS = 6_000;

class OwnMedia {
  microphone = $state.raw<MediaStreamTrack | null>(null);
  camera = $state.raw<MediaStreamTrack | null>(null);
  troubles = $state<Record<Part, Trouble | null>>({ microphone: null, camera: null });
  muted = $state(false);
  /** The operator said that she works without a camera. */
  withoutCamera = $state(false);
  /** Microphone level as a share of the bar, 0..1. */
  meter = $state(0);
  opening = $state(false);
  devices = $state.raw<MediaDeviceInfo[]>([]);
  /** Called whenever a track has changed. */
  changed: () => void = () => {};

  private heardAt = 0;
  private ear: { analyser: AnalyserNode; release: () => void } | null = null;
  private samples = new Float32Array(1024);
  private watching = false;

  /** Opens what is not open. Never throws: `troubles` says what is wrong. */
  async open(): Promise<void> {
    this.watch();
    this.opening = true;
    // One after the other: a refused camera must not take the microphone with it.
    if (!this.live("microphone")) await this.take("microphone");
    if (!this.live("camera") && !this.withoutCamera) await this.take("camera");
    this.opening = false;
    await this.list();
  }

  /** Changes to a device (`""`: the system's choice). */
  async choose(part: Part, device: string): Promise<void> {
    prefs.set(part, device);
    if (part === "camera") this.withoutCamera = false;
    await this.take(part);
    await this.list();
  }

  /** Says that the camera stays off. */
  goWithoutCamera(): void {
    this.withoutCamera = true;
    this.camera?.stop();
    this.camera = null;
    this.changed();
  }

  mute(on: boolean): void {
    this.muted = on;
    if (this.microphone) this.microphone.enabled = !on;
  }

  /** Every beat: the level and whether the microphone is alive. */
  measure(now: number): void {
    if (!this.ear) return;
    this.ear.analyser.getFloatTimeDomainData(this.samples);
    const rms = level(this.samples);
    this.meter = rms;
    if (rms > SILENT_LEVEL / 8 || this.muted || !chime.awake()) this.heardAt = now;
  }

  state(now: number): Own {
    const camera = this.live("camera") ? "live" : this.withoutCamera ? "declined" : "missing";
    if (!this.live("microphone")) return { microphone: "missing", camera };
    if (this.muted) return { microphone: "muted", camera };
    return { microphone: this.ear && now - this.heardAt > SILENT_AFTER_MS ? "silent" : "live", camera };
  }

  close(): void {
    this.ear?.release();
    this.ear = null;
    this.microphone?.stop();
    this.camera?.stop();
    this.microphone = this.camera = null;
  }

  private live(part: Part): boolean {
    return this[part]?.readyState === "live";
  }

  private async take(part: Part): Promise<void> {
    const wanted = prefs.values[part];
    const device = wanted ? { deviceId: { ideal: wanted } } : {};
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "Insecure");
      const stream = await navigator.mediaDevices.getUserMedia(
        part === "camera" ? { video: { ...CAMERA, ...device } } : { audio: { ...MICROPHONE, ...device } },
      );
      this.put(part, stream.getTracks()[0] ?? null);
      this.troubles[part] = null;
    } catch (error) {
      this.put(part, null);
      this.troubles[part] = trouble(part, error instanceof DOMException ? error.name : "Error");
    }
  }

  private put(part: Part, track: MediaStreamTrack | null): void {
    this[part]?.stop();
    this[part] = track;
    if (track) track.onended = () => void this.pulled(part, track);
    if (part === "microphone") this.hear(track);
    this.changed();
  }

  private hear(track: MediaStreamTrack | null): void {
    this.ear?.release();
    this.ear = track ? chime.listen(new MediaStream([track])) : null;
    this.heardAt = performance.now();
    if (track) track.enabled = !this.muted;
  }

  private async pulled(part: Part, track: MediaStreamTrack): Promise<void> {
    if (this[part] !== track) return;
    await this.take(part);
    await this.list();
  }

  private watch(): void {
    if (this.watching || !navigator.mediaDevices) return;
    this.watching = true;
    navigator.mediaDevices.addEventListener("devicechange", () => void this.replugged());
  }

  private async replugged(): Promise<void> {
    await this.list();
    if (!this.opening && (!this.live("microphone") || (!this.live("camera") && !this.withoutCamera))) await this.open();
  }

  private async list(): Promise<void> {
    try {
      this.devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    } catch {
      this.devices = [];
    }
  }
}

export const own = new OwnMedia();
