"""HTML elements as text that is escaped once: everything that isn't :class:`Html` already."""

import re
from collections.abc import Iterable
from html import escape
from typing import Final

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a browser would obey, refuse or not show: controls, marks of direction, halves of characters."""
_EMPTY: Final = frozenset({"input", "path", "rect", "circle", "br", "meta", "polygon"})


class Html(str):
    """Text that is HTML."""

    __slots__ = ()


type Content = str | Iterable["Content"] | None
"""Plain text is escaped; None is nothing."""


def safe(content: Content) -> Html:
    if isinstance(content, Html):
        return content
    if content is None:
        return Html("")
    if isinstance(content, str):
        return Html(escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", content)))
    return Html("".join(map(safe, content)))


def tag(name: str, /, *content: Content, **attributes: str | None) -> Html:
    """An element. A trailing underscore of an attribute is dropped, others become hyphens; None leaves it out."""
    given = "".join(f' {_name(key)}="{safe(value)}"' for key, value in attributes.items() if value is not None)
    if name in _EMPTY:
        return Html(f"<{name}{given}>" if name in {"input", "br", "meta"} else f"<{name}{given}/>")
    return Html(f"<{name}{given}>{safe(content)}</{name}>")


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key != "viewBox" else key


def div(class_: str, *content: Content) -> Html:
    return tag("div", *content, class_=class_)


def span(class_: str, *content: Content) -> Html:
    return tag("span", *content, class_=class_)
