"""What is read out of a text: its words, without the marks that are for the eye.

Assistants answer in Markdown, and so it comes to the voices: headings, emphasis, lists, tables,
links, code, tags of HTML, emoji. Nothing that a listener would miss is left out, but for the
targets of links; of an address that stands alone its host is said. Pure text.
"""

from __future__ import annotations

import html
import re

_BREAK = "\n\n"  # where a voice pauses
_COMMENT = re.compile(
    r"<!--.{0,5000}?-->|<(script|style)\b[^>]{0,500}>.{0,5000}?</\1>", re.S | re.I
)
_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)[^\n]{0,200}$", re.M)
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,100}\]:[ \t]{1,9}\S[^\n]{0,1000}$", re.M)
_NOTE = re.compile(r"\[\^[^\]\s]{1,50}\]:?")
_TARGET = r"<[^<>\n]{0,2000}>|[^\s()]{0,2000}(?:\([^\s()]{0,200}\)[^\s()]{0,500})?"
_TITLE = r"\s{1,9}(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}')"
_IMAGE_OR_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\]"
    rf"(?:\([ \t]{{0,9}}(?:{_TARGET})(?:{_TITLE})?[ \t]{{0,9}}\)|\[[^\[\]\n]{{0,100}}\])"
)
_ADDRESS = re.compile(
    r"<?\b(?:(?:https?|ftp)://(?:www\.)?|www\.)([^\s/?#<>()\[\]\"'@:|,]{1,253})([^\s<>\"|]{0,2000})>?",
    re.I,
)
_MAIL = re.compile(r"<(?:mailto:)?([\w.+-]{1,64}@[\w.-]{1,253})>")
_BLOCK_TAG = re.compile(
    r"</?(?:p|br|div|li|ul|ol|h[1-6]|tr|table|hr|section|blockquote)\b[^<>]{0,1000}>", re.I
)
_TAG = re.compile(r"</?[A-Za-z][\w:-]{0,40}(?:\s[^<>]{0,1000})?/?>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,31});")
_RULE = re.compile(
    r"^[ \t]{0,3}(?:(?:\*[ \t]?){3,40}|(?:-[ \t]?){3,40}|(?:_[ \t]?){3,40}|={3,80})$", re.M
)
_TABLE_RULE = re.compile(r"^[ \t]{0,3}\|?[ \t]?:?-{2,80}:?[ \t|:-]{0,500}$", re.M)
_ROW = re.compile(r"^[ \t]{0,3}\|([^\n]{1,5000})\|[ \t]{0,9}$", re.M)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]{1,9}([^\n]{1,1000})$", re.M)
_NO_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]{0,9}$", re.M)
_QUOTE = re.compile(r"^[ \t]{0,9}(?:>[ \t]?){1,9}", re.M)
_BULLET = re.compile(r"^[ \t]{0,40}[-*+•‣▪][ \t]{1,9}(?:\[[ xX]\][ \t]{1,9})?", re.M)
_CODE = re.compile(r"(`{1,3})([^`\n]{1,1000})\1")
_EMPHASIS = (
    re.compile(r"(\*{2,3}|~~|\|\|)(?=\S)([^*~|\n]{1,1000})(?<=\S)\1"),
    re.compile(r"(?<!\w)(_{2,3})(?=\S)([^\n_]{1,1000})(?<=\S)\1(?!\w)"),
    re.compile(r"(?<![\w*])(\*)(?=\S)([^*\n]{1,1000})(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<!\w)(_)(?=\S)([^_\n]{1,1000})(?<=\S)_(?!\w)"),
)
# Of emphasis in emphasis that is not closed in order, what is left over.
_STRAY = re.compile(r"(?<![\w*])\*{1,3}(?=\w)|(?<=[^\W_])\*{1,3}(?![\w*])|(?<=[.,!?])\*{2,3}(?!\*)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~>|])")
_ASIDE = 0xF0000
_STEPPED = re.compile("[\U000f0021-\U000f007e]")
# Pictographs, symbols and dingbats, flags, and what joins or colours them. A keycap's digit stays.
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u26ff\u2700-\u27bf\u2b00-\u2bff\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa"
    "\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]\u200d?"
)
# Faces of signs, as :-) and <3, between spaces.
_FACE = re.compile(r"(?<!\S)(?:[:;=8][-']?[)(\]\[DPpOo/|]|<3)(?=[\s.,!?]|$)")
_BEFORE_END = re.compile(r"[ \t](?=[.,](?:\s|$))")
_SPACES = re.compile(r"[ \t]{2,1000}")


def plain(text: str) -> str:
    """Give what of a text is to be read out, in lines and paragraphs."""
    # An escaped sign is no mark: it steps aside into a private plane meanwhile.
    text = _ESCAPED.sub(lambda found: chr(_ASIDE + ord(found.group(1))), text)
    text = _COMMENT.sub(" ", text)
    text = _FENCE.sub("", text)
    text = _DEFINITION.sub("", text)
    text = _NOTE.sub("", text)
    for _ in range(2):  # a picture may stand in a link
        text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _ADDRESS.sub(_host, text)
    text = _MAIL.sub(r"\1", text)
    text = _BLOCK_TAG.sub(_BREAK, text)
    text = _TAG.sub("", text)
    text = _ENTITY.sub(lambda found: html.unescape(found.group()), text)
    text = _RULE.sub("", text)
    text = _TABLE_RULE.sub("", text)
    text = _ROW.sub(_cells, text)
    text = _QUOTE.sub("", text)
    text = _NO_HEADING.sub("", text)
    text = _HEADING.sub(lambda found: found.group(1).rstrip(" \t#") + _BREAK, text)
    text = _BULLET.sub(_BREAK, text)
    text = _CODE.sub(r"\2", text)
    for _ in range(2):  # one kind may stand in another
        for kind in _EMPHASIS:
            text = kind.sub(r"\2", text)
    text = _STRAY.sub("", text)
    text = _STEPPED.sub(lambda found: chr(ord(found.group()) - _ASIDE), text)
    text = _FACE.sub("", _EMOJI.sub("", text))
    return _BEFORE_END.sub("", _SPACES.sub(" ", text))


def _host(found: re.Match[str]) -> str:
    """Say an address by its host, and leave the end of the sentence where it is."""
    rest = found.group(2)
    end = rest[len(rest.rstrip(".,;:!?)")) :]
    host = found.group(1)
    return host.rstrip(".") + (end or host[len(host.rstrip(".")) :])


def _cells(found: re.Match[str]) -> str:
    return (
        ", ".join(cell.strip() for cell in found.group(1).split("|") if cell.strip()) + "." + _BREAK
    )
