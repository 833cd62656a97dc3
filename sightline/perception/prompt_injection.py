"""Whether a text reads like instructions to a model: what may steer one that reads a picture.

A score of wordings, not a judgement: an order to drop what was said before, markup of roles, a
model addressed and told what to answer, secrets asked for. Two that are weak by themselves count
as much as a strong one. It knows a dozen languages by their commonest wordings, and whoever knows
the rules can word an order past them: it is for telling a user, not for keeping anything out.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

_ENOUGH = 2
_MOST = 20_000  # signs that are looked at
_SHOWN = 100


def _rule(score: int, *parts: str) -> tuple[int, re.Pattern[str]]:
    return score, re.compile("|".join(parts))


def _near(first: str, second: str, most: int = 45) -> str:
    """Make a pattern of two wordings, the second not far behind the first."""
    return rf"(?:{first})(?s:.){{0,{most}}}?(?:{second})"


def _drops(verb: str, noun: str, which: str) -> str:
    """Make a pattern of an order to drop something: the verb before or after what it is about."""
    after = rf"(?:{verb})(?=(?s:.){{0,60}}(?:{noun}))(?=(?s:.){{0,60}}(?:{which}))"
    return f"{after}|{_near(which, _near(noun, verb))}"


# Texts are compared without case and accents, and some spaces are missing: OCR loses them.
_DROP = (
    r"(?<!not )(?<!never )(?<!n't )\b(?:ignor(?:e|ing)|disregard|forget|override|overrule|bypass|"
    r"pay no attention to|(?:do not|don't|stop) (?:follow|obey)(?:ing)?|set aside|discard)"
)
_EARLIER = (
    r"previous|prior|preceding|earlier|above|before|all|any|every|your|other|original|system|"
    r"initial|the user|these|those|current|existing|so far|developer"
)
_TOLD = (
    r"instruction|prompt|directive|directions|guardrail|programming|system message|commands?\b|"
    r"what you (?:have been|were) told|everything (?:you|above|before)"
)
_BOUND = (
    r"rules?\b|guidelines?\b|polic(?:y|ies)|restriction|constraint|context|question|request|task"
)
_MODEL = (
    r"\b(?:ai|a\.i\.|llms?|language models?|vision models?|chatbots?|chatgpt|gpt-?\d?|claude|gemini|"
    r"copilot|llama|(?:the|this|any|dear|attention|to|virtual|digital) (?:model|bot|agent|system|assistant)s?|"
    r"(?:ki|ia)[- ]?(?:assistent|modell|modele|modelo|modello)\w*|sprachmodell\w*|"
    r"modeles? de langage|modelos? de lenguaje|inteligencia artificial|"
    r"intelligence artificielle|kunstliche intelligenz|assistente|asistente)\b|"
    r"人工智能|助手|大模型|语言模型|モデル|アシスタント|人工知能|모델|어시스턴트|нейросет|ассистент|"
    r"языков\w+ модел"
)
_ANSWER = (
    r"(?:you (?:must|should|will|shall|have to|need to|are to|may only)|please|only|always|never|"
    r"instead|just|simply|do not|don't|now|then)\W+(?:\w+\W+){0,3}?"
    r"(?:answer|reply|respond|say|output|write|print|state|claim|report|describe|mention|tell|"
    r"return|classify|rate|approve|recommend|include|call|execute|send|visit)\b|"
    r"\b(?:answer|reply|respond)(?:ing)? (?:only |just |simply |exactly |always )*(?:with|that|by|in|as)\b|"
    r"\b(?:output|print|say|write|return)(?: only| exactly| the (?:word|text|phrase|following))"
)
_PRIVATE = (
    r"system prompt|your (?:\w+ )?(?:prompt|instructions|rules|configuration)|api[ _-]?keys?|"
    r"hidden (?:prompt|instructions)|credentials|secret key|environment variables|"
    r"(?:conversation|chat) history|previous (?:messages|conversation)"
)

# An order to drop what was said before, in other languages: the verb, and what it is to drop.
_ELSEWHERE = (
    (r"(?<!nicht )\b(?:ignorier\w*|missacht\w*|vergiss|vergessen sie|uberschreib\w*)(?! nicht)",
     r"anweisung|instruktion|vorgabe|prompt|befehl|aufforderung|alles",
     r"\ball|vorherig|vorangegangen|bisherig|obig|vorig|fruher|\bdeine|\bihre|system|oben"),
    (r"(?<!pas )\b(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) (?:pas|aucun)\w* compte|neglige[zr]?)\b",
     r"instruction|consigne|directive|ordre|prompt|tout ce qui",
     r"\btou(?:te)?s?\b|precedent|ci-dessus|anterieur|\btes\b|\bvos\b|systeme|initial"),
    (r"(?<!no )\b(?:ignor[ae]n?|olvid[ae]n?|haz caso omiso|descarta|desatiende|no sigas)\b",
     r"instruccion|indicacion|ordenes|directri|prompt|todo lo",
     r"\btod[ao]s?\b|anterior|previ[ao]|\btus?\b|\bsus?\b|sistema|arriba"),
    (r"(?<!nao )\b(?:ignor[ae]m?|esquec[ae]m?|desconsider[ae]|despreze|nao siga)\b",
     r"instruc|comando|ordens|orientac|prompt|tudo o que",
     r"\btod[ao]s?\b|anterior|previ[ao]|\bsuas?\b|\bseus?\b|sistema|acima"),
    (r"(?<!non )\b(?:ignora(?:te)?|dimentica(?:te)?|trascura|non seguire|tralascia)\b",
     r"istruzion|indicazion|direttiv|ordini|prompt|tutto cio",
     r"\btutt[eio]\b|precedent|\btue\b|\bsue\b|sistema|sopra"),
    (r"(?<!niet )\b(?:negeer|vergeet|sla .{0,20}over)(?! niet)\b", r"instructie|opdracht|aanwijzing|prompt",
     r"\balle|vorige|eerdere|voorgaande|bovenstaande|\bje\b|\buw\b|systeem"),
    (r"(?<!nie )\b(?:zignoruj|ignoruj|zapomnij|pomin)\b", r"instrukc|polece|prompt|wytyczn",
     r"wszyst|poprzedni|wczesniejsz|powyzsz|swoj|twoj|system"),
    (r"(?<!не )(?:игнорир\w*|забудь\w*|не обращай\w* внимани\w* на|пренебрег\w*|отмени\w*)",
     r"инструкци|указани|команд|промпт|распоряжени", r"все|предыдущ|прежн|выше|сво|систем"),
    (r"\b(?:yok say|unut(?!ma)|dikkate alma|gormezden gel)", r"talimat|komut|yonerge|istem",
     r"\btum|\bbutun|onceki|yukaridaki|sistem"),
    (r"(?<!不要)(?<!勿)(?<!不得)(?:忽略|无视|無視|忽視|忘记|忘掉|不要理会|不要遵|丢弃)", r"指令|指示|提示|命令|设定",
     r"之前|以上|上述|上面|先前|所有|一切|你的|系统|前面"),
    (r"(?:無視|忘れ(?!ず|ない)|従わない)", r"指示|命令|プロンプト|ルール", r"これまで|以前|上記|すべて|全て|全部|あなた|前の|システム"),
    (r"(?:무시(?!하지)|잊어|따르지)", r"지시|명령|프롬프트|규칙", r"이전|위의|모든|지금까지|시스템|앞의"),
    (r"(?:تجاهل|انس)", r"تعليمات|اوامر|أوامر|التوجيهات", r"السابق|جميع|كل|أعلاه"),
    (r"(?:अनदेखा|नजरअंदाज|नज़रअंदाज|भूल)", r"निर्देश|आदेश", r"पिछले|सभी|पहले|ऊपर"),
)  # fmt: skip
_SAY_ELSEWHERE = (
    r"\b(?:antworte|antworten sie|sag|schreibe?|gib) (?:\w+ ){0,3}?(?:nur|ausschliesslich|stattdessen|mit)\b|"
    r"\b(?:reponds?|repondez|dis|dites|ecris) (?:\w+ ){0,2}?(?:seulement|uniquement|plutot|que|par|avec)\b|"
    r"\b(?:responde|di|escribe|contesta) (?:\w+ ){0,2}?(?:solo|solamente|unicamente|que|con)\b|"
    r"\b(?:responda|responde|diga|escreva) (?:\w+ ){0,2}?(?:apenas|somente|que|com)\b|"
    r"\b(?:rispondi|di|scrivi) (?:\w+ ){0,2}?(?:solo|soltanto|solamente|che|con)\b|"
    r"\bantwoord (?:\w+ ){0,2}?(?:alleen|met)\b|"
    r"(?:ответь\w*|отвечай\w*|скажи\w*|напиши\w*) (?:\w+ ){0,2}?(?:только|что|вместо)|"
    r"(?:回答|回复|输出|输出|说|告诉用户)(?:.{0,6})(?:只|“|\"|「|'|即可)|(?:只|请|仅).{0,6}(?:回答|回复|输出|说)|"
    r"(?:とだけ|のみ).{0,6}(?:答え|回答|出力|返)|(?:라고만|만).{0,6}(?:답|출력|말)"
)

_RULES = (
    # Marks between the turns of a conversation, as a template has them or as OCR reads them.
    _rule(2, r"<[|｜l]?\s?im_?(?:start|end)[|｜l]?>", r"\bim_(?:start|end)\b", r"<[|｜][^<>|｜\n]{1,40}[|｜]>",
          r"\[/?inst\]", r"<</?sys>>", r"<(?:start|end)_of_turn>", r"<\|?(?:eot|begin_of_text)"),
    _rule(1, r"(?m)^\W{0,5}(?:system|developer|assistant|human|ai)(?: ?(?:prompt|message|note|override|"
             r"instruction|update|notice))?s?\s?[:>\]]"),
    _rule(1, r"(?m)^\W{0,5}(?:user|human)\s?:(?s:.){1,400}?^\W{0,5}(?:assistant|ai|bot)\s?:"),
    _rule(1, r"(?m)^\W{0,5}(?:system|admin\w*|developer) (?:override|alert|command|prompt|message|update)\b",
          r"\bnew (?:instructions?|task|directive|objective|rules?)\s?[:.!]", r"\bupdated instructions?\b",
          r"\bbegin (?:new )?(?:instructions?|prompt)", r"\bend of (?:the )?(?:system )?(?:prompt|instructions?|context)"),
    # An order to drop what was said before.
    _rule(2, _near(_DROP, _near(_EARLIER, _TOLD, 30))),
    _rule(1, _near(_DROP, _TOLD)),
    _rule(1, _near(_DROP, _near(_EARLIER, _BOUND, 30))),
    *(_rule(2, _drops(*wording)) for wording in _ELSEWHERE),
    # A model addressed, and told what to say or what to be.
    _rule(1, _MODEL),
    _rule(1, _ANSWER),
    _rule(1, _near(_MODEL, r"\b(?:must|should|shall|has to|is to)\W+(?:not\W+|only\W+|always\W+|never\W+)?(?:answer|reply|"
                   r"respond|say|output|write|approve|recommend|rate|classify|treat|obey|follow|ignore|comply)", 25)),
    _rule(1, _SAY_ELSEWHERE),
    _rule(2, r"\byou are (?:now|no longer) (?:\w+ ){0,6}?(?:ai|assistant|model|bot|dan|mode|agent|restricted|bound)\b",
          r"\b(?:developer|debug|god|admin|dan|jailbreak|unrestricted) mode (?:is )?(?:now )?(?:on|enabled|active)",
          r"\bjailbreak"),
    _rule(1, r"\b(?:act|behave|respond) as (?:if|though|a|an|the)\b", r"\bpretend (?:to be|that|you)",
          r"\bfrom now on,? (?:you|always|only|answer|reply|respond|speak)", r"\byou are (?:now )?(?:a|an|in)\b"),
    # What is to be done with what is private.
    _rule(2, _near(r"\b(?:reveal|leak|expose|exfiltrate|repeat|print|output|show|disclose|display|send|post|"
                   r"dump|list|append|include)\b", _PRIVATE, 40)),
    # What to say of the very picture, or to whoever asks.
    _rule(1, r"\b(?:when|if|while|before) (?:you are |you're )?(?:asked|describing|summari[sz]ing|reading|analy[sz]ing|"
             r"captioning|processing|answering|someone asks|the user asks|you (?:describe|read|see|process))",
          r"\b(?:tell|inform|convince|warn|ask|instruct|urge) the (?:user|human|reader|customer|person asking)\b",
          r"\bdo(?:n't| not) (?:mention|reveal|tell|disclose|describe|acknowledge|read|transcribe) (?:this|that|these|the "
          r"(?:text|user|image|picture|instruction|rest))",
          r"\bthe (?:correct|right|only|true|final) answer (?:to|is|for)\b", r"\b(?:this|the) (?:image|picture|photo|photograph|"
          r"document|page|screenshot)\b(?s:.){0,25}\b(?:is|shows|contains|as) (?:actually|really|in fact|nothing but)"),
)  # fmt: skip


def steering(texts: Sequence[str]) -> str:
    """Give the piece of text that reads like instructions to a model; empty where none does.

    `texts` are the lines that were read, in order, or codes' contents.
    """
    whole = "\n".join(texts)[:_MOST]
    for text in (whole, *_unpacked(whole)):
        plain, places = _plain(text)
        joined = plain.replace("\n", " ")  # a line may break anywhere in a wording
        score, first = 0, len(text)
        for worth, pattern in _RULES:
            found = pattern.search(joined) or pattern.search(plain)
            if found is not None:
                score += worth
                first = min(first, places[found.start()])
        if score >= _ENOUGH:
            return _excerpt(text[first:])
    return ""


def _plain(text: str) -> tuple[str, list[int]]:
    """Take case, accents and what is not seen from a text; say where each sign of it stood."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        # Accents are taken from Latin letters alone: elsewhere they make another letter.
        form: Literal["NFKD", "NFKC"]
        form = "NFKD" if sign < "\u0250" or "\u1e00" <= sign < "\u1f00" else "NFKC"
        for plain in unicodedata.normalize(form, sign).casefold():
            if "\u0300" <= plain <= "\u036f":
                continue
            if unicodedata.category(plain) in ("Cf", "Cc", "Co", "Cs", "Cn") and plain != "\n":
                continue
            if plain in "’‘`´":
                plain = "'"
            if plain.isspace() and plain != "\n" and signs and signs[-1].isspace():
                continue
            signs.append(plain if plain == "\n" or not plain.isspace() else " ")
            places.append(place)
    return "".join(signs), [*places, len(text)]


def _unpacked(text: str) -> Iterator[str]:
    """Give what stands in a text as base64, where that is a text again."""
    for found in list(re.finditer(r"[A-Za-z0-9+/_-]{40,}={0,2}", text))[:5]:
        packed = found[0].rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            told = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode()
        except (binascii.Error, ValueError):
            continue
        if sum(sign.isprintable() or sign.isspace() for sign in told) > 0.95 * len(told):
            yield told


def _excerpt(text: str) -> str:
    seen = " ".join(
        "".join(s for s in text[: 4 * _SHOWN] if s.isprintable() or s.isspace()).split()
    )
    return seen if len(seen) <= _SHOWN else f"{seen[:_SHOWN].rstrip()}…"
