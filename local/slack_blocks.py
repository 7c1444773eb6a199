"""Find what Slack would reject in a message. https://docs.slack.dev/reference/block-kit/blocks"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

OTHER_BLOCKS = frozenset(
    ("context_actions", "divider", "file", "image", "input", "markdown", "rich_text", "table", "video")
)
"""Types that are accepted without a check."""
MAX_BLOCKS = 50
MAX_SECTION = 3000
MAX_HEADER = 150
MAX_FIELDS = 10
MAX_FIELD = 2000
MAX_CONTEXT = 10
MAX_ACTIONS = 25
MAX_BUTTON = 75
MAX_BLOCK_ID = 255
MAX_TEXT = 40_000
"""Characters; Slack truncates a longer ``text``, and rejects it in a webhook."""
MAX_TEXTS = 12_000
"""Characters of all texts in a bot's blocks, as reported in https://github.com/slackapi/bolt-js/issues/2509"""


def problem(payload: Mapping[str, Any]) -> str:
    """Slack's error code for the message; ``""`` if it would accept it."""
    text, blocks = payload.get("text"), payload.get("blocks")
    if not text and not blocks and not payload.get("attachments"):
        return "no_text"
    if text is not None and not isinstance(text, str):
        return "invalid_payload"
    if len(text or "") > MAX_TEXT:
        return "msg_too_long"
    if blocks and (not isinstance(blocks, list) or not _blocks_valid(blocks)):
        return "invalid_blocks"
    return ""


def rejected_blocks(payload: Mapping[str, Any]) -> list[int]:
    """The numbers of the blocks that are wrong in themselves."""
    blocks = payload.get("blocks")
    return [
        number for number, block in enumerate(blocks if isinstance(blocks, list) else ()) if not _block_valid(block)
    ]


def is_too_long(blocks: Any) -> bool:
    return _length(blocks) > MAX_TEXTS


def _length(part: Any) -> int:
    if isinstance(part, dict):
        own = part.get("text")
        return len(own) if isinstance(own, str) else sum(map(_length, part.values()))
    return sum(map(_length, part)) if isinstance(part, list) else 0


def _blocks_valid(blocks: Sequence[Any]) -> bool:
    ids = [block.get("block_id") for block in blocks if isinstance(block, dict) and block.get("block_id")]
    return len(blocks) <= MAX_BLOCKS and len(ids) == len(set(ids)) and all(_block_valid(block) for block in blocks)


def _block_valid(block: Any) -> bool:
    if not isinstance(block, dict) or len(block.get("block_id") or "") > MAX_BLOCK_ID:
        return False
    check = _CHECKS.get(str(block.get("type")))
    return check(block) if check else block.get("type") in OTHER_BLOCKS


def _header_valid(block: Mapping[str, Any]) -> bool:
    return _text_valid(block.get("text"), MAX_HEADER, kinds=("plain_text",))


def _contexts_valid(block: Mapping[str, Any]) -> bool:
    return _all_valid(block.get("elements"), MAX_CONTEXT, _context_valid)


def _actions_valid(block: Mapping[str, Any]) -> bool:
    return _all_valid(block.get("elements"), MAX_ACTIONS, _action_valid)


def _section_valid(block: Mapping[str, Any]) -> bool:
    fields = block.get("fields")
    if "text" not in block and not fields:
        return False
    if "text" in block and not _text_valid(block["text"], MAX_SECTION):
        return False
    return fields is None or _all_valid(fields, MAX_FIELDS, lambda field: _text_valid(field, MAX_FIELD))


def _context_valid(element: Any) -> bool:
    return isinstance(element, dict) and (element.get("type") == "image" or _text_valid(element, MAX_SECTION))


def _action_valid(element: Any) -> bool:
    if not isinstance(element, dict) or not element.get("type"):
        return False
    return element["type"] != "button" or _text_valid(element.get("text"), MAX_BUTTON, kinds=("plain_text",))


def _all_valid(items: Any, most: int, valid: Callable[[Any], bool]) -> bool:
    return isinstance(items, list) and 1 <= len(items) <= most and all(map(valid, items))


def _text_valid(text: Any, most: int, kinds: Sequence[str] = ("plain_text", "mrkdwn")) -> bool:
    return (
        isinstance(text, dict)
        and text.get("type") in kinds
        and isinstance(text.get("text"), str)
        and 1 <= len(text["text"]) <= most
    )


_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "section": _section_valid,
    "header": _header_valid,
    "context": _contexts_valid,
    "actions": _actions_valid,
}
