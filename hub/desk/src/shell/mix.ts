// Mixes voices into one track with WebAudio: what a third party of a call hears.

export class Mix {
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
