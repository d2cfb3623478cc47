// The desk's one store: login, link, what the hub has said, and every command that an operator can give.

import { knocks } from "../core/company";
import type { Said } from "../core/hand";
import { OVER, reduce, withoutNotice, EMPTY, inCall, type DeskState, type Notice } from "../core/state";
import type { Phase, Stop } from "../core/link";
import { onlyBranch } from "../core/staff";
import { offset } from "../core/time";
import { Volume } from "../core/volume";
import { WHOLE } from "../core/camera";
import type {
  CallbackOutcome, CameraChange, CameraRole, CaptureKind, ConductStep, DeskCall, DeskSays, DeskWelcome, Focus, GuestInvited, GuestKind, GuestStep, HalfLogin, HubSays, Me, MonitorState, Region, PromiseCallback, RestartDevice, StaffReason,
  TransferKind, TransferStep, WrapUp,
} from "../protocol";
import * as api from "./api";
import { Books } from "./books.svelte";
import { Calling } from "./calling.svelte";
import * as chime from "./chime";
import { audible, monitorSide } from "../core/monitor";
import { forParty, forResident, parties, pictureFor, type Party, type Voices } from "../core/round";
import { hasMedia, partOf, seeking } from "../core/transfer";
import { Mixes } from "./mix";
import { own } from "./own.svelte";
import * as passkeys from "./passkeys.svelte";
import { prefs } from "./prefs.svelte";
import type { Outgoing, SideSaid } from "./side.svelte";
import { Sides, type Wanted } from "./sides.svelte";
import { Signal } from "./signal";
import { Socket, type Body } from "./socket";
import { everyBeat } from "./ticker";

/** checking: asking the hub who we are. out: nobody is logged in. */
export type Login = "checking" | "out" | "in";

/** A word to a device of the terminal that is held up for longer than this would surprise whoever sits there. */
const COMMAND_MS = 10_000;

/** Of so many attempts that led nowhere, one asks whether it is the login: in a call there is one every second. */
const ASK_EVERY = 5;

const TESTED = "madoguchi.desk.tested";

export class Desk {
  login = $state<Login>("checking");
  /** Why the login page is shown, beyond the ordinary. */
  loginWhy = $state<"" | "expired" | "offline">("");
  person = $state.raw<Me | null>(null);
  state = $state.raw<DeskState>(EMPTY);
  phase = $state<Phase>("off");
  stop = $state<Stop>("");
  retryIn = $state(0);
  /** The hub's clock in epoch ms, moved four times a second. */
  now = $state(Date.now());
  /** The device test of this shift is done, or was skipped knowingly. */
  tested = $state(sessionStorage.getItem(TESTED) === "yes");
  testing = $state(false);
  /** The admin's page is wanted in place of the desk. */
  admin = $state(false);
  /** Codes of invitations that this page has been told, by guest; the hub tells each once. */
  codes = $state.raw<Readonly<Record<string, GuestInvited>>>({});
  /** The wallboard is wanted in place of the desk. */
  wall = $state(location.hash === "#wallboard");
  /** Commands that wait for the hub's word, so that a button can show it. */
  accepting = $state(false);
  saving = $state(false);

  readonly books = new Books();
  readonly calling = new Calling((type, body, to) => void this.socket.send(type, body, { ...to, keep: true }));
  readonly sides = new Sides(
    (type, body) => void this.socket.send(type, body, { call: this.state.monitoring?.call ?? this.state.call?.card.call ?? "", keep: true }),
    () => this.state.monitoring?.ice_servers ?? this.state.call?.ice_servers ?? [],
    (id) => this.toParty(id),
  );
  readonly live = $derived(inCall(this.state));
  /** What this desk is in a consult. */
  readonly part = $derived(partOf(this.state.call, this.person?.user ?? ""));
  /** A specialist who only listens and talks: the terminal is not hers to show anything on. */
  readonly consulted = $derived(this.part === "specialist");
  readonly linked = $derived(this.phase === "up");
  /** Nothing of a call of this person's own is hidden behind another page. */
  private readonly calm = $derived(!this.live && !this.state.ring && !this.state.wrapUp);
  /** The wallboard is shown: by choice, while she takes part in somebody's call, or because there is no other page. */
  readonly walled = $derived(
    this.calm && this.sees("wallboard") && (Boolean(this.state.monitoring) || (!this.admin && (this.wall || !this.sees("counter")))),
  );
  /** The admin's page is shown: by choice, or because there is no other. */
  readonly keeping = $derived(this.calm && !this.walled && this.sees("people") && (this.admin || !this.sees("counter")));
  /** The page of a branch's staff: for who is nothing else, and at #branch for whoever is that too. */
  readonly branch = $derived(onlyBranch(this.person) || (location.hash === "#branch" && (this.person?.views.includes("bell") ?? false)));

  private readonly socket = new Socket({
    deliver: (envelope) => this.hear(envelope),
    phase: (phase, stop) => this.turned(phase, stop),
  });
  private readonly signal = new Signal();
  private readonly volume = new Volume();
  private readonly mixes = new Mixes();
  private clockOffset = 0;
  private accepted = "";
  private enrolled: Me | null = null;
  /** The call in which this supervisor has asked to take part, from this page. */
  private asked = "";
  /** The wallboard is open here. */
  private watching = false;
  /** Attempts in a row that did not lead to a link. */
  private refusals = 0;
  private wrapUp: { id: string; call: string; body: WrapUp; then: "available" | "away" } | null = null;
  private endBeat: (() => void) | null = null;

  /** Asks the hub who is logged in, then links. */
  async start(): Promise<void> {
    this.login = "checking";
    try {
      this.enter(await api.me());
    } catch (error) {
      this.loginWhy = error instanceof api.ApiError && error.code === "offline" ? "offline" : "";
      this.login = "out";
    }
  }

  /** What is still wanted after the password; null is nothing. */
  async signIn(name: string, password: string): Promise<HalfLogin | null> {
    const said = await api.login(name, password);
    if ("step" in said) return said;
    this.enter(said);
    return null;
  }

  newFactor = api.newFactor;

  async proveFactor(code: string): Promise<void> {
    this.enter(await api.prove(code));
  }

  async provePasskey(): Promise<void> {
    this.enter(await api.proveByPasskey(await passkeys.prove("login")));
  }

  /** Gives the recovery codes; the desk opens with `afterFactor`, once they are put away. */
  async confirmFactor(code: string): Promise<readonly string[]> {
    const [me, recovery] = await api.confirmFactor(code);
    this.enrolled = me;
    return recovery;
  }

  afterFactor(): void {
    if (this.enrolled) this.enter(this.enrolled);
    this.enrolled = null;
  }

  async signOut(): Promise<void> {
    if (this.linked) {
      this.stepMonitor("over");
      this.command("set_presence", { state: "away", reason: "" });
    }
    await api.logout().catch(() => {});
    this.socket.feed({ kind: "stop" });
    this.calling.follow(null, false, false);
    own.close();
    this.endBeat?.();
    this.endBeat = null;
    sessionStorage.removeItem(TESTED);
    this.tested = this.admin = false;
    this.state = EMPTY;
    this.login = "out";
    this.loginWhy = "";
    this.signal.rest();
  }

  /** The test is done: remember it for this tab and show the desk. */
  finishTest(): void {
    this.tested = true;
    this.testing = false;
    sessionStorage.setItem(TESTED, "yes");
  }

  retry(): void {
    this.socket.feed({ kind: "retry" });
  }

  /** The browser has a network again: a link that waits is tried now, one that stands must answer. */
  retrySoon(): void {
    this.socket.feed({ kind: "check" });
  }

  setPresence(state: "available" | "away", reason = ""): void {
    this.command("set_presence", { state, reason });
  }

  togglePresence(): void {
    if (this.state.presence === "available") this.setPresence("away");
    else if (this.state.presence === "away") this.setPresence("available");
  }

  accept(): void {
    const ring = this.state.ring;
    if (!ring || this.accepting) return;
    this.accepted = ring.call;
    this.accepting = this.command("accept", {}, ring.call);
  }

  decline(): void {
    if (this.state.ring) this.command("decline", {}, this.state.ring.call);
  }

  /** Asks the resident to wait; while she does, another reason may be given. */
  hold(reason: string): void {
    this.inCall("hold_call", { reason });
  }

  endHold(): void {
    this.inCall("resume_call", {});
  }

  /** Passes the call on, after a talk with the department or at once. */
  startTransfer(kind: TransferKind, department: string, reason: string): void {
    if (!seeking(this.state.call)) this.inCall("start_transfer", { kind, department, reason });
  }

  /** In the call or its wrap-up; false when it could not be told. */
  promiseCallback(body: PromiseCallback): boolean {
    const { call } = this.state;
    return call ? this.command("promise_callback", body, call.card.call) : false;
  }

  settleCallback(callback: string, outcome: CallbackOutcome): void {
    this.command("settle_callback", { callback, outcome });
  }

  stepTransfer(step: TransferStep): void {
    const { call } = this.state;
    if (call?.transfer) this.command("step_transfer", { transfer: call.transfer.id, step }, call.card.call);
  }

  end(): void {
    this.inCall("end_call", {});
  }

  showPage(page: string, sheet = 0): void {
    this.inCall("show_page", { page, sheet });
  }

  hidePage(): void {
    this.inCall("hide_page", {});
  }

  setFocus(focus: Focus): void {
    this.inCall("set_focus", { focus });
  }

  caption(text: string): boolean {
    return this.inCall("caption", { text });
  }

  freeze(camera: CameraRole, on: boolean): void {
    this.soon("freeze", { camera, on });
  }

  adjust(camera: CameraRole, change: CameraChange, region: Region = WHOLE): void {
    this.soon("adjust_camera", { camera, change, region });
  }

  chooseCamera(camera: CameraRole, source: string): void {
    this.soon("choose_camera", { camera, source });
  }

  /** Makes the terminal louder or quieter by one step. */
  turnUp(by: 1 | -1): void {
    const level = this.volume.step(this.state.call?.volume ?? 0, by);
    if (level !== null) this.soon("set_volume", { level });
  }

  restart(device: RestartDevice["device"]): void {
    this.soon("restart_device", { device });
  }

  /** Pointer and pen: ten times a second, so nothing is said about a link that is down for a moment. */
  handSays(said: Said): void {
    if (!this.live || !this.linked || !this.state.call) return;
    this.socket.send(said.type, said.body, { call: this.state.call.card.call });
  }

  /** False when the terminal could not be told. */
  clearInk(): boolean {
    return this.state.call?.state === "talking" && this.inCall("ink_clear", {});
  }

  capture(kind: CaptureKind): void {
    this.soon("request_capture", { kind });
  }

  abortCapture(capture: string): void {
    this.inCall("abort_capture", { capture });
  }

  /** Stores the outcome; when the link breaks meanwhile, the same message goes out once it is back. */
  saveWrapUp(body: WrapUp, then: "available" | "away"): void {
    const task = this.state.wrapUp;
    if (!task || this.saving) return;
    this.wrapUp = { id: crypto.randomUUID(), call: task.call, body, then };
    this.saving = true;
    this.socket.send("wrap_up", body, { call: task.call, id: this.wrapUp.id, keep: true });
  }

  callStaff(reason: StaffReason): void {
    this.inCall("call_staff", { reason });
  }

  withdrawStaff(): void {
    this.inCall("withdraw_staff", {});
  }

  /** Lets somebody join by a link; the name may be empty. */
  inviteGuest(kind: GuestKind, name: string): void {
    this.inCall("invite_guest", { kind, name: name || null });
  }

  stepGuest(guest: string, step: GuestStep): void {
    this.inCall("step_guest", { guest, step });
  }

  /** The next step against harassment. */
  stepConduct(step: ConductStep): void {
    this.inCall("step_conduct", { step });
  }

  /** Takes part in somebody's call, or does so otherwise; "over" leaves it. */
  monitor(call: string, state: MonitorState): void {
    this.asked = call;
    this.command("monitor_call", { state }, call);
  }

  /** The same for the call in which she takes part already. */
  stepMonitor(state: MonitorState): void {
    const { monitoring } = this.state;
    if (monitoring && monitoring.state !== state) this.monitor(monitoring.call, state);
  }

  /** Speaks at once with an operator who has called a supervisor, the one who has waited longest. */
  joinWanted(): void {
    const call = this.state.wanted.find((one) => one.call !== this.state.monitoring?.call);
    if (call && this.sees("wallboard")) this.monitor(call.call, "barging");
  }

  /** The wallboard is open here, or no longer. */
  watchBoard(on: boolean): void {
    this.watching = on;
    if (this.linked) this.socket.send("watch_board", { on });
  }

  /** Branch staff: which sites of a municipality this page sounds for. */
  setBells(municipality: string, sites: readonly string[]): void {
    this.command("set_bells", { municipality, sites });
  }

  comeAsStaff(ring: string): void {
    this.command("staff_coming", { ring });
  }

  arriveAsStaff(ring: string): void {
    this.command("staff_arrived", { ring });
  }

  dismiss(): void {
    this.state = withoutNotice(this.state);
  }

  say(tone: Notice["tone"], text: string): void {
    this.state = { ...this.state, notice: { id: crypto.randomUUID(), tone, text } };
  }

  private enter(me: Me): void {
    this.person = me;
    this.login = "in";
    this.loginWhy = "";
    this.endBeat ??= everyBeat(() => this.beat());
    this.socket.feed({ kind: "start" });
    own.changed = () => {
      this.calling.refresh();
      this.connect();
    };
    this.calling.changed = this.sides.heard = () => this.connect();
    if (!this.sees("counter")) own.withoutCamera = true; // a supervisor's microphone is opened once she speaks
    else if (!this.branch) void own.open();
    const { speaker } = prefs.values;
    if (speaker) void Promise.all([chime.toSpeaker(speaker), this.calling.toSpeaker(speaker), this.sides.toSpeaker(speaker)]);
  }

  private hear(envelope: HubSays): void {
    if (envelope.type === "desk_welcome") return this.welcomed(envelope.body);
    if (envelope.type === "offer" || envelope.type === "candidate") return this.calling.hear(envelope);
    if (isSide(envelope)) return this.sides.hear(envelope);
    if (envelope.type === "guest_invited") this.codes = { ...this.codes, [envelope.body.guest]: envelope.body };
    const before = this.state.call?.guests ?? [];
    this.state = reduce(this.state, envelope, Date.now() + this.clockOffset);
    if (this.live && knocks(before, this.state.call?.guests ?? [])) chime.remind(prefs.values.volume);
    this.follow();
    if (envelope.type === "desk_snapshot") this.resume();
    if (envelope.type === "media_report" && this.live && this.state.call) {
      this.calling.reported(this.state.call, this.state.report, this.linked);
    }
    if (envelope.type === "refused") this.refused(envelope.body.about);
    if (envelope.type === "wrapped_up" && envelope.call === this.wrapUp?.call) this.wrapped();
  }

  /** Everybody besides this operator and the resident. */
  private parties(): Party[] {
    return parties(this.live ? this.state.call : null, this.person?.user ?? "");
  }

  /** What another party gets of this desk: this person, or as far as it may the resident and the others too. */
  private toParty(id: string): Outgoing {
    const all = this.parties();
    const party = all.find((one) => one.id === id);
    const { monitoring } = this.state;
    if (monitoring) return { audio: audible(monitoring.state) ? own.microphone : null, face: null, document: null };
    if (!party) return { audio: own.microphone, face: own.camera, document: null }; // in a consult, as the one who was asked
    const { face, document } = this.calling.received;
    const picture = pictureFor(party);
    return {
      audio: this.voicesTo(id, forParty(id, all)),
      face: picture === "resident" ? (face?.getVideoTracks()[0] ?? null) : picture === "operator" ? own.camera : null,
      document: party.papers ? (document?.getVideoTracks()[0] ?? null) : null,
    };
  }

  /** One track of all these voices: the microphone itself where it is alone. */
  private voicesTo(listener: string, { operator, resident, parties }: Voices): MediaStreamTrack | null {
    const others = [...(resident ? [this.calling.received.audio?.getAudioTracks()[0]] : []), ...parties.map((id) => this.sides.of(id)?.voice)];
    if (others.length === 0) this.mixes.drop(listener);
    if (others.length === 0) return operator ? own.microphone : null;
    return this.mixes.of(listener, [...(operator ? [own.microphone] : []), ...others]);
  }

  /** Everything that several connections share has changed: who hears and sees whom. */
  private connect(): void {
    const all = this.parties();
    this.mixes.keep(["resident", ...all.map((party) => party.id)]);
    const voices = forResident(all);
    const mixed = this.voicesTo("resident", voices);
    this.calling.speakWith(voices.parties.length > 0 ? mixed : null);
    this.sides.refresh();
  }

  /** The connections that should stand now: to whom this operator asks, to who asked her, to guests inside. */
  private wantedSides(call: DeskCall | null, fresh: boolean): Wanted[] {
    const part = partOf(call, this.person?.user ?? "");
    const transfer = part !== "alone" && call?.transfer ? [{ id: call.transfer.id, part, fresh, papers: true, silent: false }] : [];
    const guests = (call?.guests ?? []).filter((guest) => guest.state === "inside");
    const monitor = monitorSide({ call, monitoring: this.state.monitoring }, this.person?.user ?? "", this.asked);
    return [...transfer, ...guests.map(({ id, muted }) => ({ id, part: "origin" as const, fresh: true, papers: false, silent: muted || call?.state !== "talking" })), ...(monitor ? [monitor] : [])];
  }

  private sees(part: string): boolean {
    return this.person?.views.includes(part) ?? false;
  }

  private welcomed(body: DeskWelcome): void {
    this.clockOffset = offset(body.server_time, Date.now());
    this.calling.servers(body.ice_servers);
  }

  /** What follows from the new truth: media, handbook, flags. */
  private follow(): void {
    const { call, ring } = this.state;
    const liveCall = call && !OVER.has(call.state) ? call : null;
    this.socket.feed({ kind: "hurry", on: liveCall !== null || ring !== null || this.state.monitoring !== null });
    const user = this.person?.user ?? "";
    const fresh = liveCall?.card.call === this.accepted;
    this.calling.follow(liveCall && hasMedia(liveCall, user) ? liveCall : null, fresh, this.linked);
    this.sides.follow(this.wantedSides(liveCall, fresh));
    if (audible(this.state.monitoring?.state ?? null) && !own.microphone && !own.opening) void own.open();
    this.connect();
    if (!liveCall) this.codes = {};
    if (!ring) this.accepting = false;
    if (!this.state.wrapUp) this.saving = false;
    const municipality = ring?.municipality ?? call?.card.municipality;
    if (municipality) void this.books.want(municipality);
    this.signal.beat(ring, prefs.values.volume); // a ring is heard at once, not at the next beat
    if (this.live || ring) {
      // A reload into a call leads straight back into it, and no test hides a ring.
      this.tested = true;
      this.testing = false;
    }
  }

  private resume(): void {
    const task = this.state.wrapUp;
    if (this.wrapUp && task?.call === this.wrapUp.call) {
      this.socket.send("wrap_up", this.wrapUp.body, { call: task.call, id: this.wrapUp.id });
    } else if (this.wrapUp && !task) {
      this.wrapped();
    }
  }

  private refused(about: string): void {
    this.accepting = false;
    this.volume.forget();
    if (about !== this.wrapUp?.id) return;
    this.wrapUp = null;
    this.saving = false;
  }

  private wrapped(): void {
    const then = this.wrapUp?.then;
    this.wrapUp = null;
    this.saving = false;
    if (then === "away") this.setPresence("away");
  }

  private turned(phase: Phase, stop: Stop): void {
    this.phase = phase;
    this.stop = stop;
    if (phase !== "up") this.accepting = false;
    this.follow();
    if (stop === "login") this.expired();
    if (phase === "up" && this.watching) this.socket.send("watch_board", { on: true });
    if (phase === "up") this.refusals = 0;
    else if (phase === "waiting" && ++this.refusals % ASK_EVERY === 2) void this.askLogin();
  }

  /** Pictures and sound of a live call go on while the login page is shown. */
  private expired(): void {
    this.loginWhy = "expired";
    this.login = "out";
  }

  /** A handshake that is refused looks like an absent hub: ask by REST which of both it is. */
  private async askLogin(): Promise<void> {
    try {
      await api.me();
    } catch (error) {
      if (!(error instanceof api.ApiError) || error.code !== "no_login" || this.linked) return;
      this.socket.feed({ kind: "stop" });
      this.expired();
    }
  }

  private beat(): void {
    this.socket.feed({ kind: "tick" });
    this.retryIn = this.socket.retryIn();
    this.now = Date.now() + this.clockOffset;
    own.measure(performance.now());
    const before = this.calling.phase;
    this.calling.beat(this.live ? this.state.call : null, this.state.report, this.linked);
    // what silences the media may have cut the link too
    if (this.calling.phase === "lost" && before !== "lost") this.socket.feed({ kind: "check" });
    this.signal.beat(this.state.ring, prefs.values.volume);
  }

  private inCall<T extends DeskSays["type"]>(type: T, body: Body<T>): boolean {
    return this.live && this.state.call ? this.command(type, body, this.state.call.card.call) : false;
  }

  /** In this call, and only within the next seconds. */
  private soon<T extends DeskSays["type"]>(type: T, body: Body<T>): void {
    if (!this.live || !this.state.call) return;
    this.command(type, body, this.state.call.card.call, new Date(this.now + COMMAND_MS).toISOString());
  }

  private command<T extends DeskSays["type"]>(type: T, body: Body<T>, call?: string, expires?: string): boolean {
    const sent = this.socket.send(type, body, { ...(call ? { call } : {}), ...(expires ? { expires } : {}) });
    if (!sent) this.say("caution", "ハブへ再接続中のため、操作できませんでした。つながってから、もう一度押してください。");
    return sent;
  }
}

function isSide(said: HubSays): said is SideSaid {
  return said.type.startsWith("side_");
}

export const desk = new Desk();

/** Sounds start with the first key or click anywhere: browsers ask for it. */
export function wakeOnFirstTouch(): void {
  const wake = () => {
    void chime.wake();
    if (desk.calling.silenced) void desk.calling.unsilence();
  };
  addEventListener("online", () => desk.retrySoon());
  addEventListener("pointerdown", wake);
  addEventListener("keydown", wake);
}
