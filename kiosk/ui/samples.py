"""Views to look at: every screen, with the words of a real counter, and the hardest words there are."""

from __future__ import annotations

from msgspec.structs import replace

from kiosk.core.view import (
    Band,
    Check,
    Choice,
    Dialog,
    Ended,
    Footer,
    Idle,
    Layout,
    Notice,
    PageBlock,
    PageSheet,
    Person,
    Photo,
    PhotoStage,
    Picture,
    Screen,
    Talking,
    TextSize,
    TouchKind,
    View,
    Waiting,
    Words,
)

SIZES = ((1280, 800), (800, 480), (800, 1280), (1920, 1080))
CLOCK = "11月23日(月) 午前10:24"
LONG_TOWN = "鹿児島県大島郡龍郷町"
_LANGUAGES = (
    ("ja", "日本語"),
    ("ja-easy", "やさしい\u200b日本語"),
    ("en", "English"),
    ("zh", "中文"),
    ("pt", "Português"),
    ("vi", "Tiếng Việt"),
)
_PERSON = Person(name="田中 陽子", role="市民課 オペレーター", municipality="みなみ市")
_LEAVE = Choice(kind=TouchKind.LEAVE, label="やめる")
_SIZE = Choice(kind=TouchKind.TEXT_SIZE, label="文字を\u200b大きく")


def languages(selected: str = "ja") -> tuple[Choice, ...]:
    """The six languages."""
    return tuple(
        Choice(kind=TouchKind.LANGUAGE, label=label, value=code, selected=code == selected)
        for code, label in _LANGUAGES
    )


_IDLE_FOOT = Footer(text_size=_SIZE, languages=languages(), language_label="Language")
_CALL_FOOT = Footer(
    leave=_LEAVE,
    text_size=_SIZE,
    languages=languages(),
    language_label="Language",
    volume=3,
    volume_label="音量",
    live=("顔カメラ", "書類カメラ"),
    watching=("みなみ市の\u200bオペレーター 田中 陽子が\u200b見ています",),
)
_TWO_WATCH = replace(
    _CALL_FOOT, watching=(*_CALL_FOOT.watching, "みなみ市の\u200b管理者 高橋 誠が\u200b見ています")
)
_COMPANY = replace(
    _CALL_FOOT,
    watching=(
        *_CALL_FOOT.watching,
        "ご家族の\u200b佐々木 花子さんが\u200b声で\u200b参加して\u200bいます",
    ),
)
_UNSEEN = ("いまは、\u200bだれにも\u200b見えて\u200bいません",)
_WAIT_FOOT = replace(_CALL_FOOT, live=(), watching=(), volume=0)


def _view(screen: Screen, **parts: object) -> View:
    base = View(revision=1, screen=screen, title="みなみ市 リモート窓口", clock=CLOCK, footer=_IDLE_FOOT)
    return replace(base, **parts)


_IDLE = Idle(
    title="{画面|がめん}に\u200bさわると、\u200b{職員|しょくいん}と\u200bお{話|はな}しできます",
    lines=(
        "{予約|よやく}は\u200bいりません。\u200b{手続|てつづ}きは\u200b{職員|しょくいん}が\u200bお{手伝|てつだ}いします。",
    ),
    start=Choice(kind=TouchKind.START, label="{話|はな}す", sub="ここに さわってください"),
    topics_title="ご{相談|そうだん}いただけること",
    topics=(
        "マイナンバーカードの\u200b{申請|しんせい}",
        "{住民票|じゅうみんひょう}の{写|うつ}し",
        "{印鑑|いんかん}\u200b{登録|とうろく}\u200b{証明|しょうめい}",
        "{引|ひ}っこし・\u200b{転入|てんにゅう}",
        "{子育|こそだ}て・\u200b{福祉|ふくし}の{相談|そうだん}",
    ),
    hours="{受付|うけつけ} 8:30〜17:15\u200b({平日|へいじつ})",
)
_TILES = tuple(
    Choice(kind=TouchKind.START, value=value, label=label, sub=sub, icon=icon)
    for value, label, sub, icon in (
        ("mynumber", "マイナンバー\u200bカード", "{申請|しんせい}・{写真|しゃしん}", "card"),
        (
            "certificate",
            "{住民票|じゅうみんひょう}・\u200b{証明|しょうめい}",
            "{写|うつ}しの\u200b{請求|せいきゅう}",
            "document",
        ),
        ("move", "{引|ひ}っこし", "{転入|てんにゅう}・{転出|てんしゅつ}", "moving"),
        ("seal", "{印鑑|いんかん}\u200b{登録|とうろく}", "{登録|とうろく}・{証明|しょうめい}", "seal"),
        ("child", "{子育|こそだ}て", "{手当|てあて}・{保育|ほいく}", "child"),
        ("other", "そのほか", "どんな ことでも", "speech"),
    )
)
_UNSURE = Choice(
    kind=TouchKind.START, value="unsure", label="わからない・\u200b{聞|き}いて{決|き}めたい", icon="question"
)

_LATER = Idle(
    title="ご{用件|ようけん}に\u200bさわってください",
    lines=("{職員|しょくいん}に\u200bつながります。",),
    tiles=(
        *_TILES[:3],
        replace(_TILES[3], sub="おためし\u200b{中|ちゅう}です"),
        replace(_UNSURE, label="わからない"),
    ),
    hours="{受付|うけつけ} 月〜金 8:30〜17:15",
    later=(
        "「{介護保険|かいごほけん}の\u200b{相談|そうだん}」は\u200b{今日|きょう}の\u200b{午後|ごご}1{時|じ}から\u200b{受|う}け{付|つ}けます",
        "「{税金|ぜいきん}の\u200b{証明|しょうめい}」は\u200b{明日|あした}、\u200b12{月|がつ}2{日|ふつか}({水|すい})の\u200b{午前|ごぜん}9{時|じ}から\u200b{受|う}け{付|つ}けます",
    ),
)
_EVENT = Idle(
    title="ご{用件|ようけん}に\u200bさわってください",
    lines=("{職員|しょくいん}に\u200bつながります。",),
    tiles=(_TILES[0], _UNSURE),
    hours="{会場|かいじょう} みなとモール 1階広場\u200b(12{月|がつ}{5日|いつか}({土|ど}) 10:00〜16:00)",
)
_DISASTER = Idle(
    title="{地震|じしん}の\u200bあとの\u200bご{案内|あんない}",
    page=PageSheet(
        id="disaster-quake",
        title="{地震|じしん}の\u200bあとの\u200bご{案内|あんない}",
        blocks=(
            PageBlock(kind="heading", text="{避難|ひなん}する\u200bところ"),
            PageBlock(
                kind="facts",
                pairs=(
                    ("{市民体育館|しみんたいいくかん}", "{開|あ}いています"),
                    ("{北小学校|きたしょうがっこう}", "{開|あ}いています"),
                ),
            ),
            PageBlock(
                kind="notice",
                text="{命|いのち}に\u200bかかわる\u200bときは、\u200b119に\u200b{電話|でんわ}を\u200bして\u200bください",
            ),
        ),
    ),
    start=Choice(kind=TouchKind.START, label="{話|はな}す"),
)
_NOBODY = replace(
    _DISASTER,
    start=None,
    lines=("いまは、\u200bお{電話|でんわ}を\u200bください",),
    telephone_label="お{電話|でんわ}",
    telephone="0000-00-1100",
)
_BRANCH_DIALOG = Dialog(
    title="{住民票|じゅうみんひょう}・\u200b{証明|しょうめい}",
    text="この\u200b{手続|てつづ}きは、こちらの\u200b{窓口|まどぐち}の\u200b{職員|しょくいん}が\u200b{承|うけたまわ}ります。\u200bお{声|こえ}かけ\u200bください。",
    choices=(Choice(kind=TouchKind.READ, label="わかりました", selected=True),),
)

_WAITING = Waiting(
    title="{職員|しょくいん}を\u200bお{呼|よ}びしています",
    status="あと {1人|ひとり}で\u200bつながります",
    waited_label="お{待|ま}ちの{時間|じかん}",
    waited="1分20秒",
    expected_label="{待|ま}ち{時間|じかん}の\u200b{目安|めやす}",
    expected="2〜4分",
    ready_title="お{手元|てもと}に\u200bご{用意|ようい}ください",
    ready=(
        "{申請書|しんせいしょ}の ある{方|かた}は \u200b{申請書|しんせいしょ}",
        "{本人|ほんにん}\u200b{確認|かくにん}が\u200bできるもの",
    ),
    note="そのまま\u200bイスに\u200bかけて\u200bお{待|ま}ちください。",
)
_TALKING = Talking(
    person=_PERSON, paper_title="{書類|しょるい}カメラ", self_label="あなたの\u200b{映像|えいぞう}"
)
_WORDS = Words(
    text="お名前を書くところまで できましたか。書けたら「はい」に ふれてください。",
    ask="お{返事|へんじ}は、\u200bここに\u200bふれて\u200bください",
    keys=tuple(
        Choice(kind=TouchKind.REPLY, value=value, label=label)
        for value, label in (
            ("yes", "はい"),
            ("no", "いいえ"),
            ("again", "もう\u200b{一度|いちど}"),
            ("wait", "{待|ま}って"),
            ("unheard", "{聞|き}こえ\u200bません"),
        )
    ),
)
_LONG_WORDS = (
    "申請書は、お手元の封筒の中の、緑色の線のある紙です。見つかりましたら、カメラの下に置いてください。"
    "見つからないときは「いいえ」にふれて、このままお待ちください。"
)
_CALM = {
    "operator": "{職員|しょくいん}の\u200b{映像|えいぞう}だけ、\u200b{止|と}まって\u200bいます",
    "stills": "{映像|えいぞう}を\u200b{止|と}めて、\u200b{声|こえ}だけで\u200bつないで\u200bいます",
    "text": "{声|こえ}が\u200bとどかない\u200bため、\u200b{文字|もじ}で\u200bつなぎます",
}
_PAGE = PageSheet(
    id="mynumber-flow",
    title="マイナンバーカードの\u200b{申請|しんせい}",
    number="1 / 2",
    blocks=(
        PageBlock(kind="heading", text="きょう\u200bすること"),
        PageBlock(
            kind="steps",
            items=(
                "{本人|ほんにん}\u200b{確認|かくにん}を\u200bします",
                "{申請書|しんせいしょ}を\u200b{書|か}きます\u200b({職員|しょくいん}が\u200bお{手伝|てつだ}いします)",
                "{写真|しゃしん}を\u200bとります",
            ),
        ),
        PageBlock(
            kind="facts",
            pairs=(("かかる{時間|じかん}", "{約|やく}20分"), ("{費用|ひよう}", "{無料|むりょう}")),
        ),
        PageBlock(
            kind="notice",
            text="{暗証|あんしょう}\u200b{番号|ばんごう}は\u200b{声|こえ}に\u200b{出|だ}さないで\u200bください",
        ),
    ),
)
_YES = Choice(kind=TouchKind.CONSENT_YES, label="はい、\u200bとります")
_NO = Choice(kind=TouchKind.CONSENT_NO, label="とりません")


def _photo(stage: PhotoStage, instruction: str, **more: object) -> Photo:
    base = Photo(
        stage=stage, of=Picture.SELF, title="{写真|しゃしん}を\u200bとります", instruction=instruction
    )
    return replace(base, **more)


_GOOD_CHECKS = (
    Check(label="{顔|かお}の\u200b{大|おお}きさ", state="good", word="よいです"),
    Check(label="{目|め}が\u200b{開|あ}いている", state="good", word="よいです"),
    Check(label="{明|あか}るさの\u200bむら", state="caution", word="{少|すこ}し\u200bあります"),
    Check(label="{背景|はいけい}の\u200b{均一|きんいつ}さ", state="good", word="よいです"),
)
_PHOTOS = {
    "photo-consent": _photo(
        PhotoStage.CONSENT,
        "カードに\u200b{使|つか}う\u200b{写真|しゃしん}を\u200bとります。\u200b{写真|しゃしん}は\u200b{職員|しょくいん}に\u200b{送|おく}られ、\u200bこの{端末|たんまつ}には\u200b{残|のこ}りません。",
        choices=(_YES, _NO),
        person=_PERSON,
    ),
    "photo-aim": _photo(PhotoStage.AIM, "{顔|かお}を\u200b{丸|まる}い{線|せん}に\u200bあわせてください"),
    "photo-count": _photo(PhotoStage.COUNT, "そのまま\u200b{前|まえ}を\u200b{見|み}てください", count=3),
    "photo-shutter": _photo(PhotoStage.SHUTTER, "とりました"),
    "photo-sending": _photo(PhotoStage.SENDING, "{職員|しょくいん}に\u200b{送|おく}っています", still=True),
    "photo-shown": _photo(
        PhotoStage.SHOWN,
        "{職員|しょくいん}が\u200b{確認|かくにん}しています",
        title="{写真|しゃしん}が\u200bとれました",
        still=True,
        checks=_GOOD_CHECKS,
    ),
    "photo-failed": _photo(
        PhotoStage.FAILED, "うまく\u200bとれませんでした。\u200bもう{一度|いちど}\u200bとります。"
    ),
    "document-aim": _photo(
        PhotoStage.AIM,
        "{書類|しょるい}を\u200b{枠|わく}の{中|なか}に\u200bおいて\u200b{手|て}を\u200bはなして\u200bください",
        of=Picture.PAPER,
        title="{書類|しょるい}を\u200bとります",
    ),
    "document-shown": _photo(
        PhotoStage.SHOWN,
        "{職員|しょくいん}が\u200b{確認|かくにん}しています",
        of=Picture.PAPER,
        title="{書類|しょるい}が\u200bとれました",
        still=True,
        checks=(Check(label="ピント", state="good", word="よいです"),),
    ),
}

_ENDED = Ended(
    title="ありがとう\u200bございました",
    lines=(
        "{申請書|しんせいしょ}は\u200b{職員|しょくいん}が\u200b{送|おく}ります。\u200b{受付票|うけつけひょう}を\u200bお{持|も}ち\u200bください。",
    ),
    wiped="お{顔|かお}や\u200b{書類|しょるい}の\u200b{映像|えいぞう}は\u200bこの{端末|たんまつ}に\u200b{残|のこ}っていません。",
    done=Choice(kind=TouchKind.DONE, label="おわる"),
)
_TELEPHONE = {"telephone_label": "お{電話|でんわ}でも\u200bうかがいます", "telephone": "0120-000-123"}
_CLOSED = Notice(
    title="{本日|ほんじつ}の{受付|うけつけ}は\u200b{終|お}わりました",
    lines=("{次|つぎ}の{受付|うけつけ}は\u200b11月24日(火) 8:30からです。",),
    hours="{平日|へいじつ} 8:30〜17:15",
    icon="moon",
    **_TELEPHONE,
)
_BUSY = Notice(
    title="ただいま\u200b{混|こ}みあっています",
    lines=(
        "{職員|しょくいん}が\u200bほかの{方|かた}と\u200bお{話|はな}ししています。",
        "10分ほど\u200bあとに\u200bもう{一度|いちど}\u200bお{試|ため}しください。",
    ),
    icon="person",
    **_TELEPHONE,
)
_OFFLINE = Notice(
    title="いま、\u200bつながりません",
    lines=(
        "{回線|かいせん}を\u200bつなぎ{直|なお}しています。\u200bつながると、\u200b{自動|じどう}で\u200bもどります。",
    ),
    hours="{平日|へいじつ} 8:30〜17:15",
    code="N-02 hub unreachable 10:24:07",
    icon="cloud",
    **_TELEPHONE,
)
_TROUBLE = Notice(
    title="{申|もう}し{訳|わけ}\u200bございません",
    lines=(
        "カメラの\u200b{調子|ちょうし}が\u200b{悪|わる}いため、\u200bいまは\u200bお{使|つか}いに\u200bなれません。",
    ),
    code="D-11 face camera lost 10:24:07",
    icon="wrench",
    **_TELEPHONE,
)
_STARTING = Notice(
    title="{準備|じゅんび}しています", lines=("しばらく\u200bお{待|ま}ちください。",), icon="clock"
)
_LEAVE_DIALOG = Dialog(
    title="お{話|はな}しを\u200bやめますか?",
    text="やめると、\u200b{映像|えいぞう}と{音声|おんせい}が\u200b{切|き}れます。",
    choices=(
        Choice(kind=TouchKind.LEAVE_NO, label="いいえ、\u200b{続|つづ}けます"),
        Choice(kind=TouchKind.LEAVE_YES, label="はい、\u200bやめます"),
    ),
)
_IDLE_DIALOG = Dialog(
    title="まだ、\u200bいらっしゃいますか?",
    text="さわらないと、\u200bはじめの{画面|がめん}に\u200bもどります。",
    choices=(Choice(kind=TouchKind.STILL_HERE, label="はい、\u200bいます"),),
    seconds=20,
)


def _call(screen: Screen = Screen.TALKING, **parts: object) -> View:
    return _view(screen, footer=_CALL_FOOT, **parts)


def _vietnamese() -> tuple[View, View]:
    foot = replace(
        _IDLE_FOOT,
        text_size=Choice(kind=TouchKind.TEXT_SIZE, label="Phóng to chữ"),
        languages=languages("vi"),
    )
    idle = Idle(
        title="Chạm vào màn hình để nói chuyện với nhân viên",
        lines=("Không cần đặt lịch hẹn. Nhân viên sẽ hướng dẫn bạn làm thủ tục.",),
        start=Choice(kind=TouchKind.START, label="Bắt đầu trò chuyện", sub="Hãy chạm vào đây"),
        topics_title="Bạn có thể hỏi về",
        topics=(
            "Đăng ký thẻ My Number",
            "Bản sao phiếu cư trú",
            "Chứng nhận đăng ký con dấu cá nhân",
            "Chuyển nhà",
        ),
        hours="8:30–17:15 (thứ Hai – thứ Sáu)",
    )
    talking = replace(
        _TALKING,
        person=Person(
            name="Tanaka Yōko",
            role="Nhân viên tư vấn, Phòng Dịch vụ Công dân",
            municipality="Thành phố Minami",
        ),
        paper_title="Máy quay giấy tờ",
        self_label="Hình ảnh của bạn",
        caption="Xin vui lòng đặt giấy đăng ký vào giữa khung và giữ yên trong giây lát.",
    )
    call_foot = replace(
        _CALL_FOOT,
        leave=Choice(kind=TouchKind.LEAVE, label="Kết thúc"),
        text_size=foot.text_size,
        languages=foot.languages,
        volume_label="Âm lượng",
        live=("Máy quay mặt", "máy quay giấy tờ"),
        watching=("Cô Tanaka đang xem",),
    )
    return (
        _view(
            Screen.IDLE,
            idle=idle,
            footer=foot,
            language="vi",
            title="Quầy từ xa – Thành phố Minami",
            clock="23/11 10:24",
        ),
        _view(Screen.TALKING, talking=talking, footer=call_foot, language="vi", clock="23/11 10:24"),
    )


def _staffed(idle: View, waiting: View, talking: View) -> dict[str, View]:
    """The key that rings the branch's own staff, and what is said about the ring."""
    ring = Choice(kind=TouchKind.STAFF, label="{職員|しょくいん}を\u200b{呼|よ}ぶ")
    stop = Choice(kind=TouchKind.STAFF_STOP, label="{呼|よ}ぶのを\u200bやめる")
    coming = Band(
        text="{職員|しょくいん}が\u200b{向|む}かいます。\u200bこのまま\u200bお{待|ま}ち\u200bください。",
        icon="person",
    )
    missed = Band(
        text="いま、\u200b{職員|しょくいん}が\u200b{来|こ}られません。\u200bお{電話|でんわ} 0000-00-1210",
        icon="person",
        urgent=True,
    )

    def footed(view: View, choice: Choice) -> View:
        return replace(view, footer=replace(view.footer, staff=choice))

    question = Dialog(
        title="こちらに\u200bいる\u200b{職員|しょくいん}を\u200b{呼|よ}びますか？",
        text="{体|からだ}の\u200b{具合|ぐあい}が\u200b{悪|わる}い\u200bときも、\u200b{呼|よ}んで\u200bください。",
        choices=(
            Choice(kind=TouchKind.STAFF_YES, label="はい、\u200b{呼|よ}びます"),
            Choice(kind=TouchKind.STAFF_NO, label="{呼|よ}びません"),
        ),
    )
    return {
        "staff-key": footed(idle, ring),
        "staff-waiting": replace(footed(waiting, stop), band=coming),
        "staff-talking": replace(footed(talking, stop), band=coming),
        "conduct": replace(
            footed(talking, ring),
            band=Band(
                text="おだやかな\u200b{言葉|ことば}で、\u200bお{話|はなし}を\u200bお{願|ねが}いします",
                urgent=True,
                icon="speech",
            ),
        ),
        "staff-missed": replace(footed(talking, ring), band=missed),
        "staff-question": replace(footed(talking, ring), dialog=question),
    }


def samples() -> dict[str, View]:
    """Name -> View; names that begin with 'large' are at the larger text size."""
    vi_idle, vi_talking = _vietnamese()
    long_person = Person(name="徳田 龍一郎", role="保健福祉課 高齢者支援係 相談員", municipality=LONG_TOWN)
    long_foot = replace(
        _CALL_FOOT, watching=(f"{LONG_TOWN}の\u200bオペレーター 徳田 ひかりが\u200b見ています",)
    )
    idle = _view(Screen.IDLE, idle=_IDLE)
    waiting = _view(Screen.WAITING, waiting=_WAITING, footer=_WAIT_FOOT)
    talking = _call(talking=_TALKING)
    notice_foot = replace(_IDLE_FOOT, languages=languages())
    found = {
        "starting": _view(Screen.STARTING, notice=_STARTING, footer=Footer()),
        "idle": idle,
        "idle-tiles": _view(
            Screen.IDLE,
            idle=Idle(
                title="ご{用件|ようけん}に\u200bさわってください",
                lines=("{職員|しょくいん}に\u200bつながります。",),
                tiles=(*_TILES, _UNSURE),
            ),
        ),
        "idle-tiles-later": _view(Screen.IDLE, idle=_LATER),
        "idle-later": _view(
            Screen.IDLE, idle=replace(_IDLE, topics=_IDLE.topics[:2], later=_LATER.later[:1])
        ),
        "idle-event": _view(Screen.IDLE, idle=_EVENT),
        "idle-event-one-key": _view(Screen.IDLE, idle=replace(_IDLE, hours=_EVENT.hours)),
        "idle-disaster": _view(Screen.IDLE, idle=_DISASTER),
        "idle-disaster-telephone": _view(Screen.IDLE, idle=_NOBODY),
        "dialog-branch": replace(_view(Screen.IDLE, idle=_LATER), dialog=_BRANCH_DIALOG),
        "idle-town": replace(
            idle,
            title=f"{LONG_TOWN} リモート窓口",
            simulated="カメラと マイクは 模擬(もぎ)です",
            text_size=TextSize.NORMAL,
        ),
        "idle-vietnamese": vi_idle,
        "waiting": waiting,
        "talking": talking,
        "talking-caption": _call(
            talking=replace(
                _TALKING, caption="申請書を カメラの下に おいて いただけますか。ゆっくりで だいじょうぶです。"
            ),
            simulated="カメラと マイクは 模擬(もぎ)です",
        ),
        "talking-phrase": _call(
            talking=replace(
                _TALKING,
                caption="{書類|しょるい}を\u200bカメラの\u200b{下|した}に\u200b{置|お}いて\u200bください。",
            )
        ),
        "talking-paper": _call(
            talking=replace(
                _TALKING,
                layout=Layout.PAPER,
                paper_note="止めています",
                caption="ここに お名前を 書いてください。",
            )
        ),
        "talking-page": _call(talking=replace(_TALKING, layout=Layout.PAGE, page=_PAGE)),
        "talking-held": replace(
            _call(
                talking=replace(
                    _TALKING,
                    held="{少々|しょうしょう}\u200bお{待|ま}ちください。\u200b{担当|たんとう}の\u200b{者|もの}に\u200b{確認|かくにん}して\u200bいます。",
                )
            ),
            footer=replace(_CALL_FOOT, watching=_UNSEEN),
        ),
        "talking-notice": _call(talking=replace(_TALKING, notice="つなぎ{直|なお}しています")),
        "talking-stills": _call(talking=replace(_TALKING, calm=_CALM["stills"])),
        "talking-operator-still": _call(talking=replace(_TALKING, calm=_CALM["operator"])),
        "talking-stills-caption": _call(
            talking=replace(_TALKING, calm=_CALM["stills"], caption="声は 聞こえていますか。")
        ),
        "talking-stills-paper": _call(
            talking=replace(_TALKING, layout=Layout.PAPER, calm=_CALM["stills"], paper_note="止めています")
        ),
        "talking-text": replace(
            _call(talking=replace(_TALKING, calm=_CALM["text"], words=_WORDS)),
            footer=replace(_CALL_FOOT, watching=_UNSEEN),
        ),
        "talking-text-said": _call(
            talking=replace(
                _TALKING,
                calm=_CALM["text"],
                words=replace(
                    _WORDS,
                    said="「{聞|き}こえ\u200bません」と\u200b{伝|つた}えました",
                    keys=tuple(replace(k, selected=k.value == "unheard") for k in _WORDS.keys),
                ),
            )
        ),
        "talking-text-long": replace(
            _call(
                talking=replace(
                    _TALKING,
                    person=long_person,
                    calm=_CALM["text"],
                    words=replace(_WORDS, text=_LONG_WORDS),
                )
            ),
            footer=long_foot,
        ),
        "talking-text-page": _call(
            talking=replace(
                _TALKING,
                layout=Layout.PAGE,
                page=_PAGE,
                calm=_CALM["text"],
                caption="こちらを ご覧ください。",
            )
        ),
        "talking-company": replace(_call(talking=_TALKING), footer=_COMPANY),
        "talking-watchers": replace(_call(talking=_TALKING), footer=_TWO_WATCH),
        "talking-town": replace(_call(talking=replace(_TALKING, person=long_person)), footer=long_foot),
        "talking-headset": replace(talking, footer=replace(_CALL_FOOT, volume_label="イヤホン")),
        "talking-vietnamese": vi_talking,
        **{name: _call(Screen.PHOTO, photo=photo) for name, photo in _PHOTOS.items()},
        **_staffed(idle, waiting, talking),
        "ended": _view(Screen.ENDED, ended=_ENDED, footer=replace(_IDLE_FOOT, languages=())),
        "closed": _view(Screen.CLOSED, notice=_CLOSED, footer=notice_foot),
        "busy": _view(Screen.BUSY, notice=_BUSY, footer=notice_foot),
        "offline": _view(Screen.OFFLINE, notice=_OFFLINE, footer=notice_foot),
        "trouble": _view(Screen.TROUBLE, notice=_TROUBLE, footer=notice_foot),
        "dialog-leave": replace(talking, dialog=_LEAVE_DIALOG),
        "dialog-idle": replace(waiting, dialog=_IDLE_DIALOG),
    }
    for name in (
        "idle",
        "idle-tiles",
        "idle-tiles-later",
        "idle-event",
        "idle-disaster",
        "waiting",
        "staff-key",
        "staff-talking",
        "talking",
        "talking-stills",
        "talking-text",
        "photo-aim",
        "photo-shown",
        "trouble",
        "dialog-leave",
        "ended",
    ):
        found[f"large-{name}"] = large(found[name])
    return found


def large(view: View) -> View:
    """The same at the larger text size."""
    smaller = Choice(kind=TouchKind.TEXT_SIZE, label="文字を\u200b小さく")
    footer = replace(view.footer, text_size=smaller) if view.footer.text_size else view.footer
    return replace(view, text_size=TextSize.LARGE, footer=footer)
