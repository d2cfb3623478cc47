// Calls back about four times a second, in the background too. The returned function ends it.

export function everyBeat(beat: () => void): () => void {
  const worker = new Worker(new URL("./ticker.worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = beat;
  return () => worker.terminate();
}
