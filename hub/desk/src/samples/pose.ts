// Sample states for looking at the desk without a hub. Only the development server loads this file.

import type { Stop } from "../core/link";
import type { Verdict } from "../core/quality";
import { EMPTY, type DeskState } from "../core/state";
import type { Desk } from "../shell/desk.svelte";
import { own } from "../shell/own.svelte";
import { prefs, type Theme } from "../shell/prefs.svelte";
import { view } from "../shell/view.svelte";
import {
  AWAY, BELLS, BOARD, BOOK, BRANCH, CALL, CALLBACKS, CARD, GUEST, ME, MONITOR, MONITORING, REPORT, RING, SUPERVISOR, TRANSFER, WAITING, WANTED, WRAP_UP,
} from "./cast";
import { drawn, face, paper } from "./drawn";

const SCENES: Record<string, () => Partial<DeskState>> = {
  away: () => ({ presence: "away", presenceReason: "break", awayReasons: AWAY }),
  idle: () => ({ presence: "available", wanted: WANTED, awayReasons: AWAY }),
  ring: () => ({ presence: "ringing", ring: CARD(), waiting: WAITING() }),
  call: () => ({ presence: "talking", call: CALL(), waiting: WAITING().slice(1), staff: [RING()] }),
  held: () => ({ presence: "talking", call: { ...CALL(), state: "held", held_reason: "papers" }, waiting: WAITING().slice(1) }),
  promises: () => ({ presence: "available", callbacks: CALLBACKS() }),
  asking: () => ({ presence: "talking", call: { ...CALL(), transfer: TRANSFER("ringing") } }),
  consult: () => ({ presence: "talking", call: { ...CALL(), state: "consulting", held_reason: "asking", transfer: TRANSFER("consulting") } }),
  asked: () => ({ presence: "ringing", ring: { ...CARD(), transfer: TRANSFER("ringing", "u2"), captures: CALL().captures } }),
  consulted: () => ({ presence: "talking", call: { ...CALL(), state: "consulting", transfer: TRANSFER("consulting", "u2") } }),
  guest_invited: () => ({ presence: "talking", call: { ...CALL(), guests: [GUEST("invited"), GUEST("invited", { id: "g2", kind: "interpreter", name: "" })] } }),
  guest_lobby: () => ({ presence: "talking", call: { ...CALL(), guests: [GUEST("lobby")] } }),
  guest: () => ({ presence: "talking", call: { ...CALL(), guests: [GUEST("inside", { sees: true }), GUEST("inside", { id: "g2", kind: "interpreter", name: "グエン・ティ・ラン", muted: true })] } }),
  trouble: () => ({
    presence: "talking",
    call: {
      ...CALL(),
      devices: [
        { name: "face", state: "live", code: "", cause: "", simulated: true, can: [] },
        { name: "document", state: "lost", code: "unplugged", cause: "書画カメラの線が抜けています。", simulated: true, can: [] },
      ],
    },
    notice: { id: "n", tone: "caution", text: "お客様が撮影を見合わせました。理由を聞いてから、もう一度お願いしてください。" },
  }),
  stills: () => ({ presence: "talking", call: CALL(), report: { ...REPORT, rung: "audio_stills", cause: "narrow" } }),
  text: () => ({
    presence: "talking", call: CALL(), report: { ...REPORT, rung: "text", cause: "no_media", live: false },
    replies: [{ id: "r1", word: "yes", to: "書類をカメラの下に置いてください。", at: Date.now() - 9_000 }],
  }),
  wrapup: () => ({ presence: "wrap_up", call: { ...CALL(), state: "ended", ended_by: "resident" }, wrapUp: WRAP_UP() }),
  overdue: () => ({ presence: "overdue", presenceReason: "wrap_up_limit", call: { ...CALL(), state: "ended", ended_by: "resident" }, wrapUp: { ...WRAP_UP(), until: null } }),
  hurry: () => ({ presence: "wrap_up", call: { ...CALL(), state: "ended", ended_by: "resident" }, wrapUp: { ...WRAP_UP(), until: new Date(Date.now() + 42_000).toISOString() } }),
  monitored: () => ({ presence: "talking", call: { ...CALL(), monitor: MONITOR("listening") } }),
  barged: () => ({ presence: "talking", call: { ...CALL(), monitor: MONITOR("barging") } }),
  wallboard: () => ({ presence: "away", board: BOARD(), wanted: WANTED }),
  wallboard_quiet: () => ({ presence: "away", board: { ...BOARD(), alarms: [], calls: [], people: [] } }),
  listening: () => ({ presence: "away", board: BOARD(), wanted: WANTED, monitoring: MONITORING("listening") }),
  barging: () => ({ presence: "away", board: BOARD(), monitoring: MONITORING("barging") }),
  branch: () => ({ bells: BELLS }),
  branch_ring: () => ({ bells: BELLS, staff: [RING(), { ...RING(), id: "s2", state: "unanswered", by_resident: true }, { ...RING(), id: "s3", state: "coming", coming: "鈴木 一郎" }] }),
  test: () => ({}),
};

const SUPERVISES: ReadonlySet<string> = new Set(["wallboard", "wallboard_quiet", "listening", "barging"]);

/** Puts the desk into the scene `name`; `layout`, `tab`, `theme` and `panel` of the address refine it. */
export function pose(desk: Desk, name: string): void {
  const wish = new URLSearchParams(location.search);
  prefs.values.theme = (wish.get("theme") as Theme | null) ?? "auto";
  prefs.paint();
  if (name === "login" || name === "expired") {
    desk.login = "out";
    desk.loginWhy = name === "expired" ? "expired" : "";
    return;
  }
  desk.person = name.startsWith("branch") ? BRANCH : SUPERVISES.has(name) ? SUPERVISOR : ME;
  desk.login = "in";
  desk.phase = "up";
  desk.tested = name !== "test";
  desk.stop = (wish.get("stop") as Stop | null) ?? "";
  desk.books.found = { mine: BOOK, [CARD().municipality]: BOOK };
  desk.state = { ...EMPTY, me: ME, presenceSince: ago(754), waiting: [], ...(SCENES[name] ?? SCENES["idle"])?.() };
  own.camera = drawn(640, 480, face).getVideoTracks()[0] ?? null;
  own.microphone = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0] ?? null;
  desk.codes = { g1: { guest: "g1", code: "482109375526", until: ago(-760), address: "" } };
  own.meter = 0.05;
  if (desk.live) pictures(desk, name);
  if (desk.state.monitoring) {
    desk.sides.follow([{ id: "m1", part: "specialist", fresh: true, papers: false, silent: false }]);
    const talk = desk.sides.of("m1");
    if (talk) Object.assign(talk, { face: drawn(640, 480, face), connected: true });
  }
  setInterval(() => (desk.now = Date.now()), 250);
  setTimeout(() => {
    view.layout = (wish.get("layout") as typeof view.layout | null) ?? "both";
    view.tab = (wish.get("tab") as typeof view.tab | null) ?? "handbook";
    if (desk.live) view.captions = ["書類をカメラの下に置いてください。", "主治医のお名前を教えてください。"];
    view.aid = wish.get("panel") === "aid";
    view.company = wish.get("panel") === "company";
    view.help = wish.get("panel") === "help";
    view.settings = wish.get("panel") === "settings";
    view.ending = wish.get("panel") === "end";
  }, 100);
}

function pictures(desk: Desk, name: string): void {
  desk.calling.received = { audio: null, face: drawn(640, 480, face), document: drawn(1280, 720, paper) };
  desk.calling.phase = "live";
  const good: Verdict = { light: "good", word: "良好", of: null, cause: "" };
  const bad = (cause: string): Verdict => ({ light: "bad", word: "不調", of: "line_in", cause });
  const far: Record<string, Verdict> = {
    trouble: { light: "caution", word: "注意", of: "line_in", cause: "窓口からの回線がやや混んでいます(損失 4%)。" },
    stills: bad("窓口からの回線が細いため、声と静止画でつないでいます。"),
    text: bad("映像も声もつながりません。文字でつないでいます。"),
  };
  desk.calling.near = good;
  desk.calling.far = far[name] ?? good;
}

function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}
