// The steps against harassment as the panel offers them: only what may be pressed next, each to be pressed twice.

import type { Conduct, ConductStep } from "../protocol";

export interface Offered {
  step: ConductStep;
  words: string;
  /** What will happen, read before the second press. */
  sure: string;
}

const WARN: Offered = { step: "warn", words: "1. 注意の文を出す", sure: "お客様の画面に「おだやかな言葉で、お話をお願いします」と出ます。" };
const CALL: Offered = { step: "call_supervisor", words: "2. 管理者を呼ぶ", sure: "この自治体の管理者の画面に、窓口とあなたの名前が出ます。" };
const END: Offered = { step: "end", words: "3. 記録して終了する", sure: "通話が終わり、迷惑行為のために終えたことが記録に残ります。" };
const BACK: Offered = { step: "withdraw", words: "おさまったので取り消す", sure: "お客様の画面の文と、管理者への呼び出しが消えます。" };

export function offered(now: Conduct): readonly Offered[] {
  switch (now) {
    case "fine":
      return [WARN];
    case "warned":
      return [CALL, END, BACK];
    case "supervisor":
      return [END, BACK];
    default:
      return [];
  }
}

/** What has been done so far. */
export const CONDUCT_WORDS: Record<Conduct, string> = {
  fine: "", warned: "注意の文を出しています", supervisor: "注意の文を出し、管理者を呼んでいます", ended: "記録して終了しました",
};
