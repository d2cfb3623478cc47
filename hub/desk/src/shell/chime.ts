// The desk's sounds, made on the spot: the ring and the test tone. A browser keeps them silent until the first key or click.

let context: AudioContext | null = null;

function audio(): AudioContext {
  context ??= new AudioContext();
  return context;
}

/** Call on any key or click: from then on the ring can be heard. */
export async function wake(): Promise<void> {
  if (audio().state === "suspended") await audio().resume();
}

/** Whether a ring would be heard now. */
export function awake(): boolean {
  return context?.state === "running";
}

/** Sends the sounds to a chosen output; false where the browser cannot. */
export async function toSpeaker(device: string): Promise<boolean> {
  const found = audio() as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  if (!found.setSinkId) return device === "";
  try {
    await found.setSinkId(device);
    return true;
  } catch {
    return false;
  }
}

/** One note: two partials with a soft beginning and a long end, like a struck bar. */
function note(frequency: number, at: number, length: number, volume: number): void {
  const sound = audio();
  const gain = sound.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.0008, at + length);
  gain.connect(sound.destination);
  for (const [ratio, share] of [[1, 1], [2.76, 0.18]] as const) {
    const tone = sound.createOscillator();
    const part = sound.createGain();
    part.gain.value = share;
    tone.frequency.value = frequency * ratio;
    tone.connect(part).connect(gain);
    tone.start(at);
    tone.stop(at + length);
  }
}

/** The ring once: a rising call of three notes, 1.4 s. Repeat it about every 3 s. */
export function ring(volume: number): void {
  if (!awake()) return;
  const start = audio().currentTime + 0.02;
  [587.33, 783.99, 987.77].forEach((frequency, n) => note(frequency, start + n * 0.16, 0.9, 0.4 * volume));
}

/** The branch's bell once: two struck notes, lower than a desk's ring, 1.5 s. Repeat it about every 2 s. */
export function bell(volume: number): void {
  if (!awake()) return;
  const start = audio().currentTime + 0.02;
  note(698.46, start, 1.1, 0.55 * volume);
  note(554.37, start + 0.42, 1.3, 0.55 * volume);
}

/** The end of a break: one soft, low note. */
export function remind(volume: number): void {
  if (awake()) note(392, audio().currentTime + 0.02, 1.2, 0.35 * volume);
}

/** The speaker test: low, then high, 1.2 s. */
export async function testTone(volume: number): Promise<void> {
  await wake();
  const start = audio().currentTime + 0.02;
  note(440, start, 0.6, 0.5 * volume);
  note(880, start + 0.5, 0.7, 0.4 * volume);
}

/** An analyser on a stream's sound; the returned function lets go of it. */
export function listen(stream: MediaStream): { analyser: AnalyserNode; release: () => void } {
  const source = audio().createMediaStreamSource(stream);
  const analyser = audio().createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  return { analyser, release: () => source.disconnect() };
}
