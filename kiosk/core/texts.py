"""Every sentence of ours that a resident reads, by language.

Ruby is {漢字|かんじ}; U+200B, written ‧ here, is where a line may break.

Sentences are short, polite and free of double negatives. What comes from the municipality (pages, topics,
names) is not here.
"""

from __future__ import annotations

BREAK = "‧"
"""Stands for U+200B in this file, where an invisible sign would be lost in editing."""

JA: dict[str, str] = {
    "service": "リモート{窓口|まどぐち}",
    "idle_title": "{画面|がめん}に‧ふれると、‧{職員|しょくいん}と‧お{話|はなし}できます",
    "idle_title_tiles": "ご{用件|ようけん}に‧ふれてください。‧{職員|しょくいん}に‧つながります",
    "idle_line": "{予約|よやく}は‧いりません。‧{操作|そうさ}は‧{職員|しょくいん}が‧お{手伝|てつだ}いします。",
    "start": "{話|はな}す",
    "start_sub": "ビデオ{通話|つうわ}が‧{始|はじ}まります",
    "disaster_telephone": "いまは、‧お{電話|でんわ}を‧ください",
    "later": "{topic}‧{受|う}け{付|つ}けます",
    "pilot": "おためし‧{中|ちゅう}です",
    "read": "わかりました",
    "unknown_topic": "わからない",
    "unknown_topic_sub": "{職員|しょくいん}が‧うかがいます",
    "topics_title": "{相談|そうだん}できること",
    "hours": "{受付|うけつけ} {hours}",
    "hours_event": "{会場|かいじょう} {place}‧({hours})",
    "waiting_title": "{職員|しょくいん}に‧おつなぎして‧います",
    "waiting_title_ringing": "{職員|しょくいん}を‧お{呼|よ}びして‧います",
    "waiting_first": "つぎに‧おつなぎします",
    "waiting_ahead": "{前|まえ}に‧{count}{人|にん}‧お{待|ま}ちです",
    "waited": "お{待|ま}ちの‧{時間|じかん}",
    "expected": "あと‧どのくらい",
    "expected_range": "およそ‧{low}〜{high}分",
    "expected_soon": "およそ‧{high}分‧まで",
    "ready_title": "ご{用意|ようい}いただくもの",
    "waiting_note": "そのまま、‧お{待|ま}ちください。‧{椅子|いす}に‧かけて‧いただいて‧かまいません。",
    "waiting_again": "おそれいります。‧{別|べつ}の‧{職員|しょくいん}を‧お{呼|よ}びして‧います。",
    "waiting_offline": "つなぎ{直|なお}して‧います。‧お{順番|じゅんばん}は‧そのままです。",
    "paper_title": "お{手元|てもと}の‧{書類|しょるい}",
    "paper_frozen": "{画面|がめん}を‧{止|と}めて‧います",
    "paper_part": "{一部|いちぶ}を‧{大|おお}きく‧{映|うつ}して‧います",
    "self_label": "あなた",
    "connecting": "{映像|えいぞう}を‧つないで‧います",
    "reconnecting": "つなぎ{直|なお}して‧います。‧そのまま‧お{待|ま}ちください。",
    "no_face_camera": "カメラの‧{調子|ちょうし}が‧わるいです。‧{声|こえ}で‧お{話|はなし}できます。",
    "calm_stills": "{映像|えいぞう}を‧{止|と}めて、‧{声|こえ}だけで‧つないで‧います",
    "calm_operator": "{職員|しょくいん}の‧{映像|えいぞう}だけ、‧{止|と}まって‧います",
    "calm_text": "{声|こえ}が‧とどかない‧ため、‧{文字|もじ}で‧つなぎます",
    "words_wait": "{職員|しょくいん}が‧{文字|もじ}を‧{書|か}きます。‧このまま‧お{待|ま}ちください。",
    "reply_ask": "お{返事|へんじ}は、‧ここに‧ふれて‧ください",
    "reply_saying": "「{word}」を‧{送|おく}って‧います",
    "reply_said": "「{word}」と‧{伝|つた}えました",
    "reply_yes": "はい",
    "reply_no": "いいえ",
    "reply_again": "もう‧{一度|いちど}",
    "reply_wait": "{待|ま}って",
    "reply_unheard": "{聞|き}こえ‧ません",
    "held": "{少々|しょうしょう}‧お{待|ま}ちください",
    "held_checking": "お{調|しら}べして‧います。",
    "held_asking": "{担当|たんとう}の‧{者|もの}に‧{確認|かくにん}して‧います。",
    "held_papers": "{書類|しょるい}を‧{準備|じゅんび}して‧います。",
    "photo_title": "{写真|しゃしん}を‧とります",
    "paper_still_title": "{書類|しょるい}を‧{写|うつ}します",
    "photo_consent": "カードに‧{使|つか}う‧お{写真|しゃしん}を‧{撮|と}っても‧よろしいですか？",
    "paper_consent": "お{手元|てもと}の‧{書類|しょるい}を‧{写|うつ}しても‧よろしいですか？",
    "photo_use": "{写真|しゃしん}は‧{municipality}の‧{手続|てつづ}きに‧だけ‧{使|つか}います。",
    "yes": "はい",
    "no": "いいえ",
    "aim": "{顔|かお}を‧{丸|まる}い‧{線|せん}に‧{合|あ}わせて、‧まっすぐ‧{前|まえ}を‧{見|み}て‧ください",
    "count": "そのまま、‧{動|うご}かないで‧ください",
    "paper_count": "{紙|かみ}から‧{手|て}を‧{離|はな}して‧ください",
    "shutter": "{撮|と}りました",
    "shutter_now": "{撮|と}ります",
    "sending": "{写真|しゃしん}を‧{送|おく}って‧います",
    "shown": "{撮|と}れました。‧{職員|しょくいん}が‧{確認|かくにん}して‧います。",
    "failed": "{撮|と}れませんでした。‧{職員|しょくいん}が‧もう{一度|いちど}‧ご{案内|あんない}します。",
    "close": "{通話|つうわ}に‧{戻|もど}る",
    "ended_title": "ありがとう‧ございました",
    "ended_line": "{手続|てつづ}きの‧ご{相談|そうだん}は、‧{終|お}わりました。",
    "ended_left": "またの‧ご{利用|りよう}を‧お{待|ま}ちして‧います。",
    "ended_callback": "{職員|しょくいん}から‧お{電話|でんわ}します。",
    "ended_wiping": "この{機械|きかい}の‧{記録|きろく}を‧{消|け}して‧います",
    "ended_wiped": "お{名前|なまえ}や‧{写真|しゃしん}は、‧この{機械|きかい}に‧{残|のこ}って‧いません",
    "done": "おわる",
    "closed_title": "ただいまの‧{時間|じかん}は、‧{受付|うけつけ}して‧いません",
    "busy_title": "ただいま、‧{職員|しょくいん}が‧{席|せき}を‧はずして‧います",
    "busy_line": "おそれいりますが、‧しばらくしてから‧もう{一度|いちど}‧お{試|ため}しください。",
    "try_again": "もう{一度|いちど}‧{試|ため}す",
    "offline_title": "いま、‧{職員|しょくいん}に‧おつなぎ‧できません",
    "offline_line": "お{急|いそ}ぎの‧{方|かた}は、‧お{電話|でんわ}を‧ください。",
    "offline_line_2": "つながりしだい、‧この{画面|がめん}は‧もとに‧{戻|もど}ります。",
    "trouble_title": "この{機械|きかい}は、‧いま‧お{休|やす}みして‧います",
    "trouble_line": "お{電話|でんわ}か、‧{窓口|まどぐち}の‧{者|もの}に‧お{声|こえ}かけ‧ください。",
    "starting_title": "{準備|じゅんび}して‧います",
    "starting_line": "しばらく‧お{待|ま}ちください。",
    "telephone": "お{電話|でんわ}",
    "conduct_warned": "おだやかな‧{言葉|ことば}で、‧お{話|はなし}を‧お{願|ねが}いします",
    "staff_key": "{職員|しょくいん}を‧{呼|よ}ぶ",
    "staff_stop": "{呼|よ}ぶのを‧やめる",
    "staff_ask": "こちらに‧いる‧{職員|しょくいん}を‧{呼|よ}びますか？",
    "staff_ask_text": "{体|からだ}の‧{具合|ぐあい}が‧{悪|わる}い‧ときも、‧{呼|よ}んで‧ください。",
    "staff_yes": "はい、‧{呼|よ}びます",
    "staff_no": "{呼|よ}びません",
    "staff_calling": "こちらの‧{職員|しょくいん}を‧{呼|よ}んで‧います",
    "staff_coming": "{職員|しょくいん}が‧{向|む}かいます。‧このまま‧お{待|ま}ち‧ください。",
    "staff_unanswered": "いま、‧{職員|しょくいん}が‧{来|こ}られません。‧お{電話|でんわ} {telephone}",
    "staff_unheard": "いま、‧{呼|よ}べません。‧{近|ちか}くの‧{者|もの}に‧お{声|こえ}かけ‧ください。",
    "leave": "やめる",
    "leave_question": "{通話|つうわ}を‧おわりますか？",
    "leave_text": "おわると、‧お{話|はなし}した‧{内容|ないよう}は‧この{機械|きかい}から‧{消|き}えます。",
    "leave_question_waiting": "お{待|ま}ちを‧やめますか？",
    "leave_yes": "おわる",
    "leave_no": "{続|つづ}ける",
    "still_here": "まだ‧いらっしゃいますか？",
    "still_here_text": "この{画面|がめん}に‧ふれると、‧このまま‧お{待|ま}ちいただけます。",
    "still_here_yes": "はい、‧{待|ま}ちます",
    "text_size_large": "{文字|もじ}を‧{大|おお}きく",
    "text_size_normal": "{文字|もじ}を‧もとに",
    "volume": "{音量|おんりょう}",
    "headset": "イヤホン",
    "live_face": "{顔|かお}カメラ",
    "live_document": "{手元|てもと}カメラ",
    "watching_nobody": "まだ‧だれも‧{見|み}て‧いません",
    "watching_paused": "いまは、‧だれにも‧{見|み}えて‧いません",
    "watching": "{municipality}の‧{role} {name}が‧{見|み}て‧います",
    "watching_family_joins": "ご{家族|かぞく}の‧{name}さんが‧{参加|さんか}して、‧{見|み}て‧います",
    "watching_family_talks": "ご{家族|かぞく}の‧{name}さんが‧{声|こえ}で‧{参加|さんか}して‧います",
    "watching_family_watches": "ご{家族|かぞく}の‧{name}さんが‧{見|み}て、‧{聞|き}いて‧います",
    "watching_family_hears": "ご{家族|かぞく}の‧{name}さんが‧{聞|き}いて‧います",
    "watching_interpreter_joins": "{通訳|つうやく}の‧{name}さんが‧{参加|さんか}して、‧{見|み}て‧います",
    "watching_interpreter_talks": "{通訳|つうやく}の‧{name}さんが‧{声|こえ}で‧{参加|さんか}して‧います",
    "watching_interpreter_watches": "{通訳|つうやく}の‧{name}さんが‧{見|み}て、‧{聞|き}いて‧います",
    "watching_interpreter_hears": "{通訳|つうやく}の‧{name}さんが‧{聞|き}いて‧います",
    "watching_supervisor_joins": (
        "{municipality}の‧{管理者|かんりしゃ} {name}が‧{参加|さんか}して、‧{見|み}て‧います"
    ),
    "watching_supervisor_talks": (
        "{municipality}の‧{管理者|かんりしゃ} {name}が‧{声|こえ}で‧{参加|さんか}して‧います"
    ),
    "watching_supervisor_watches": (
        "{municipality}の‧{管理者|かんりしゃ} {name}が‧{見|み}て、‧{聞|き}いて‧います"
    ),
    "watching_supervisor_hears": "{municipality}の‧{管理者|かんりしゃ} {name}が‧{聞|き}いて‧います",
    "simulated": "{模擬|もぎ}の‧カメラ・‧{音声|おんせい}で‧{動|うご}いて‧います",
}

CATALOGUES: dict[str, dict[str, str]] = {"ja": JA}
"""Languages that are complete; a terminal offers these and no others."""


def text(language: str, key: str, **values: str | int) -> str:
    """The sentence, with {name} filled in. Ruby braces hold a bar, so that they are no fields."""
    sentence = CATALOGUES[language][key].replace(BREAK, "\u200b")
    for name, value in values.items():
        sentence = sentence.replace("{" + name + "}", str(value))
    return sentence
