// Mixes voices into one track with WebAudio for each listener of a call in which more than two talk.

class Mix {
  private context: AudioContext | null = null;
  private out: MediaStreamAudioDestinationNode | null = null;
  private inputs: { track: MediaStreamTrack; node: MediaStreamAudioSourceNode }[] = [];

  /** One track that carries all of these; the same track while the voices change. */
  of(tracks: readonly (MediaStreamTrack | null | undefined)[]): MediaStreamTrack | null {
    this.context ??= new AudioContext();
    void this.context.resume().catch(() => {});
    this.out ??= this.context.createMediaStreamDestination();
    const wanted = tracks.filter((track): track is MediaStreamTrack => Boolean(track));
    for (const { track, node } of this.inputs) if (!wanted.includes(track)) node.disconnect();
    this.inputs = this.inputs.filter(({ track }) => wanted.includes(track));
    for (const track of wanted) {
      if (this.inputs.some((input) => input.track === track)) continue;
      const node = this.context.createMediaStreamSource(new MediaStream([track]));
      node.connect(this.out);
      this.inputs.push({ track, node });
    }
    return this.out.stream.getAudioTracks()[0] ?? null;
  }

  close(): void {
    for (const { node } of this.inputs) node.disconnect();
    this.inputs = [];
    void this.context?.close().catch(() => {});
    this.context = this.out = null;
  }
}

/** One mix a listener. */
export class Mixes {
  private readonly mixes = new Map<string, Mix>();

  /** One track that carries all of these voices; the same track for this listener while the voices change. */
  of(listener: string, voices: readonly (MediaStreamTrack | null | undefined)[]): MediaStreamTrack | null {
    let mix = this.mixes.get(listener);
    if (!mix) this.mixes.set(listener, (mix = new Mix()));
    return mix.of(voices);
  }

  drop(listener: string): void {
    this.mixes.get(listener)?.close();
    this.mixes.delete(listener);
  }

  /** Lets go of what is mixed for anybody else. */
  keep(listeners: readonly string[]): void {
    for (const listener of [...this.mixes.keys()]) if (!listeners.includes(listener)) this.drop(listener);
  }
}
