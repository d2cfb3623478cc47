// What to tell an operator about her own camera and microphone. Knows the browser's error names, asks no device.

export interface Trouble {
  /** What is wrong, in one sentence. */
  what: string;
  /** What she can do about it. */
  todo: string;
}

const PARTS = { camera: "カメラ", microphone: "マイク" } as const;

/** Words for an error of getUserMedia (`DOMException.name`). */
export function trouble(part: keyof typeof PARTS, error: string): Trouble {
  const name = PARTS[part];
  switch (error) {
    case "NotAllowedError":
    case "SecurityError":
      return { what: `${name}の使用が許可されていません。`, todo: "アドレス欄の左のしるしを押し、許可してから「もう一度調べる」を押してください。" };
    case "NotFoundError":
    case "DevicesNotFoundError":
      return { what: `${name}が見つかりません。`, todo: "差し込みを確かめてから「もう一度調べる」を押してください。" };
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return { what: `${name}を開けません。ほかのアプリが使っています。`, todo: "ほかの会議アプリを閉じてから「もう一度調べる」を押してください。" };
    case "OverconstrainedError":
      return { what: `選んだ${name}が今はありません。`, todo: "別の機器を選んでください。" };
    case "Insecure":
      return { what: `この接続では${name}を使えません。`, todo: "https:// で始まるアドレスで開き直してください。管理者に伝えてください。" };
    default:
      return { what: `${name}を使えません(${error})。`, todo: "ブラウザを開き直しても同じなら、管理者に伝えてください。" };
  }
}

/** Below this level (0..1, root mean square) a microphone counts as without sound. */
export const SILENT_LEVEL = 0.004;

/** Root mean square of samples around 0, 0..1. */
export function level(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return samples.length ? Math.sqrt(sum / samples.length) : 0;
}

/** The level as a share of the bar (0..1), on a scale of -60 to 0 dB as ears hear it. */
export function bar(rms: number): number {
  const db = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, (db + 60) / 60));
}
