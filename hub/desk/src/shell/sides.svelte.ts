// The connections of this desk to other parties of a call, one `SideTalk` each, by the id of the connection.

import { SideTalk, type Outgoing, type SideSaid, type SideSend } from "./side.svelte";
import type { IceServer } from "../protocol";

/** A connection that should stand, and what this desk is in it. */
export interface Wanted {
  id: string;
  part: "origin" | "specialist";
  /** This page has just accepted: the offer is on its way. */
  fresh: boolean;
  /** With the paper. */
  papers: boolean;
  /** The other's voice is not played here. */
  silent: boolean;
}

export class Sides {
  private talks = $state.raw<ReadonlyMap<string, SideTalk>>(new Map());
  private speaker = "";
  /** Called when another voice is there. */
  heard: () => void = () => {};

  constructor(
    private readonly send: SideSend,
    private readonly ice: () => readonly IceServer[],
    private readonly outgoing: (id: string) => Outgoing,
  ) {}

  of(id: string): SideTalk | null {
    return this.talks.get(id) ?? null;
  }

  /** Begins what is new, ends what is not wanted any more. */
  follow(wanted: readonly Wanted[]): void {
    const ids = new Set(wanted.map((one) => one.id));
    if (wanted.some((one) => !this.talks.has(one.id)) || [...this.talks.keys()].some((id) => !ids.has(id))) {
      const kept = new Map([...this.talks].filter(([id]) => ids.has(id)));
      for (const [id, talk] of this.talks) if (!ids.has(id)) talk.follow(null);
      for (const { id, papers } of wanted) if (!kept.has(id)) kept.set(id, this.make(id, papers));
      this.talks = kept;
    }
    for (const { id, part, fresh, silent } of wanted) {
      this.talks.get(id)?.follow({ transfer: id, part, fresh });
      this.talks.get(id)?.silence(silent);
    }
  }

  hear(said: SideSaid): void {
    this.of(said.body.transfer)?.hear(said);
  }

  /** Puts the present tracks into every connection. */
  refresh(): void {
    for (const talk of this.talks.values()) void talk.refresh();
  }

  async toSpeaker(device: string): Promise<void> {
    this.speaker = device;
    for (const talk of this.talks.values()) await talk.toSpeaker(device);
  }

  private make(id: string, papers: boolean): SideTalk {
    const talk = new SideTalk(this.send, this.ice, () => this.outgoing(id), papers ? ["audio", "face", "document"] : ["audio", "face"]);
    talk.heard = () => this.heard();
    if (this.speaker) void talk.toSpeaker(this.speaker);
    return talk;
  }
}
