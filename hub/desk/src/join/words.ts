// Every sentence of a guest's page, in Japanese and English: interpreters read it too.

import type { Refusal } from "../core/visit";

export type Language = "ja" | "en";

const JA = {
  other: "English",
  title: "窓口の通話に参加",
  code_title: "参加コードを入れてください",
  code_help: "オペレーターから聞いた12桁の数字です。",
  code_label: "参加コード(12桁)",
  code_wrong: "12桁の数字を入れてください。",
  code_go: "次へ",
  opening: "つないでいます…",
  welcome_title: "{town}の窓口です",
  welcome_family: "いま窓口にいるご家族の通話に、声で参加できます。",
  welcome_interpreter: "いま窓口にいる方の通話に、通訳として参加できます。",
  welcome_how: "名前を入れて「参加を申し込む」を押すと、待合に入ります。オペレーターがお客様に確かめてから、通話につなぎます。",
  welcome_privacy: "名前は、窓口の画面に出ます。録音や録画はしません。",
  name_label: "お名前",
  name_wanted: "お名前を入れてください。",
  camera_label: "カメラも使う(顔はオペレーターだけに見えます)",
  ask: "参加を申し込む",
  asking: "申し込んでいます…",
  microphone_refused: "マイクを使えません。ブラウザの設定でこのページのマイクを許可してから、もう一度押してください。",
  microphone_missing: "マイクが見つかりません。別の端末で試すか、オペレーターに伝えてください。",
  microphone_insecure: "この接続ではマイクを使えません。https:// で始まるアドレスで開き直してください。",
  again: "もう一度ためす",
  lobby_title: "待合でお待ちください",
  lobby_text: "オペレーターがお客様に確かめています。つながるまで、この画面を開いたままにしてください。",
  microphone_works: "マイクは使えます",
  inside_title: "通話中",
  sees_resident: "窓口の方の映像",
  sees_operator: "オペレーター {name}の映像",
  paused: "少々お待ちください。いまは、おたがいの声は聞こえません。",
  muted: "オペレーターがマイクを切っています。話は聞こえます。",
  reconnecting: "つなぎ直しています…",
  mute: "マイクを切る",
  unmute: "マイクを入れる",
  camera_on: "カメラを使う",
  camera_off: "カメラを切る",
  leave: "退出する",
  leave_sure: "もう一度押すと退出します",
  over_title: "通話は終わりました",
  over_text: "このページは閉じてかまいません。",
  elsewhere: "この通話は、別の画面で開かれています。続けるときは、そちらを使ってください。",
  outdated: "ページが古くなっています。開き直してください。",
  reload: "開き直す",
  help_title: "うまくいかないとき",
  help: [
    "声が届かない:端末の音量と、ブラウザのマイクの許可を確かめてください。",
    "電話が鳴ったり画面が消えたりしても、60秒以内に戻れば続けられます。",
    "LINEなどの中で開いてマイクが使えないときは、SafariやChromeで開き直してください。",
    "話してはいけないことがあるときは、オペレーターに言えば、待合に戻れます。",
  ],
  refusals: {
    unknown_code: "この参加コードは使えません。数字を確かめてください。",
    slow_down: "続けて違うコードが入りました。1分ほど待ってから、もう一度お試しください。",
    used_code: "この参加コードは、もう使われています。オペレーターに新しいコードを頼んでください。",
    expired_code: "この参加コードは期限が切れました。オペレーターに新しいコードを頼んでください。",
    withdrawn_code: "この参加コードは取り消されました。",
    call_over: "通話は終わりました。",
    left: "通話から退出しました。",
    removed: "オペレーターが参加を終了しました。",
  } satisfies Record<Refusal, string>,
};

export type Words = typeof JA;

const EN: Words = {
  other: "日本語",
  title: "Join a call at a service counter",
  code_title: "Enter your code",
  code_help: "The 12 digits that the operator told you.",
  code_label: "Code (12 digits)",
  code_wrong: "Enter the 12 digits.",
  code_go: "Next",
  opening: "Connecting…",
  welcome_title: "Service counter of {town}",
  welcome_family: "Your relative is at the counter now. You can join the call by voice.",
  welcome_interpreter: "A resident is at the counter now. You can join the call as an interpreter.",
  welcome_how: "Enter your name and ask to join. You then wait until the operator has asked the resident and lets you in.",
  welcome_privacy: "Your name is shown on the screen at the counter. Nothing is recorded.",
  name_label: "Your name",
  name_wanted: "Enter your name.",
  camera_label: "Use my camera too (only the operator sees me)",
  ask: "Ask to join",
  asking: "Asking…",
  microphone_refused: "The microphone is blocked. Allow it for this page in your browser's settings, then try again.",
  microphone_missing: "No microphone was found. Try another device, or tell the operator.",
  microphone_insecure: "The microphone cannot be used on this connection. Open the page by its https:// address.",
  again: "Try again",
  lobby_title: "Please wait",
  lobby_text: "The operator is asking the resident. Keep this page open until you are let in.",
  microphone_works: "Your microphone works",
  inside_title: "You are in the call",
  sees_resident: "The resident at the counter",
  sees_operator: "The operator, {name}",
  paused: "Please hold. Nobody hears anybody at the moment.",
  muted: "The operator has muted you. You can still hear.",
  reconnecting: "Reconnecting…",
  mute: "Mute",
  unmute: "Unmute",
  camera_on: "Use camera",
  camera_off: "Stop camera",
  leave: "Leave",
  leave_sure: "Press again to leave",
  over_title: "The call is over",
  over_text: "You can close this page.",
  elsewhere: "This call is open on another page. Continue there.",
  outdated: "This page is out of date. Please reload it.",
  reload: "Reload",
  help_title: "If something does not work",
  help: [
    "Nobody hears you: check the volume and whether this page may use the microphone.",
    "If a phone call or a dark screen interrupts you, come back within 60 seconds to go on.",
    "If you opened the link inside another app and the microphone fails, open it in Safari or Chrome.",
    "If you must not hear something, tell the operator: you can wait outside for a while.",
  ],
  refusals: {
    unknown_code: "This code does not work. Check the digits.",
    slow_down: "Too many wrong codes. Wait a minute, then try again.",
    used_code: "This code has been used already. Ask the operator for a new one.",
    expired_code: "This code has expired. Ask the operator for a new one.",
    withdrawn_code: "This code was withdrawn.",
    call_over: "The call is over.",
    left: "You have left the call.",
    removed: "The operator has ended your part in the call.",
  },
};

const ALL: Record<Language, Words> = { ja: JA, en: EN };

/** The words of a language; English for whoever's browser does not speak Japanese. */
export function words(language: Language): Words {
  return ALL[language];
}

export function preferred(languages: readonly string[]): Language {
  return languages.some((one) => one.toLowerCase().startsWith("ja")) ? "ja" : "en";
}

/** A sentence with its places filled. */
export function filled(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, key: string) => values[key] ?? place);
}
