// Made by `python -m protocol.generate` from protocol/*.py. Do not edit: change the messages there.

/** Protocol version that this desk speaks. */
export const CURRENT_VERSION = 1;
export const SUPPORTED_VERSIONS: readonly number[] = [1];

/** Bytes of the largest message on a link. */
export const MESSAGE_LIMIT = 65536;

/** ISO 8601 with its zone; the hub writes UTC. */
export type Moment = string;

/** A body as it may be written: fields K have a default and may be left out. */
export type Defaulted<Body, K extends keyof Body> = Omit<Body, K> & Partial<Pick<Body, K>>;

/**
 * One message on a link. seq and ack default to 0, and a body without fields may be missing on the wire:
 * fill them in when reading.
 */
export interface Envelope<Type extends string = string, Body = unknown> {
  readonly v: number;
  readonly type: Type;
  readonly id: string;
  readonly seq: number;
  readonly ack: number;
  readonly call?: string | null;
  readonly epoch?: number | null;
  readonly expires?: Moment | null;
  readonly body: Body;
}

/** Stop asking. */
export interface AbortCapture {
  readonly capture: string;
}

/** Take the call of the envelope; late accepts are refused with 'gone'. */
export type Accept = Readonly<Record<string, never>>;

/** One step of a camera, for both sides alike; `region` goes with the change of that name. */
export interface AdjustCamera {
  readonly camera: CameraRole;
  readonly change: CameraChange;
  readonly region: Region;
}

/** What a supervisor should look at now. */
export type AlarmKind = "waiting_long" | "nobody_on_duty" | "wrap_up_long";

/** Always from the desk, to the offer of the same epoch; another epoch's is dropped. */
export interface Answer {
  readonly sdp: string;
}

/** A camera that the terminal has; an operator may choose which one serves a role. */
export interface AttachedCamera {
  readonly id: string;
  readonly name: string;
  readonly simulated: boolean;
}

/** An entry of the audit trail, in words. */
export interface AuditLine {
  readonly id: number;
  readonly at: Moment;
  readonly actor: string;
  readonly action: string;
  readonly words: string;
  readonly subject: string;
  readonly detail: ReadonlyArray<readonly [string, string]>;
}

/** Answer of .../audit, newest first; `before` asks for what is older, null when there is no more. */
export interface AuditPage {
  readonly lines: ReadonlyArray<AuditLine>;
  readonly before: number | null;
}

/** Why an operator may be away; after `minutes` her desk reminds her, 0 never. */
export interface AwayReason {
  readonly id: string;
  readonly name: string;
  readonly minutes: number;
}

/** A site whose staff a branch page may listen for. */
export interface BellPlace {
  readonly municipality: string;
  readonly municipality_name: string;
  readonly site: string;
  readonly site_name: string;
  readonly on: boolean;
}

/** Ring the branch's own staff to the terminal; while a ring is open, said again it changes nothing. */
export interface CallStaff {
  readonly reason: StaffReason;
}

/** States of the record that the hub owns. */
export type CallState = "waiting" | "ringing" | "talking" | "held" | "consulting" | "ended" | "abandoned" | "callback";

/** What a specialist says of a promise to call back. */
export type CallbackOutcome = "reached" | "unreached" | "dropped";

/** A promise to call a resident back, as the department's desks see it. */
export interface CallbackTask {
  readonly id: string;
  readonly municipality_name: string;
  readonly site_name: string;
  readonly department_name: string;
  readonly telephone: string;
  readonly reason: string;
  readonly created_at: Moment;
  readonly name: string;
  readonly wanted: string;
  readonly topic_title: string;
  readonly by: string;
  readonly tries: number;
}

/** The promises that this desk's department has to keep, oldest first. */
export interface Callbacks {
  readonly tasks: ReadonlyArray<CallbackTask>;
}

/** What an operator may ask of a camera of the terminal; each step is one from where it stands. */
export type CameraChange = "turn" | "region" | "hold_focus" | "auto_focus" | "nearer" | "farther" | "lighter" | "darker" | "reset";

/** The two cameras of a terminal. */
export type CameraRole = "face" | "document";

/** How the operator has set one camera for this call, on top of what the terminal's settings say. */
export interface CameraSetting {
  readonly turned: number;
  readonly region: Region;
  readonly focus_held: boolean;
  readonly focus_step: number;
  readonly exposure: number;
  readonly source: string;
}

/** Both cameras as they are set; the end of a call sets them back. */
export interface Cameras {
  readonly face: CameraSetting;
  readonly document: CameraSetting;
}

/** One more address of the sender; an empty text means that there are no more. */
export interface Candidate {
  readonly candidate: string;
  readonly mid: string;
}

/** Typed words under the operator's picture; empty takes them away. */
export interface Caption {
  readonly text: string;
}

/** A capture as the desk sees it; the digest is over the plain JPEG. */
export interface Capture {
  readonly id: string;
  readonly kind: CaptureKind;
  readonly stage: CaptureStage;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly code: string;
  readonly cause: string;
  readonly checks: ReadonlyArray<readonly [string, string, string]>;
  readonly at: Moment | null;
}

/** A still that is kept. */
export type CaptureKind = "id_photo" | "document_still";

/** Where a capture stands; the last four are final. */
export type CaptureStage = "requested" | "asking" | "counting" | "sending" | "stored" | "declined" | "failed" | "cancelled";

/** Answer of PUT /api/kiosk/captures/{id}: what the hub has; the digest is over the plain JPEG. */
export interface CaptureStored {
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** A capture as it now is. */
export interface CaptureUpdate {
  readonly capture: Capture;
}

/** Let this attached camera serve the role; a camera that serves the other role changes places. */
export interface ChooseCamera {
  readonly camera: CameraRole;
  readonly source: string;
}

/** How far an operator has gone against harassment in a call. */
export type Conduct = "fine" | "warned" | "supervisor" | "ended";

/** What an operator presses against harassment. */
export type ConductStep = "warn" | "call_supervisor" | "withdraw" | "end";

/** The resident keeps the place; another operator is rung. */
export type Decline = Readonly<Record<string, never>>;

/** A department of the call's municipality and who is there now. */
export interface DepartmentPresence {
  readonly id: string;
  readonly name: string;
  readonly telephone: string;
  readonly free: number;
  readonly busy: number;
  readonly stands_in: string;
  readonly procedures: ReadonlyArray<string>;
}

/** Who is there now in the departments of the call's municipality. */
export interface DepartmentsUpdate {
  readonly departments: ReadonlyArray<DepartmentPresence>;
}

/** A call as its operator sees it. */
export interface DeskCall {
  readonly card: RingCard;
  readonly state: CallState;
  readonly accepted_at: Moment;
  readonly epoch: number;
  readonly presentation: Presentation;
  readonly captures: ReadonlyArray<Capture>;
  readonly terminal_connected: boolean;
  readonly devices: ReadonlyArray<DeviceState>;
  readonly attached: ReadonlyArray<AttachedCamera>;
  readonly volume: number;
  readonly devices_closed_at: Moment | null;
  readonly presented: number;
  readonly ended_by: string;
  readonly held_reason: string;
  readonly transfer: Transfer | null;
  readonly monitor: Monitor | null;
  readonly departments: ReadonlyArray<DepartmentPresence>;
  readonly ice_servers: ReadonlyArray<IceServer>;
  readonly guests: ReadonlyArray<Guest>;
}

/** The call as it now is, ended included. */
export interface DeskCallUpdate {
  readonly call: DeskCall;
}

/** First word of a desk. `resume_token` and `received` as in a terminal's `hello`. */
export interface DeskHello {
  readonly versions: ReadonlyArray<number>;
  readonly resume_token: string;
  readonly received: number | null;
}

/** The whole truth for this operator. */
export interface DeskSnapshot {
  readonly me: Me;
  readonly presence: PresenceState;
  readonly presence_since: Moment;
  readonly waiting: ReadonlyArray<WaitingCall>;
  readonly ring: RingCard | null;
  readonly call: DeskCall | null;
  readonly wrap_up: WrapUpTask | null;
  readonly presence_reason: string;
  readonly away_reasons: ReadonlyArray<AwayReason>;
  readonly wanted: ReadonlyArray<Wanted>;
  readonly bells: ReadonlyArray<BellPlace>;
  readonly staff: ReadonlyArray<StaffCall>;
  readonly callbacks: ReadonlyArray<CallbackTask>;
  readonly monitoring: Monitoring | null;
  readonly presence_until: Moment | null;
}

/** The link stands, as in `welcome`; a newer desk of the same person closes this one with 4009. */
export interface DeskWelcome {
  readonly version: number;
  readonly server_time: Moment;
  readonly heartbeat_s: number;
  readonly dead_s: number;
  readonly ice_servers: ReadonlyArray<IceServer>;
  readonly resume_token: string;
  readonly idle_heartbeat_s: number;
  readonly idle_dead_s: number;
  readonly resumed: boolean;
  readonly received: number;
}

/** One device of a terminal, for the desk. */
export interface DeviceState {
  readonly name: string;
  readonly state: "closed" | "starting" | "live" | "stale" | "lost";
  readonly code: string;
  readonly cause: string;
  readonly simulated: boolean;
  readonly can: ReadonlyArray<string>;
}

/** Body of .../people/{user}/disabled. */
export interface Disabled {
  readonly disabled: boolean;
}

/** The disaster switch of a municipality; `page` is empty while it is off. */
export interface DisasterSwitch {
  readonly page: string;
  readonly pages: ReadonlyArray<readonly [string, string]>;
}

/** Show this page on every terminal; an empty one: none any more. */
export interface DisasterWanted {
  readonly page: string;
}

/** The operator ends the call of the envelope. */
export type EndCall = Readonly<Record<string, never>>;

/** Answer of /api/login/enrol/code. Recovery codes are told here and never again. */
export interface Enrolled {
  readonly login: LoggedIn;
  readonly recovery: ReadonlyArray<string>;
}

/** Answer of /api/login/enrol: what an authenticator app wants, as QR code and for typing. */
export interface Enrolment {
  readonly uri: string;
  readonly secret: string;
}

/** Body of /api/login/code, /api/login/enrol/code and /api/login/step-up. */
export interface FactorCode {
  readonly code: string;
}

/** Body of every refused request. `code` is stable, `text` is for the person (Japanese). */
export interface Failure {
  readonly code: string;
  readonly text: string;
}

/** What is largest on the terminal. */
export type Focus = "operator" | "paper" | "page";

/** Hold a picture still on both sides, or let it run. */
export interface Freeze {
  readonly camera: CameraRole;
  readonly on: boolean;
}

/** A planned restart: come back after `retry_after_s` seconds. */
export interface GoingAway {
  readonly retry_after_s: number;
}

/** A guest of a call as its operator sees it; the id names the connection between the two as well. */
export interface Guest {
  readonly id: string;
  readonly kind: GuestKind;
  readonly state: GuestState;
  readonly name: string;
  readonly until: Moment | null;
  readonly here: boolean;
  readonly muted: boolean;
  readonly sees: boolean;
}

/** Asks to be let in, under this name. It uses the code up. */
export interface GuestAsk {
  readonly name: string;
}

/**
 * First word of a guest's page; refused with the reason, and closed with 4001, where neither fits.
 *
 * `code` is the invitation's, as it was typed or came with the link. `secret` is the page's own, made at
 * random when it was first loaded: whoever asks to be let in is known by it from then on, and the code is
 * worth nothing any more. `resume_token` and `received` as in a terminal's `hello`.
 */
export interface GuestHello {
  readonly versions: ReadonlyArray<number>;
  readonly secret: string;
  readonly code: string;
  readonly resume_token: string;
  readonly received: number | null;
}

/** The code of an invitation, told once: the hub keeps its digest alone. */
export interface GuestInvited {
  readonly guest: string;
  readonly code: string;
  readonly until: Moment;
  readonly address: string;
}

/** Who joins a call by a link. */
export type GuestKind = "family" | "interpreter";

/** The guest leaves for good. */
export type GuestLeave = Readonly<Record<string, never>>;

/** All that a guest's page is told: whose counter it is, and where the guest stands. */
export interface GuestPlace {
  readonly guest: string;
  readonly kind: GuestKind;
  readonly state: GuestState;
  readonly municipality_name: string;
  readonly name: string;
  readonly until: Moment | null;
  readonly operator_name: string;
  readonly muted: boolean;
  readonly sees: boolean;
  readonly paused: boolean;
  readonly ice_servers: ReadonlyArray<IceServer>;
}

/** The whole truth for this guest, again at every change. */
export interface GuestSnapshot {
  readonly place: GuestPlace;
}

/** Where a guest stands; the last four are final. */
export type GuestState = "invited" | "lobby" | "inside" | "expired" | "left" | "removed" | "over";

/** What an operator decides about a guest of her call. */
export type GuestStep = "admit" | "hold_out" | "mute" | "unmute" | "show_face" | "hide_face" | "remove";

/** The link stands, as in `welcome`; a newer page of the same guest closes this one with 4009. */
export interface GuestWelcome {
  readonly version: number;
  readonly server_time: Moment;
  readonly heartbeat_s: number;
  readonly dead_s: number;
  readonly resume_token: string;
  readonly idle_heartbeat_s: number;
  readonly idle_dead_s: number;
  readonly resumed: boolean;
  readonly received: number;
}

/**
 * Answer 202 of /api/login: the password was right, and a second factor is wanted.
 *
 * `step`: code (of the app, or a recovery code), or enrol (there is none yet). `csrf` as in LoggedIn.
 */
export interface HalfLogin {
  readonly step: "code" | "enrol";
  readonly csrf: string;
  readonly passkey: boolean;
}

/** Answer of /api/desk/municipalities/{id}/handbook; pages are as the resident sees them. */
export interface Handbook {
  readonly municipality: string;
  readonly name: string;
  readonly procedures: ReadonlyArray<HandbookProcedure>;
  readonly pages: ReadonlyArray<Page>;
  readonly phrases: ReadonlyArray<string>;
  readonly readings: ReadonlyArray<readonly [string, string]>;
}

/** What an operator needs for one procedure; texts are plain, without ruby. */
export interface HandbookProcedure {
  readonly id: string;
  readonly title: string;
  readonly sub: string;
  readonly ready: ReadonlyArray<string>;
  readonly greeting: string;
  readonly handbook: ReadonlyArray<PageBlock>;
  readonly pages: ReadonlyArray<string>;
  readonly captures: ReadonlyArray<CaptureKind>;
}

/** Answer of /api/health. */
export interface Health {
  readonly status: string;
  readonly version: string;
}

/** Take the page away. */
export type HidePage = Readonly<Record<string, never>>;

/** Ask the resident to wait: no picture and no sound goes either way until `resume_call`. */
export interface HoldCall {
  readonly reason: string;
}

/** A relay or STUN server; credentials live minutes, not days. */
export interface IceServer {
  readonly urls: ReadonlyArray<string>;
  readonly username: string;
  readonly credential: string;
}

/** A stroke of the operator's pen on the paper, or the next part of it, as points [x, y]. */
export interface Ink {
  readonly stroke: string;
  readonly points: ReadonlyArray<readonly [number, number]>;
  readonly done: boolean;
}

/** All strokes go. They also go when the paper is no longer frozen, and with the call. */
export type InkClear = Readonly<Record<string, never>>;

/** Let somebody join the call of the envelope by a link; answered by `guest_invited`. */
export interface InviteGuest {
  readonly kind: GuestKind;
  readonly name: string | null;
}

/** Answer of /api/admin/municipalities/{id}/people. */
export interface KeptPeople {
  readonly people: ReadonlyArray<KeptPerson>;
  readonly departments: ReadonlyArray<readonly [string, string]>;
  readonly roles: ReadonlyArray<readonly [Role, string]>;
}

/** Somebody of a municipality as its admin sees her. `roles` are those in this municipality. */
export interface KeptPerson {
  readonly user: string;
  readonly login_name: string;
  readonly name: string;
  readonly roles: ReadonlyArray<Membership>;
  readonly elsewhere: boolean;
  readonly disabled: boolean;
  readonly second_factor: boolean;
  readonly mine: boolean;
}

/** Answer of /api/login and /api/me. `csrf` goes back in X-Madoguchi-CSRF with every change. */
export interface LoggedIn {
  readonly me: Me;
  readonly csrf: string;
}

/** Body of POST /api/login. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/** Who is logged in at a desk. */
export interface Me {
  readonly user: string;
  readonly name: string;
  readonly role: string;
  readonly municipalities: ReadonlyArray<readonly [string, string]>;
  readonly memberships: ReadonlyArray<Membership>;
  readonly views: ReadonlyArray<string>;
}

/**
 * The kiosk's own counters, every 2 s in a call. `live` is False when no RTP came for 2 s.
 *
 * What is None is not known; a loss is a share of packets in the newest seconds, an age is time since the
 * last frame or block of sound that a device gave.
 */
export interface MediaReport {
  readonly live: boolean;
  readonly epoch: number;
  readonly received_frames: number;
  readonly received_audio_packets: number;
  readonly sent_face_frames: number;
  readonly sent_document_frames: number;
  readonly target_kbps: number;
  readonly rung: Rung;
  readonly cause: RungCause | null;
  readonly uplink_loss: number | null;
  readonly downlink_loss: number | null;
  readonly face_age_ms: number | null;
  readonly document_age_ms: number | null;
  readonly microphone_age_ms: number | null;
  readonly cpu_pressure: number | null;
  readonly late_ms: number;
}

/** What a media line of the offer carries. */
export type MediaRole = "audio" | "face" | "document";

/** One role of a person in one municipality; `department` is an id, of specialists only. */
export interface Membership {
  readonly municipality: string;
  readonly role: Role;
  readonly department: string | null;
}

/** A supervisor in a call, as the desks of the call see it; its id names the connection to her desk. */
export interface Monitor {
  readonly id: string;
  readonly state: MonitorState;
  readonly supervisor: string;
  readonly supervisor_name: string;
  readonly since: Moment;
}

/** A supervisor takes part in the call of the envelope, or does so otherwise; `over`: no longer. */
export interface MonitorCall {
  readonly state: MonitorState;
}

/** How a supervisor takes part in a call; everybody in it is told. */
export type MonitorState = "listening" | "whispering" | "barging" | "over";

/** For the supervisor: how she takes part now; None when she does not. `why` as in `monitor.Step`. */
export interface MonitorUpdate {
  readonly monitoring: Monitoring | null;
  readonly why: string;
}

/** The same as the supervisor's own desk sees it. */
export interface Monitoring {
  readonly id: string;
  readonly state: MonitorState;
  readonly call: string;
  readonly call_state: CallState;
  readonly municipality_name: string;
  readonly brand: string;
  readonly site_name: string;
  readonly terminal_name: string;
  readonly operator_name: string;
  readonly accepted_at: Moment;
  readonly since: Moment;
  readonly topic_title: string;
  readonly ice_servers: ReadonlyArray<IceServer>;
}

/** Another terminal of the same counter. */
export interface Neighbour {
  readonly name: string;
  readonly state: NeighbourState;
}

/** What goes on at the other terminal of a counter. */
export type NeighbourState = "free" | "waiting" | "talking" | "off";

/** Made by the hub, told once to the admin who asked. */
export interface NewPassword {
  readonly password: string;
}

/** Always from the kiosk; `mids` says what each media line carries. */
export interface Offer {
  readonly sdp: string;
  readonly mids: Readonly<Record<string, MediaRole>>;
}

/** A guidance page with its sheets; ruby is written {漢字|かんじ}. */
export interface Page {
  readonly id: string;
  readonly title: string;
  readonly sheets: ReadonlyArray<ReadonlyArray<PageBlock>>;
}

/** One block of a guidance page: heading, text, steps, facts or notice. */
export interface PageBlock {
  readonly kind: "heading" | "text" | "steps" | "facts" | "notice";
  readonly text: string;
  readonly items: ReadonlyArray<string>;
  readonly pairs: ReadonlyArray<readonly [string, string]>;
}

/** The browser's answer: the JSON form of WebAuthn's credential, as text. */
export interface PasskeyAnswer {
  readonly answer: string;
}

/** Body of /api/me/passkeys/remove. */
export interface PasskeyGone {
  readonly id: string;
}

/** Answer of /api/me/passkeys. `offered`: another one may be added. */
export interface PasskeyList {
  readonly offered: boolean;
  readonly passkeys: ReadonlyArray<PasskeyShown>;
}

/** Body of POST /api/me/passkeys: an answer, and what its owner calls it. */
export interface PasskeyNew {
  readonly name: string;
  readonly answer: string;
}

/** What a browser is to be asked about a passkey: the JSON form of WebAuthn's options, as text. */
export interface PasskeyQuestion {
  readonly options: string;
}

/** One of somebody's own passkeys. */
export interface PasskeyShown {
  readonly id: string;
  readonly name: string;
  readonly made_at: Moment;
  readonly used_at: Moment | null;
}

/** Body of POST .../people. */
export interface PersonWanted {
  readonly login_name: string;
  readonly name: string;
  readonly roles: ReadonlyArray<readonly [Role, string | null]>;
}

/** Answer with pong; silence beyond `dead_s` of the welcome means that the link is dead. */
export type Ping = Readonly<Record<string, never>>;

/** The operator points at the paper; said again every second while `on`. Lossy: the newest wins. */
export interface Pointer {
  readonly x: number;
  readonly y: number;
  readonly on: boolean;
}

/** `about` is the id of the ping. */
export interface Pong {
  readonly about: string;
}

/** The operator's presence changed; `reason` says why when the hub did it (ring_timeout). */
export interface Presence {
  readonly state: PresenceState;
  readonly since: Moment;
  readonly reason: string;
  readonly until: Moment | null;
}

/** What an operator is doing; wrap-up belongs here, not to the call. */
export type PresenceState = "offline" | "away" | "available" | "ringing" | "talking" | "wrap_up" | "overdue";

/** What the operator has put on the terminal; the newest revision replaces all before it. */
export interface Presentation {
  readonly revision: number;
  readonly focus: Focus;
  readonly page: Page | null;
  readonly sheet: number;
  readonly caption: string;
  readonly frozen: ReadonlyArray<CameraRole>;
  readonly conduct: Conduct;
  readonly cameras: Cameras;
}

/** In the call or its wrap-up: somebody of this department will telephone the resident. */
export interface PromiseCallback {
  readonly department: string;
  readonly telephone: string;
  readonly reason: string;
  readonly name: string;
  readonly wanted: string;
}

/** The waiting calls that this operator may take, oldest first. */
export interface Queue {
  readonly waiting: ReadonlyArray<WaitingCall>;
}

/** A message had no effect. `code` is stable, `text` is for the person (Japanese). */
export interface Refused {
  readonly about: string;
  readonly code: string;
  readonly text: string;
}

/** A part of a picture in the picture's own proportions, as shares of the turned picture. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** The desk wants a new media epoch: the kiosk offers again. */
export interface Renew {
  readonly reason: string;
}

/** The resident's answer by a key, to the caption that stood in this revision of the presentation. */
export interface Reply {
  readonly id: string;
  readonly word: ReplyWord;
  readonly revision: number;
}

/** What a resident answers to a caption with one touch. */
export type ReplyWord = "yes" | "no" | "again" | "unheard" | "wait";

/** Ask the resident for a still. */
export interface RequestCapture {
  readonly kind: CaptureKind;
}

/** Close a device of the terminal and open it again; the call and the other devices go on. */
export interface RestartDevice {
  readonly device: "face" | "document" | "audio";
}

/** The operator is back with the resident. */
export type ResumeCall = Readonly<Record<string, never>>;

/** Ring until `expires_at`; answer with accept or decline. */
export interface Ring {
  readonly card: RingCard;
}

/** All that one needs to greet by name of place. */
export interface RingCard {
  readonly call: string;
  readonly municipality: string;
  readonly municipality_name: string;
  readonly brand: string;
  readonly site_name: string;
  readonly terminal_name: string;
  readonly queued_at: Moment;
  readonly expires_at: Moment;
  readonly topic: string;
  readonly topic_title: string;
  readonly greeting: string;
  readonly simulated: boolean;
  readonly staff: boolean;
  readonly transfer: Transfer | null;
  readonly captures: ReadonlyArray<Capture>;
  readonly beside: ReadonlyArray<Neighbour>;
}

/** `why`: accepted_elsewhere, left, timeout, declined, withdrawn (she may not have it any more). */
export interface RingEnded {
  readonly why: string;
}

/** What somebody is in one municipality; one person may be several things, in several municipalities. */
export type Role = "operator" | "specialist" | "branch" | "supervisor" | "admin" | "fleet_admin";

/** Body of .../people/{user}/roles: (role, department or null). With none she leaves the town. */
export interface RolesWanted {
  readonly roles: ReadonlyArray<readonly [Role, string | null]>;
}

/** What carries a call, best first; the terminal climbs down and up by itself. */
export type Rung = "video" | "fewer_frames" | "audio_stills" | "text";

/** Why a call is below `video`. */
export type RungCause = "narrow" | "lossy" | "no_media";

/** Listen for these sites of one's municipality and for no others of it; answered by a snapshot. */
export interface SetBells {
  readonly municipality: string;
  readonly sites: ReadonlyArray<string>;
}

/** What is largest on the terminal. */
export interface SetFocus {
  readonly focus: Focus;
}

/** Available or away; everything else follows from calls. */
export interface SetPresence {
  readonly state: "available" | "away";
  readonly reason: string;
}

/** How loud the terminal speaks in this call, 1 to 5; the resident's own keys change the same. */
export interface SetVolume {
  readonly level: number;
}

/** A specialist of the department: kept, tried in vain, or dropped. */
export interface SettleCallback {
  readonly callback: string;
  readonly outcome: CallbackOutcome;
}

/** Push a guidance page of the call's municipality. */
export interface ShowPage {
  readonly page: string;
  readonly sheet: number;
}

/** Always from the other party, to the offer of the same turn. */
export interface SideAnswer {
  readonly transfer: string;
  readonly turn: number;
  readonly sdp: string;
}

/** One more address of the sender. */
export interface SideCandidate {
  readonly transfer: string;
  readonly turn: number;
  readonly candidate: string;
  readonly mid: string;
}

/**
 * To another party of a call: always from the operator's desk. A greater `turn` replaces the connection.
 *
 * `transfer` names the connection: the id of a transfer, a guest or a monitoring. `mids` says what each
 * media line carries, as in `offer`.
 */
export interface SideOffer {
  readonly transfer: string;
  readonly turn: number;
  readonly sdp: string;
  readonly mids: Readonly<Record<string, MediaRole>>;
}

/** The other party wants another offer: its page was loaded anew, or nothing comes. */
export interface SideRenew {
  readonly transfer: string;
}

/** The branch's staff: I am there, or it is settled. */
export interface StaffArrived {
  readonly ring: string;
}

/** A ring for a branch's own staff, as a branch page and the operator see it. */
export interface StaffCall {
  readonly id: string;
  readonly state: StaffState;
  readonly reason: StaffReason;
  readonly by_resident: boolean;
  readonly municipality: string;
  readonly municipality_name: string;
  readonly site: string;
  readonly site_name: string;
  readonly terminal_name: string;
  readonly telephone: string;
  readonly rung_at: Moment;
  readonly until: Moment | null;
  readonly coming: string;
  readonly listening: number;
  readonly call: string;
}

/** The branch's staff: I am going there. */
export interface StaffComing {
  readonly ring: string;
}

/** Why the staff of the branch are wanted beside the terminal. */
export type StaffReason = "illness" | "pin" | "paper" | "other";

/** Where a ring for the branch's staff stands; after `unanswered` somebody may still come, late. */
export type StaffState = "calling" | "coming" | "unanswered" | "done" | "withdrawn";

/** A ring for the branch's staff as it now is: for the pages that listen there and the call's operator. */
export interface StaffUpdate {
  readonly staff: StaffCall;
}

/** Pass the call of the envelope to a department of its municipality, after a talk or at once. */
export interface StartTransfer {
  readonly kind: TransferKind;
  readonly department: string;
  readonly reason: string;
}

/** The next step against harassment in the call of the envelope. */
export interface StepConduct {
  readonly step: ConductStep;
}

/** What the operator decides about a guest of the call of the envelope. */
export interface StepGuest {
  readonly guest: string;
  readonly step: GuestStep;
}

/** The next step of the open transfer; accept and decline answer its ring like any other. */
export interface StepTransfer {
  readonly transfer: string;
  readonly step: TransferStep;
}

/** For supervisors: every call whose operator wants one; the newest list replaces the one before. */
export interface SupervisorWanted {
  readonly calls: ReadonlyArray<Wanted>;
}

/** A transfer as both desks see it; its id names the connection between them. */
export interface Transfer {
  readonly id: string;
  readonly kind: TransferKind;
  readonly state: TransferState;
  readonly department: string;
  readonly department_name: string;
  readonly reason: string;
  readonly origin: string;
  readonly origin_name: string;
  readonly specialist: string;
  readonly specialist_name: string;
  readonly until: Moment | null;
}

/** How a call is to reach a department. */
export type TransferKind = "consult" | "blind";

/** Where a transfer stands; the last five are final. */
export type TransferState = "asking" | "ringing" | "consulting" | "joined" | "handing" | "passed" | "done" | "returned" | "cancelled" | "unanswered" | "over";

/** What a party of a transfer wants next. */
export type TransferStep = "cancel" | "join" | "part" | "hand_over" | "leave";

/** The receiver does not know this type; the sender goes on without it. */
export interface Unsupported {
  readonly about: string;
  readonly unknown: string;
}

/** Expected wait as a range, in seconds from now. */
export interface Wait {
  readonly low_s: number;
  readonly high_s: number;
}

/** A line of the queue. */
export interface WaitingCall {
  readonly call: string;
  readonly state: CallState;
  readonly municipality: string;
  readonly municipality_name: string;
  readonly brand: string;
  readonly site_name: string;
  readonly terminal_name: string;
  readonly queued_at: Moment;
  readonly topic: string;
  readonly topic_title: string;
}

/** One alarm; `subject` is the id of a call, a municipality or a person, `name` how people call it. */
export interface WallAlarm {
  readonly kind: AlarmKind;
  readonly subject: string;
  readonly name: string;
  readonly since: Moment | null;
}

/** A live call on the wallboard: nothing of what is said or shown in it. */
export interface WallCall {
  readonly call: string;
  readonly state: CallState;
  readonly municipality: string;
  readonly municipality_name: string;
  readonly brand: string;
  readonly site_name: string;
  readonly terminal_name: string;
  readonly queued_at: Moment;
  readonly topic_title: string;
  readonly wait: Wait | null;
  readonly accepted_at: Moment | null;
  readonly operator_name: string;
  readonly monitor_name: string;
  readonly wanted: boolean;
}

/** Of today. What is None has no call to tell it from. */
export interface WallFigures {
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly service_level: number | null;
  readonly average_s: number | null;
}

/** Somebody who takes calls; place and call only where they are the supervisor's own municipalities. */
export interface WallPerson {
  readonly user: string;
  readonly name: string;
  readonly role: string;
  readonly state: PresenceState;
  readonly since: Moment;
  readonly reason: string;
  readonly until: Moment | null;
  readonly municipality_name: string;
  readonly site_name: string;
}

/** One municipality on the wallboard. */
export interface WallTown {
  readonly municipality: string;
  readonly name: string;
  readonly brand: string;
  readonly open: boolean;
  readonly waiting: number;
  readonly on_duty: number;
  readonly free: number;
  readonly staff_rings: number;
  readonly disaster: string;
  readonly today: WallFigures;
}

/** The wallboard as it now is, at most once a second; the newest replaces all before it. */
export interface WallboardUpdate {
  readonly today: WallFigures;
  readonly service_s: number;
  readonly waiting_s: number;
  readonly towns: ReadonlyArray<WallTown>;
  readonly calls: ReadonlyArray<WallCall>;
  readonly people: ReadonlyArray<WallPerson>;
  readonly alarms: ReadonlyArray<WallAlarm>;
  readonly more_calls: number;
  readonly more_people: number;
}

/** A call whose operator wants a supervisor. */
export interface Wanted {
  readonly call: string;
  readonly municipality_name: string;
  readonly site_name: string;
  readonly terminal_name: string;
  readonly operator: string;
}

/** Tell this desk the wallboard, at once and at every change; or no longer. */
export interface WatchBoard {
  readonly on: boolean;
}

/** Nobody of the branch is needed any more. */
export type WithdrawStaff = Readonly<Record<string, never>>;

/** The outcome; the operator becomes available again. `procedure` is a procedure's id or 'other'. */
export interface WrapUp {
  readonly procedure: string;
  readonly outcome: "completed" | "not_completed" | "transferred" | "callback" | "misdirected";
  readonly reason: string;
  readonly note: string;
}

/** A call that still wants its outcome. */
export interface WrapUpTask {
  readonly call: string;
  readonly card: RingCard;
  readonly ended_at: Moment;
  readonly ended_by: string;
  readonly until: Moment | null;
}

/** The wrap-up is stored. */
export type WrappedUp = Readonly<Record<string, never>>;

/** Everything that the hub may say to a desk. */
export type HubSays =
  | Envelope<"callbacks", Callbacks>
  | Envelope<"candidate", Candidate>
  | Envelope<"capture", CaptureUpdate>
  | Envelope<"departments", DepartmentsUpdate>
  | Envelope<"desk_call", DeskCallUpdate>
  | Envelope<"desk_snapshot", DeskSnapshot>
  | Envelope<"desk_welcome", DeskWelcome>
  | Envelope<"going_away", GoingAway>
  | Envelope<"guest_invited", GuestInvited>
  | Envelope<"media_report", MediaReport>
  | Envelope<"monitor", MonitorUpdate>
  | Envelope<"offer", Offer>
  | Envelope<"ping", Ping>
  | Envelope<"pong", Pong>
  | Envelope<"presence", Presence>
  | Envelope<"queue", Queue>
  | Envelope<"refused", Refused>
  | Envelope<"reply", Reply>
  | Envelope<"ring", Ring>
  | Envelope<"ring_ended", RingEnded>
  | Envelope<"side_answer", SideAnswer>
  | Envelope<"side_candidate", SideCandidate>
  | Envelope<"side_offer", SideOffer>
  | Envelope<"side_renew", SideRenew>
  | Envelope<"staff_ring", StaffUpdate>
  | Envelope<"supervisor_wanted", SupervisorWanted>
  | Envelope<"unsupported", Unsupported>
  | Envelope<"wallboard", WallboardUpdate>
  | Envelope<"wrapped_up", WrappedUp>;

/** Everything that a desk may say. */
export type DeskSays =
  | Envelope<"abort_capture", AbortCapture>
  | Envelope<"accept", Accept>
  | Envelope<"adjust_camera", Defaulted<AdjustCamera, "region">>
  | Envelope<"answer", Answer>
  | Envelope<"call_staff", Defaulted<CallStaff, "reason">>
  | Envelope<"candidate", Defaulted<Candidate, "mid">>
  | Envelope<"caption", Caption>
  | Envelope<"choose_camera", ChooseCamera>
  | Envelope<"decline", Decline>
  | Envelope<"desk_hello", Defaulted<DeskHello, "resume_token" | "received">>
  | Envelope<"end_call", EndCall>
  | Envelope<"freeze", Freeze>
  | Envelope<"hide_page", HidePage>
  | Envelope<"hold_call", Defaulted<HoldCall, "reason">>
  | Envelope<"ink", Defaulted<Ink, "done">>
  | Envelope<"ink_clear", InkClear>
  | Envelope<"invite_guest", Defaulted<InviteGuest, "name">>
  | Envelope<"monitor_call", MonitorCall>
  | Envelope<"ping", Ping>
  | Envelope<"pointer", Pointer>
  | Envelope<"pong", Pong>
  | Envelope<"promise_callback", Defaulted<PromiseCallback, "name" | "wanted">>
  | Envelope<"refused", Refused>
  | Envelope<"renew", Renew>
  | Envelope<"request_capture", RequestCapture>
  | Envelope<"restart_device", RestartDevice>
  | Envelope<"resume_call", ResumeCall>
  | Envelope<"set_bells", SetBells>
  | Envelope<"set_focus", SetFocus>
  | Envelope<"set_presence", Defaulted<SetPresence, "reason">>
  | Envelope<"set_volume", SetVolume>
  | Envelope<"settle_callback", SettleCallback>
  | Envelope<"show_page", Defaulted<ShowPage, "sheet">>
  | Envelope<"side_answer", SideAnswer>
  | Envelope<"side_candidate", Defaulted<SideCandidate, "mid">>
  | Envelope<"side_offer", SideOffer>
  | Envelope<"side_renew", SideRenew>
  | Envelope<"staff_arrived", StaffArrived>
  | Envelope<"staff_coming", StaffComing>
  | Envelope<"start_transfer", StartTransfer>
  | Envelope<"step_conduct", StepConduct>
  | Envelope<"step_guest", StepGuest>
  | Envelope<"step_transfer", StepTransfer>
  | Envelope<"unsupported", Unsupported>
  | Envelope<"watch_board", WatchBoard>
  | Envelope<"withdraw_staff", WithdrawStaff>
  | Envelope<"wrap_up", Defaulted<WrapUp, "reason" | "note">>;

/** Types that this page understands; any other is answered `unsupported`. */
export const HUB_SAYS: ReadonlySet<string> = new Set<string>([
  "callbacks",
  "candidate",
  "capture",
  "departments",
  "desk_call",
  "desk_snapshot",
  "desk_welcome",
  "going_away",
  "guest_invited",
  "media_report",
  "monitor",
  "offer",
  "ping",
  "pong",
  "presence",
  "queue",
  "refused",
  "reply",
  "ring",
  "ring_ended",
  "side_answer",
  "side_candidate",
  "side_offer",
  "side_renew",
  "staff_ring",
  "supervisor_wanted",
  "unsupported",
  "wallboard",
  "wrapped_up",
]);

/** Everything that the hub may say to a guest's page. */
export type HubSaysToGuest =
  | Envelope<"going_away", GoingAway>
  | Envelope<"guest_snapshot", GuestSnapshot>
  | Envelope<"guest_welcome", GuestWelcome>
  | Envelope<"ping", Ping>
  | Envelope<"pong", Pong>
  | Envelope<"refused", Refused>
  | Envelope<"side_candidate", SideCandidate>
  | Envelope<"side_offer", SideOffer>
  | Envelope<"unsupported", Unsupported>;

/** Everything that a guest's page may say. */
export type GuestSays =
  | Envelope<"guest_ask", GuestAsk>
  | Envelope<"guest_hello", Defaulted<GuestHello, "code" | "resume_token" | "received">>
  | Envelope<"guest_leave", GuestLeave>
  | Envelope<"ping", Ping>
  | Envelope<"pong", Pong>
  | Envelope<"refused", Refused>
  | Envelope<"side_answer", SideAnswer>
  | Envelope<"side_candidate", Defaulted<SideCandidate, "mid">>
  | Envelope<"side_renew", SideRenew>
  | Envelope<"unsupported", Unsupported>;

/** Types that this page understands; any other is answered `unsupported`. */
export const HUB_SAYS_TO_GUEST: ReadonlySet<string> = new Set<string>([
  "going_away",
  "guest_snapshot",
  "guest_welcome",
  "ping",
  "pong",
  "refused",
  "side_candidate",
  "side_offer",
  "unsupported",
]);
