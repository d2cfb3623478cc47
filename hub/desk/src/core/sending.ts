// Decides how much of the operator's own picture is sent, so that her voice reaches the resident on any line.
// Down when the line has been bad for a moment, up when it is good; what did not last is tried later each time.
// Never touches a sender or a clock.

/** full: as the camera gives it. small, tiny: fewer and smaller pictures. voice: sound alone. */
export type Level = "full" | "small" | "tiny" | "voice";

/** What a sender is told: RTCRtpEncodingParameters of the operator's face. */
export interface Encoding {
  active: boolean;
  maxBitrate: number;
  maxFramerate: number;
  scaleResolutionDownBy: number;
}

export const ENCODINGS: Record<Level, Encoding> = {
  full: { active: true, maxBitrate: 700_000, maxFramerate: 24, scaleResolutionDownBy: 1 },
  small: { active: true, maxBitrate: 250_000, maxFramerate: 15, scaleResolutionDownBy: 2 },
  tiny: { active: true, maxBitrate: 90_000, maxFramerate: 6, scaleResolutionDownBy: 4 },
  voice: { active: false, maxBitrate: 90_000, maxFramerate: 6, scaleResolutionDownBy: 4 },
};

const LEVELS: readonly Level[] = ["full", "small", "tiny", "voice"];
/** What a level needs of the line, sound included (bit/s); below it the level is left. */
const NEED_BPS: Record<Level, number> = { full: 200_000, small: 120_000, tiny: 70_000, voice: 0 };
/** A level is climbed when the line carries this much more than it needs. */
const ROOM = 1.2;
const BAD_LOSS = 0.1;
/** With so much loss the voice is hardly understood: all pictures go at once. */
const HEAVY_LOSS = 0.3;
const CLEAN_LOSS = 0.03;
/** All in ms. */
export const FALL_MS = 1_000;
export const CLIMB_MS = 1_000;
export const TRY_MS = 5_000;
const FIRST_BACKOFF_MS = 5_000;
const LONGEST_BACKOFF_MS = 60_000;
/** A climb that lasts so long is no failure, and makes earlier ones forgotten. */
const PROVEN_MS = 30_000;

/** The line as it was just measured; null is unknown. */
export interface Outgoing {
  loss: number | null;
  audioLoss: number | null;
  availableBps: number | null;
}

export class Sending {
  level: Level = "full";
  private badSince: number | null = null;
  private cleanSince: number | null = null;
  private sureSince: number | null = null;
  private climbedAt: number | null = null;
  private backoff = 0;

  /** One measure, about once a second; whether the level has changed. */
  handle(line: Outgoing, now: number): boolean {
    if (this.climbedAt !== null && now - this.climbedAt >= PROVEN_MS) this.backoff = 0;
    // Without pictures only sound is reported on: what was said of pictures before is old.
    const loss = this.level === "voice" ? line.audioLoss : line.loss;
    if (this.level !== "voice" && ((loss ?? 0) >= BAD_LOSS || (line.availableBps ?? Infinity) < NEED_BPS[this.level])) {
      this.cleanSince = this.sureSince = null;
      this.badSince ??= now;
      const steps = (loss ?? 0) >= HEAVY_LOSS ? LEVELS.length : 1;
      return now - this.badSince >= FALL_MS && this.step(steps, now);
    }
    this.badSince = null;
    const better = LEVELS[LEVELS.indexOf(this.level) - 1];
    const clean = better !== undefined && (loss ?? 0) <= CLEAN_LOSS;
    const sure = clean && (line.availableBps ?? Infinity) >= NEED_BPS[better] * ROOM;
    this.cleanSince = clean ? (this.cleanSince ?? now) : null;
    this.sureSince = sure ? (this.sureSince ?? now) : null;
    // A climb under way goes on; only its first step waits for what failed before.
    const backoff = this.climbedAt === null ? this.backoff : 0;
    const due = (since: number | null, wait: number) => since !== null && now - since >= Math.max(wait, backoff);
    return (due(this.sureSince, CLIMB_MS) || due(this.cleanSince, TRY_MS)) && this.step(-1, now);
  }

  /** Another call: nothing is known of its line. */
  reset(): void {
    this.level = "full";
    this.badSince = this.cleanSince = this.sureSince = this.climbedAt = null;
    this.backoff = 0;
  }

  private step(by: number, now: number): boolean {
    if (by > 0 && this.climbedAt !== null && now - this.climbedAt < PROVEN_MS) {
      this.backoff = Math.min(LONGEST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, 2 * this.backoff));
    }
    this.badSince = this.cleanSince = this.sureSince = null;
    this.climbedAt = by < 0 ? now : null;
    this.level = LEVELS[Math.min(LEVELS.indexOf(this.level) + by, LEVELS.length - 1)] ?? this.level;
    return true;
  }
}
