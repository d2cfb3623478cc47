// Stands in for the operator's own tracks while a resident is on hold: silence and black, so that the connection stays.

export class Quiet {
  on = false;
  private readonly standIns = new Map<MediaStreamTrack, MediaStreamTrack>();

  /** What may be sent in place of `track` now. */
  of(track: MediaStreamTrack | null): MediaStreamTrack | null {
    if (!this.on || !track) return track;
    const known = this.standIns.get(track);
    if (known) return known;
    const silent = track.clone();
    silent.enabled = false;
    this.standIns.set(track, silent);
    return silent;
  }

  /** Gives the stand-ins back; the next hold makes new ones. */
  rest(): void {
    for (const track of this.standIns.values()) track.stop();
    this.standIns.clear();
  }
}
