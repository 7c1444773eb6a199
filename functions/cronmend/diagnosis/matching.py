"""The rules that match an error, by its message as they see it."""

import re
from collections.abc import Sequence
from typing import Final

from cronmend.diagnosis.fatal_error import line_kinds, sql
from cronmend.diagnosis.ruleset import Rule, Rules
from cronmend.model import FatalError

MAX_MATCHED: Final = 4_000
"""Characters of a message that are matched with rules."""
COMMAND_OF_REDIS: Final = re.compile(r"Command # \d{1,6} \(.*\) of pipeline caused error: ", re.DOTALL)
"""redis-py repeats the whole command, with its data, before the server's answer."""
_OF_PIPELINE: Final = ") of pipeline caused error: "


def rules_of(error: FatalError, is_cause: bool, frames: str, rules: Rules) -> Sequence[Rule]:
    """The rules that match the error; logfmt escapes the quotation marks of a message."""
    message = line_kinds.without_paths(error.message[:MAX_MATCHED]).replace('\\"', '"')
    if _OF_PIPELINE in message:
        message = COMMAND_OF_REDIS.sub("", message)
    if facts := sql.facts(message):
        message = f"{message}\n{facts}"
    return rules.matching_error(error.type, message, is_cause, "" if is_cause else frames)
