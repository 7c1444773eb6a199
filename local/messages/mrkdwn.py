"""Parse Slack's mrkdwn, as far as Cronmend's messages use it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

_TOKEN = re.compile(
    r"```\n?(?P<fence>.*?)\n?```|`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)"
    r"|<(?P<url>https?://[^|>]+)\|(?P<label>[^>]*)>|<(?P<mention>[@!][^>]+)>",
    re.DOTALL,
)
_EMOJI = {
    ":red_circle:": "🔴",
    ":construction:": "🚧",
    ":white_check_mark:": "✅",
    ":octagonal_sign:": "🛑",
    ":arrows_counterclockwise:": "🔄",
    ":repeat:": "🔁",
    ":rotating_light:": "🚨",
    ":baby_chick:": "🐤",
}


class Style(StrEnum):
    PLAIN = "plain"
    BOLD = "bold"
    CODE = "code"
    FENCE = "fence"
    LINK = "link"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Piece:
    style: Style
    text: str
    url: str = ""


def pieces(text: Mapping[str, str]) -> Iterator[Piece]:
    """The pieces of a text object, in order."""
    raw = text["text"]
    if text["type"] == "plain_text":
        yield Piece(Style.PLAIN, emoji(raw))
        return
    end = 0
    for match in _TOKEN.finditer(raw):
        if match.start() > end:
            yield Piece(Style.PLAIN, _unescaped(raw[end : match.start()]))
        yield _piece(match)
        end = match.end()
    if end < len(raw):
        yield Piece(Style.PLAIN, _unescaped(raw[end:]))


def emoji(text: str) -> str:
    for name, sign in _EMOJI.items():
        text = text.replace(name, sign)
    return text


def _piece(match: re.Match[str]) -> Piece:
    if match["url"] is not None:
        return Piece(Style.LINK, _unescaped(match["label"]), _unescaped(match["url"]))
    if match["mention"] is not None:
        return Piece(Style.MENTION, f"@{match['mention'].lstrip('@!')}")
    style = Style(match.lastgroup or "plain")
    return Piece(style, _unescaped(match[style.value]))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
