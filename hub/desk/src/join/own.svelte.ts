// A guest's own microphone, and the camera if wanted: opened on a press, closed with the call.

import { bar, level } from "../core/devices";

export type Trouble = "" | "refused" | "missing" | "insecure";

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 24 }, facingMode: "user" };

export class Own {
  microphone = $state.raw<MediaStreamTrack | null>(null);
  camera = $state.raw<MediaStreamTrack | null>(null);
  trouble = $state<Trouble>("");
  /** By the guest's own choice. */
  muted = $state(false);
  /** The guest wants the camera on. */
  wanted = $state(false);
  /** Level of the microphone as a share of the bar, 0..1. */
  meter = $state(0);
  /** Called whenever a track has changed. */
  changed: () => void = () => {};

  private hushed = true;
  /** On a track of its own: the bar moves while nobody may hear. */
  private ear: { analyser: AnalyserNode; context: AudioContext; track: MediaStreamTrack } | null = null;
  private readonly samples = new Float32Array(1024);

  /** Whether there is a microphone now. What is open stays open. */
  async open(camera: boolean): Promise<boolean> {
    this.wanted = camera;
    if (this.microphone?.readyState !== "live") this.hear(await this.take({ audio: SOUND }));
    if (camera) await this.look();
    this.changed();
    return this.microphone !== null;
  }

  mute(on: boolean): void {
    this.muted = on;
    this.apply();
  }

  /** Nobody may hear this guest now, whatever the operator's browser does with the voice. */
  hush(on: boolean): void {
    this.hushed = on;
    this.apply();
  }

  async useCamera(on: boolean): Promise<void> {
    this.wanted = on;
    if (on) await this.look();
    else this.dark();
    this.changed();
  }

  /** Every beat. */
  measure(): void {
    if (!this.ear) return;
    this.ear.analyser.getFloatTimeDomainData(this.samples);
    this.meter = bar(level(this.samples));
  }

  close(): void {
    this.hear(null);
    this.dark();
    this.changed();
  }

  private async look(): Promise<void> {
    if (this.camera?.readyState === "live") return;
    const trouble = this.trouble;
    this.camera = await this.take({ video: PICTURE });
    this.trouble = trouble; // a missing camera keeps nobody out
    this.wanted = this.camera !== null;
  }

  private dark(): void {
    this.camera?.stop();
    this.camera = null;
  }

  private async take(what: MediaStreamConstraints): Promise<MediaStreamTrack | null> {
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "Insecure");
      const stream = await navigator.mediaDevices.getUserMedia(what);
      this.trouble = "";
      return stream.getTracks()[0] ?? null;
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      this.trouble = name === "Insecure" ? "insecure" : name === "NotAllowedError" || name === "SecurityError" ? "refused" : "missing";
      return null;
    }
  }

  private hear(track: MediaStreamTrack | null): void {
    this.microphone?.stop();
    this.ear?.track.stop();
    void this.ear?.context.close();
    this.ear = null;
    this.meter = 0;
    this.microphone = track;
    if (!track) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    const heard = track.clone();
    context.createMediaStreamSource(new MediaStream([heard])).connect(analyser);
    this.ear = { analyser, context, track: heard };
    this.apply();
  }

  private apply(): void {
    if (this.microphone) this.microphone.enabled = !this.muted && !this.hushed;
  }
}
