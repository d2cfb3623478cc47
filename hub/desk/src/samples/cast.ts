// The cast of the sample states: two municipalities, one resident who is never named, one operator.

import type {
  AwayReason, BellPlace, CallbackTask, CameraSetting, DepartmentPresence, DeskCall, Guest, Handbook, Me, MediaReport, Monitor, Monitoring, MonitorState, RingCard, StaffCall, Transfer, WaitingCall, WallboardUpdate, WallCall, WallFigures, Wanted, WrapUpTask,
} from "../protocol";

const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

export const ME: Me = {
  user: "u1", name: "山口 みどり", role: "オペレーター", municipalities: [["mine", "美祢市"], ["tatsugo", "鹿児島県大島郡龍郷町"]],
  memberships: [{ municipality: "mine", role: "operator", department: null }, { municipality: "tatsugo", role: "operator", department: null }],
  views: ["counter", "queue"],
};

export const CARD = (): RingCard => ({
  call: "c1", municipality: "mine", municipality_name: "美祢市", brand: "#00696B", site_name: "秋芳総合支所",
  terminal_name: "窓口端末 1", queued_at: at(-74), expires_at: at(14), topic: "care", topic_title: "介護保険の申請",
  greeting: "お待たせしました。美祢市 秋芳総合支所の窓口、オペレーターの○○です。介護保険のご相談ですね。", simulated: true, staff: true, transfer: null, captures: [],
  beside: [{ name: "窓口端末 2", state: "waiting" }],
  ...(new URLSearchParams(location.search).has("long") ? LONG : {}),
});

/** The longest names that we know of. */
const LONG: Partial<RingCard> = { beside: [{ name: "窓口端末 1", state: "talking" }, { name: "窓口端末 3(奥の相談室)", state: "off" }], municipality: "tatsugo", municipality_name: "鹿児島県大島郡龍郷町", brand: "#F2C230", site_name: "本庁舎 町民税務課 総合窓口", terminal_name: "窓口端末 2(奥の相談室)", topic_title: "マイナンバーカードの申請と写真の撮影" };

export const WAITING = (): WaitingCall[] => [
  { ...line("c2", -74), municipality: "mine", municipality_name: "美祢市", brand: "#00696B", site_name: "秋芳総合支所", topic_title: "介護保険の申請", state: "ringing" },
  { ...line("c3", -205), municipality: "tatsugo", municipality_name: "鹿児島県大島郡龍郷町", brand: "#7A3B8F", site_name: "秋名出張所", topic_title: "マイナンバーカードの申請" },
  { ...line("c4", -31), municipality: "tatsugo", municipality_name: "鹿児島県大島郡龍郷町", brand: "#7A3B8F", site_name: "秋名出張所", topic_title: "", terminal_name: "窓口端末 2" },
];

function line(call: string, since: number): Omit<WaitingCall, "municipality" | "municipality_name" | "brand" | "site_name" | "topic_title"> {
  return { call, state: "waiting", terminal_name: "窓口端末 1", queued_at: at(since), topic: "" };
}

const block = { text: "", items: [], pairs: [] };

export const BOOK: Handbook = {
  municipality: "mine",
  name: "美祢市",
  procedures: [
    {
      id: "care", title: "介護保険の申請", sub: "", captures: ["document_still"],
      ready: ["介護保険被保険者証", "医療保険の資格がわかるもの", "主治医の氏名と医療機関の名前"],
      greeting: "お待たせしました。美祢市 秋芳総合支所の窓口です。介護保険のご相談ですね。",
      handbook: [
        { ...block, kind: "heading", text: "はじめに確かめること" },
        { ...block, kind: "steps", items: ["本人か家族かを聞く。家族なら続柄も聞く。", "被保険者証を書画カメラの下に置いてもらう。", "入院中かどうかを聞く。入院中なら退院の見込みも聞く。"] },
        { ...block, kind: "notice", text: "個人番号は聞かない。書いてある欄は隠してもらう。" },
        { ...block, kind: "heading", text: "申請のあと" },
        { ...block, kind: "facts", pairs: [["訪問調査", "申請から 1〜2 週間で電話が来る"], ["結果", "原則 30 日以内に郵送"], ["問い合わせ", "高齢福祉課 0837-52-0000"]] },
        { ...block, kind: "text", text: "急ぐ事情があるときは、暫定の利用ができるので、本庁に相談すると伝える。" },
      ],
      pages: ["flow"],
    },
    { id: "card", title: "マイナンバーカードの申請", sub: "", captures: ["id_photo"], ready: ["交付申請書", "本人確認書類"], greeting: "", handbook: [], pages: [] },
    { id: "move", title: "住所変更の届出", sub: "", captures: [], ready: ["転出証明書"], greeting: "", handbook: [], pages: [] },
  ],
  pages: [
    {
      id: "flow", title: "介護保険 申請からの流れ",
      sheets: [
        [
          { ...block, kind: "heading", text: "{申請|しんせい}からの{流|なが}れ" },
          { ...block, kind: "steps", items: ["{窓口|まどぐち}で{申請|しんせい}", "{訪問|ほうもん}{調査|ちょうさ}(1〜2 {週間|しゅうかん})", "{結果|けっか}が{郵便|ゆうびん}で{届|とど}く"] },
        ],
        [{ ...block, kind: "heading", text: "{調査|ちょうさ}の{日|ひ}" }, { ...block, kind: "text", text: "{家|いえ}に{調査員|ちょうさいん}が{来|き}ます。" }],
      ],
    },
    { id: "map", title: "本庁の場所と駐車場", sheets: [[{ ...block, kind: "heading", text: "本庁" }]] },
    { id: "papers", title: "持ち物の一覧", sheets: [[{ ...block, kind: "heading", text: "持ち物" }]] },
  ],
  phrases: ["{書類|しょるい}を\u200bカメラの\u200b{下|した}に\u200b{置|お}いて\u200bください。", "{少々|しょうしょう}\u200bお{待|ま}ち\u200bください。", "{画面|がめん}を\u200bご{覧|らん}\u200bください。", "ほかに\u200bご{用件|ようけん}は\u200bありますか。", "{紙|かみ}を\u200b{裏返|うらがえ}して\u200bください。", "{音|おと}が\u200b{聞|き}こえますか。", "{別|べつ}の\u200b{担当|たんとう}の\u200b{者|もの}に\u200b{代|か}わります。"],
  readings: [["裏返", "うらがえ"], ["申請", "しんせい"], ["流", "なが"], ["訪問", "ほうもん"], ["調査", "ちょうさ"], ["結果", "けっか"]],
};

export const PLAIN: CameraSetting = {
  turned: 0, region: { left: 0, top: 0, side: 1 }, focus_held: false, focus_step: 0, exposure: 0, source: "",
};

const DEPARTMENTS: DepartmentPresence[] = [
  { id: "kaigo", name: "高齢福祉課 介護保険係", telephone: "0837-52-0001", free: 1, busy: 2, stands_in: "", procedures: ["care"] },
  { id: "shimin", name: "市民課", telephone: "0837-52-0002", free: 0, busy: 1, stands_in: "", procedures: [] },
  { id: "hoken", name: "健康増進課 国民健康保険・後期高齢者医療係", telephone: "0837-52-0003", free: 0, busy: 0, stands_in: "shimin", procedures: [] },
  { id: "zeimu", name: "税務課", telephone: "0837-52-0004", free: 0, busy: 0, stands_in: "", procedures: [] },
];

export const TRANSFER = (state: Transfer["state"], origin = "u1"): Transfer => ({
  id: "x1", kind: "consult", state, department: "kaigo", department_name: "高齢福祉課 介護保険係", reason: "負担割合証の再発行を確認したい",
  origin, origin_name: "山口 みどり", specialist: origin === "u1" ? "u2" : "u1", specialist_name: "井上 健", until: at(40),
});

export const GUEST = (state: Guest["state"], more: Partial<Guest> = {}): Guest => ({
  id: "g1", kind: "family", state, name: "佐々木 花子", until: state === "invited" ? at(760) : null, here: state !== "invited", muted: false, sees: false, ...more,
});

export const CALLBACKS = (): CallbackTask[] => [
  {
    id: "b1", municipality_name: "美祢市", site_name: "秋芳総合支所", department_name: "税務課", telephone: "090-0000-0000", reason: "納税証明書の年度を確かめたい",
    created_at: at(-3600), name: "見本 太郎", wanted: "午後", topic_title: "", by: "山口 みどり", tries: 1,
  },
  {
    id: "b2", municipality_name: "美祢市", site_name: "美東総合支所", department_name: "税務課", telephone: "090-0000-0001", reason: "口座振替の用紙が届かない",
    created_at: at(-3 * 86_400), name: "", wanted: "", topic_title: "", by: "山口 みどり", tries: 0,
  },
];

export const CALL = (): DeskCall => ({
  card: CARD(), state: "talking", accepted_at: at(-193), epoch: 1, terminal_connected: true, presented: 4, ended_by: "", held_reason: "", transfer: null, monitor: null, departments: DEPARTMENTS, ice_servers: [], guests: [],
  presentation: { revision: 4, focus: "page", page: BOOK.pages[0] ?? null, sheet: 0, caption: "書類をカメラの下に置いてください。", frozen: [], conduct: "fine", cameras: { face: PLAIN, document: PLAIN } },
  devices: ["face", "document", "audio", "ui"].map((name) => (
    { name, state: "live" as const, code: "", cause: "", simulated: true, can: name === "document" ? ["focus", "exposure"] : [] }
  )),
  attached: [
    { id: "face", name: "顔カメラ", simulated: true }, { id: "document", name: "書画カメラ", simulated: true },
    { id: "spare-1", name: "予備カメラ 1", simulated: true },
  ],
  volume: 3, devices_closed_at: null,
  captures: [
    { id: "k0", kind: "document_still", stage: "stored", width: 4056, height: 3040, bytes: 2_410_332, sha256: "9f2c41d77b0e5aa1c3d4", code: "", cause: "", at: at(-100),
      checks: [["ピント", "good", "良い"], ["明るさのむら", "caution", "左下がやや暗い"], ["四隅", "good", "写っている"]] },
    { id: "k1", kind: "id_photo", stage: "asking", width: 0, height: 0, bytes: 0, sha256: "", code: "", cause: "", checks: [], at: null },
  ],
});

export const WRAP_UP = (): WrapUpTask => ({ call: "c1", card: CARD(), ended_at: at(-42), ended_by: "resident", until: at(258) });

/** What a terminal reports while all is well. */
export const REPORT: MediaReport = {
  live: true, epoch: 1, received_frames: 900, received_audio_packets: 2200, sent_face_frames: 600, sent_document_frames: 300,
  target_kbps: 900, rung: "video", cause: null, uplink_loss: 0, downlink_loss: 0, face_age_ms: 40, document_age_ms: 90,
  microphone_age_ms: 20, cpu_pressure: 0.1, late_ms: 8,
};

/** Staff of a branch, the sites that may ring her, and a ring. */
export const BRANCH: Me = { ...ME, name: "鈴木 一郎", role: "支所職員", memberships: [{ municipality: "mine", role: "branch", department: null }], views: ["bell"] };

export const AWAY: AwayReason[] = [{ id: "break", name: "休憩", minutes: 10 }, { id: "training", name: "研修", minutes: 0 }];

export const BELLS: BellPlace[] = [
  { municipality: "mine", municipality_name: "美祢市", site: "akiyoshi", site_name: "秋芳総合支所", on: true },
  { municipality: "mine", municipality_name: "美祢市", site: "mito", site_name: "美東総合支所", on: false },
];

export const RING = (): StaffCall => ({
  id: "s1", state: "calling", reason: "illness", by_resident: false, municipality: "mine", municipality_name: "美祢市",
  site: "akiyoshi", site_name: "秋芳総合支所", terminal_name: "窓口端末 1", telephone: "0837-62-0000", rung_at: at(-12),
  until: at(48), coming: "", listening: 1, call: "c1",
});

export const WANTED: Wanted[] = [{ call: "c9", municipality_name: "美祢市", site_name: "美東総合支所", terminal_name: "窓口端末 1", operator: "田中 陽子" }];

/** A supervisor of both municipalities, who takes no calls. */
export const SUPERVISOR: Me = {
  ...ME, user: "u9", name: "高橋 誠", role: "管理者", views: ["queue", "wallboard", "disaster"],
  memberships: [{ municipality: "mine", role: "supervisor", department: null }, { municipality: "tatsugo", role: "supervisor", department: null }],
};

export const MONITOR = (state: MonitorState): Monitor => ({ id: "m1", state, supervisor: "u9", supervisor_name: "高橋 誠", since: at(-20) });

export const MONITORING = (state: MonitorState): Monitoring => ({
  id: "m1", state, call: "c9", call_state: "talking", municipality_name: "美祢市", brand: "#00696B", site_name: "美東総合支所", terminal_name: "窓口端末 1",
  operator_name: "田中 陽子", accepted_at: at(-412), since: at(-20), topic_title: "介護保険の申請", ice_servers: [],
});

const FIGURES: WallFigures = { offered: 64, answered: 58, abandoned: 3, service_level: 0.874, average_s: 23 };
const MINE = { municipality: "mine", municipality_name: "美祢市", brand: "#00696B" };
const TATSUGO = { municipality: "tatsugo", municipality_name: "鹿児島県大島郡龍郷町", brand: "#7A3B8F" };

const wallCall = (call: string, place: typeof MINE, site_name: string, since: number, more: Partial<WallCall> = {}): WallCall => ({
  call, ...place, site_name, terminal_name: "窓口端末 1", state: "waiting", queued_at: at(since), topic_title: "介護保険の申請", wait: null,
  accepted_at: null, operator_name: "", monitor_name: "", wanted: false, ...more,
});

/** A busy quarter of an hour before noon. */
export const BOARD = (): WallboardUpdate => ({
  today: FIGURES, service_s: 20, waiting_s: 120, more_calls: 0, more_people: 0,
  alarms: [
    { kind: "waiting_long", subject: "c3", name: "鹿児島県大島郡龍郷町 秋名出張所", since: at(-205) },
    { kind: "wrap_up_long", subject: "u5", name: "藤井 直子", since: at(-260) },
  ],
  calls: [
    wallCall("c3", TATSUGO, "秋名出張所", -205, { topic_title: "マイナンバーカードの申請と写真の撮影", wait: { low_s: 60, high_s: 240 } }),
    wallCall("c2", MINE, "秋芳総合支所", -74, { state: "ringing", operator_name: "山口 みどり" }),
    wallCall("c4", TATSUGO, "本庁舎 町民税務課 総合窓口", -31, { topic_title: "", wait: { low_s: 60, high_s: 120 } }),
    wallCall("c9", MINE, "美東総合支所", -430, { state: "talking", accepted_at: at(-412), operator_name: "田中 陽子", wanted: true }),
    wallCall("c6", MINE, "秋芳総合支所", -300, { state: "held", accepted_at: at(-280), operator_name: "中村 恵", topic_title: "住所変更の届出" }),
    wallCall("c7", TATSUGO, "赤徳出張所", -120, { state: "talking", accepted_at: at(-101), operator_name: "佐々木 涼", topic_title: "税金の証明" }),
  ],
  people: [
    person("u3", "田中 陽子", "talking", -412, { municipality_name: "美祢市", site_name: "美東総合支所" }),
    person("u4", "中村 恵", "talking", -280, { municipality_name: "美祢市", site_name: "秋芳総合支所" }),
    person("u6", "佐々木 涼", "talking", -101, { municipality_name: "鹿児島県大島郡龍郷町", site_name: "赤徳出張所" }),
    person("u1", "山口 みどり", "ringing", -8, { municipality_name: "美祢市", site_name: "秋芳総合支所" }),
    person("u5", "藤井 直子", "wrap_up", -260, { until: at(40) }),
    person("u7", "木村 拓", "overdue", -95, { reason: "後処理の時間切れ" }),
    person("u8", "石川 遥", "available", -33),
    person("u2", "井上 健", "away", -610, { role: "本庁担当者", reason: "打ち合わせ" }),
  ],
  towns: [
    { municipality: "tatsugo", name: "鹿児島県大島郡龍郷町", brand: "#7A3B8F", open: true, waiting: 2, on_duty: 3, free: 1, staff_rings: 1, disaster: "", today: { ...FIGURES, offered: 21, answered: 17, service_level: 0.71, average_s: 48 } },
    { municipality: "mine", name: "美祢市", brand: "#00696B", open: true, waiting: 1, on_duty: 5, free: 1, staff_rings: 0, disaster: "", today: { ...FIGURES, offered: 43, answered: 41, abandoned: 1, service_level: 0.951, average_s: 14 } },
    { municipality: "minami", name: "南アルプス市", brand: "#B26A00", open: false, waiting: 0, on_duty: 0, free: 0, staff_rings: 0, disaster: "地震のあとのご案内", today: { offered: 0, answered: 0, abandoned: 0, service_level: null, average_s: null } },
  ],
});

function person(user: string, name: string, state: WallboardUpdate["people"][number]["state"], since: number, more: Partial<WallboardUpdate["people"][number]> = {}): WallboardUpdate["people"][number] {
  return { user, name, role: "オペレーター", state, since: at(since), reason: "", until: null, municipality_name: "", site_name: "", ...more };
}
