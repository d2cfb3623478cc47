// Decides which word is taken, kept, said again or given up on a link that outlives its sockets: the twin of
// `protocol/delivery.py`, where it is explained, held to the same cases (tests/protocol/delivery.json).
// Never opens a socket, reads no clock, knows no message.

/** What one end keeps for the other: so many words, of so many bytes, for so long without a socket. */
export const WORDS = 512;
export const BYTES = 1024 * 1024;
export const WINDOW_MS = 120_000;

/** Types that carry no number: they belong to one socket, or the next one of their kind replaces them. */
export const OUTSIDE: ReadonlySet<string> = new Set([
  "challenge", "hello", "welcome", "desk_hello", "desk_welcome", "guest_hello", "guest_welcome",
  "ping", "pong", "going_away", "pointer", "ink", "media_report", "wallboard",
]);

/** Types that the hub passes on and never writes: not repeated after a new beginning, where it would not know them again. */
export const PASSED_ON: ReadonlySet<string> = new Set(["answer", "candidate", "renew", "ink_clear", "reply"]);

export type State = "new" | "carried" | "away";
type Event = "begun" | "lost" | "resumed" | "broken";
export type Heard = "outside" | "new" | "again" | "gap";

export const TRANSITIONS: Record<State, Partial<Record<Event, State>>> = {
  new: { begun: "carried" },
  carried: { lost: "away", broken: "new" },
  away: { resumed: "carried", begun: "carried", broken: "new" },
};

/** A word that the hub is not known to have. */
export interface Kept<T> {
  readonly seq: number;
  readonly item: T;
  readonly size: number;
}

export class Delivery<T> {
  state: State = "new";
  /** All words of the hub up to here have had their effect with us. */
  taken = 0;
  private said = 0;
  private kept: Kept<T>[] = [];
  private bytes = 0;
  /** When the socket was lost (ms); null while there is one. */
  private awaySince: number | null = null;

  get nextSeq(): number {
    return this.said + 1;
  }

  /** Keeps a word of ours; gives its number. What is too much pushes out the oldest. */
  say(item: T, size: number): number {
    this.said += 1;
    this.kept.push({ seq: this.said, item, size });
    this.bytes += size;
    while (this.kept.length > WORDS || this.bytes > BYTES) this.dropOldest();
    return this.said;
  }

  /** What to do with a word of the hub, which has taken ours up to `ack`. */
  hear(seq: number, ack: number): Heard {
    this.acknowledged(ack);
    if (seq === 0) return "outside";
    if (seq <= this.taken) return "again";
    if (seq === this.taken + 1) return "new";
    this.broken();
    return "gap";
  }

  took(seq: number): void {
    this.taken = Math.max(this.taken, seq);
  }

  /** A new socket and nothing in common; gives our words that were never acknowledged, to be said again under their ids. */
  begin(now: number, heard = 0): T[] {
    const unheard = this.keeps(now) ? this.kept.map((one) => one.item) : [];
    this.kept = [];
    this.bytes = this.said = 0;
    this.taken = heard;
    this.move("begun");
    this.awaySince = null;
    return unheard;
  }

  /** The socket is gone; every further loss before the next welcome changes nothing. */
  lost(now: number): void {
    this.awaySince ??= now;
    if (this.state === "carried") this.move("lost");
  }

  /** Whether what is said without a socket will still be worth saying over the next one. */
  keeps(now: number): boolean {
    return this.awaySince !== null && now - this.awaySince <= WINDOW_MS;
  }

  mayResume(now: number): boolean {
    return this.state === "away" && this.keeps(now);
  }

  /** A new socket, and the hub has taken our words up to `received`: what to send again. Null: only `begin` is left. */
  resume(received: number, now: number): readonly Kept<T>[] | null {
    const oldest = this.kept[0]?.seq ?? this.said + 1;
    if (!this.mayResume(now) || received < oldest - 1 || received > this.said) {
      this.broken();
      return null;
    }
    this.acknowledged(received);
    this.move("resumed");
    this.awaySince = null;
    return [...this.kept];
  }

  broken(): void {
    if (this.state !== "new") this.move("broken");
  }

  private acknowledged(ack: number): void {
    while (this.kept[0] && this.kept[0].seq <= ack) this.dropOldest();
  }

  private dropOldest(): void {
    this.bytes -= this.kept.shift()?.size ?? 0;
  }

  private move(event: Event): void {
    const next = TRANSITIONS[this.state][event];
    if (!next) throw new Error(`delivery: ${event} in ${this.state}`);
    this.state = next;
  }
}
