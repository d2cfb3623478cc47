// The desk's keys in one table, and which of them a key press means. Never acts; never meant while composing Japanese.

/** Where a key is alive. */
export type Scene = "any" | "ring" | "idle" | "call" | "wrap_up" | "monitor";

export interface Shortcut {
  action: Action;
  /** `KeyboardEvent.key`, lower case for letters. Function keys work everywhere, others with Alt inside fields. */
  key: string;
  /** As it stands on the button. */
  label: string;
  words: string;
  scene: Scene;
}

export type Action =
  | "accept" | "decline" | "end" | "presence" | "mute"
  | "both" | "face" | "paper" | "freeze" | "still" | "photo" | "rotate" | "look" | "zoom_in" | "zoom_out" | "zoom_reset"
  | "pan_left" | "pan_right" | "pan_up" | "pan_down"
  | "point" | "pen" | "ink_clear"
  | "cut" | "focus_hold" | "farther" | "nearer" | "darker" | "lighter" | "camera_reset" | "quieter" | "louder"
  | "handbook" | "search" | "pages" | "captures" | "terminal" | "caption"
  | "sheet_next" | "sheet_back" | "page_hide" | "focus_operator" | "focus_paper" | "focus_page"
  | "phrase_1" | "phrase_2" | "phrase_3" | "phrase_4" | "phrase_5" | "phrase_6"
  | "hold" | "transfer" | "join" | "hand_over" | "take_back" | "save" | "aid" | "company" | "admit" | "help" | "settings"
  | "join_wanted" | "listen" | "whisper" | "barge" | "leave_monitor";

const row = (action: Action, key: string, scene: Scene, words: string, label = key.toUpperCase()): Shortcut =>
  ({ action, key, label, words, scene });

/** No key stands twice in one scene; Alt+D, E and F belong to the browser, so no letter here is one of them. */
export const SHORTCUTS: readonly Shortcut[] = [
  row("accept", "F2", "ring", "応対する"),
  row("decline", "F8", "ring", "見送る"),
  row("presence", "a", "idle", "受付可/離席を切り替える"),
  row("mute", "m", "call", "マイクを切る/入れる"),
  row("hold", "F10", "call", "保留する/保留を解除する"),
  row("transfer", "F3", "call", "転送を開く"),
  row("join", "@", "call", "相談中: 三人で話す/お客様に待っていただく"),
  row("hand_over", "^", "call", "相談中: 担当者に引き継ぐ"),
  row("take_back", ":", "call", "呼出中・相談中: 取り消して通話を引き取る"),
  row("end", "F9", "call", "通話を終了する"),
  row("both", "1", "call", "顔と書類を並べる"),
  row("face", "2", "call", "顔を大きく"),
  row("paper", "3", "call", "書類を大きく"),
  row("freeze", "z", "call", "静止する/動かす"),
  row("still", "s", "call", "書類を撮影する"),
  row("photo", "p", "call", "証明写真を撮影する"),
  row("look", "v", "call", "撮影した画像と映像を切り替える"),
  row("point", "t", "call", "書類を指し示す/やめる"),
  row("pen", "w", "call", "書類に書き込む/やめる"),
  row("ink_clear", "l", "call", "書き込みを消す"),
  row("zoom_in", "+", "call", "拡大(こちらだけ)"),
  row("zoom_out", "-", "call", "縮小(こちらだけ)"),
  row("pan_left", "ArrowLeft", "call", "拡大した映像の左を見る", "←"),
  row("pan_right", "ArrowRight", "call", "拡大した映像の右を見る", "→"),
  row("pan_up", "ArrowUp", "call", "拡大した映像の上を見る", "↑"),
  row("pan_down", "ArrowDown", "call", "拡大した映像の下を見る", "↓"),
  row("zoom_reset", "0", "call", "拡大を戻す"),
  row("cut", "q", "call", "拡大した所だけを映す/全体を映す(お客様の画面も)"),
  row("rotate", "r", "call", "書類を回す(お客様の画面も)"),
  row("focus_hold", "y", "call", "ピントを固定する/自動にする"),
  row("farther", "[", "call", "ピントを遠くへ"),
  row("nearer", "]", "call", "ピントを近くへ"),
  row("darker", ",", "call", "映像を暗く"),
  row("lighter", ".", "call", "映像を明るく"),
  row("camera_reset", "\\", "call", "カメラの調整をすべて戻す", "¥"),
  row("quieter", "<", "call", "端末の音量を下げる"),
  row("louder", ">", "call", "端末の音量を上げる"),
  row("caption", "c", "call", "字幕を書く"),
  row("phrase_1", "4", "call", "定型文 1"),
  row("phrase_2", "5", "call", "定型文 2"),
  row("phrase_3", "6", "call", "定型文 3"),
  row("phrase_4", "7", "call", "定型文 4"),
  row("phrase_5", "8", "call", "定型文 5"),
  row("phrase_6", "9", "call", "定型文 6"),
  row("sheet_next", "n", "call", "案内画面を次へ"),
  row("sheet_back", "b", "call", "案内画面を前へ"),
  row("page_hide", "x", "call", "案内画面を下げる"),
  row("focus_operator", "o", "call", "端末にオペレーターを大きく"),
  row("focus_paper", "u", "call", "端末に書類を大きく"),
  row("focus_page", "i", "call", "端末に案内画面を大きく"),
  row("handbook", "h", "any", "手引きを開く"),
  row("search", "/", "any", "手引きと案内の中を探す"),
  row("pages", "g", "any", "案内を開く"),
  row("captures", "k", "any", "撮影を開く"),
  row("terminal", "j", "any", "端末を開く"),
  row("save", "F2", "wrap_up", "応対結果を保存する"),
  row("aid", "F6", "call", "応援を呼ぶ(窓口の職員、迷惑行為)"),
  row("company", "F7", "call", "家族・通訳を呼ぶ"),
  row("admit", "a", "call", "待っている家族・通訳を通話に入れる"),
  row("join_wanted", "F7", "idle", "管理者を呼んでいる通話に参加する"),
  row("listen", "1", "monitor", "聞く(だれにも聞こえない)"),
  row("whisper", "2", "monitor", "ささやく(オペレーターだけに聞こえる)"),
  row("barge", "3", "monitor", "割り込む(お客様にも聞こえる)"),
  row("leave_monitor", "F9", "monitor", "モニタリングを終える"),
  row("help", "?", "any", "キーの一覧"),
  row("settings", "F4", "any", "設定"),
];

/** What matters of a key press; `KeyboardEvent` fits. */
export interface Press {
  key: string;
  code: string;
  keyCode: number;
  isComposing: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}

const REPEATS: ReadonlySet<Action> = new Set<Action>([
  "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down",
]);

/**
 * The action of a key press in `scene`, or null.
 * `typing`: the focus is in a field. `letters`: single keys are switched on (they may be switched off in the settings).
 */
export function actionOf(press: Press, scene: Scene, typing: boolean, letters: boolean): Action | null {
  if (press.isComposing || press.keyCode === 229 || press.key === "Process") return null;
  if (press.ctrlKey || press.metaKey) return null;
  const functionKey = /^F\d+$/.test(press.key);
  if (!functionKey && !press.altKey && (typing || !letters)) return null;
  if (functionKey && press.altKey) return null;
  const key = keyOf(press);
  const found = SHORTCUTS.find((s) => s.key === key && (s.scene === scene || s.scene === "any"));
  if (!found || (press.repeat && !REPEATS.has(found.action))) return null;
  return found.action;
}

/** Alt changes `key` on some keyboards, so letters and digits are then taken from the position. */
function keyOf(press: Press): string {
  if (press.altKey) {
    const position = /^(?:Key|Digit)(.)$/.exec(press.code)?.[1];
    if (position) return position.toLowerCase();
  }
  if (press.key === ";" || press.key === "=") return "+"; // the plus key without Shift, Japanese and US layout
  if (press.key === "¥") return "\\"; // the same key of a Japanese keyboard, by system
  return press.key.length === 1 ? press.key.toLowerCase() : press.key;
}

/** What stands on the button of an action; empty when it has no key. */
export function keyLabel(action: Action): string {
  return SHORTCUTS.find((s) => s.action === action)?.label ?? "";
}
