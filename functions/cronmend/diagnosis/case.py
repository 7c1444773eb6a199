"""The evidence on one run with values derived from it once, and the verdict that a step reaches. Pure."""

from functools import cached_property
from typing import Final

from msgspec import Struct

from cronmend.diagnosis import fatal_error
from cronmend.diagnosis.fatal_error import Reading
from cronmend.diagnosis.line_verdict import LogVerdict
from cronmend.diagnosis.log_verdict import log_verdict
from cronmend.diagnosis.ruleset import Rule, Rules
from cronmend.model import Category, Container, Evidence, FatalError, Log, Missing
from cronmend.patterns import encodable

_QUOTES: Final = str.maketrans("‘’“”", "''\"\"")
_MOST_OF_A_STOP_CODE: Final = 64
"""Characters."""


class Verdict(Struct, frozen=True):
    """The diagnosis of one step."""

    category: Category
    rule: str
    sentence: str
    line: str = ""
    advice: str = ""
    deploy_explains: bool = False
    deploy_may_explain: bool = False
    cause: str = ""
    error: FatalError | None = None


class Case(Struct, frozen=True, dict=True):
    """The evidence, with values derived from it at first use and then kept."""

    evidence: Evidence
    rules: Rules

    @cached_property
    def job(self) -> Container | None:
        return self.evidence.task.job

    @cached_property
    def exit_code(self) -> int | None:
        return self.job.exit_code if self.job else None

    @property
    def job_reason(self) -> str:
        return plain(self.job.reason) if self.job else ""

    @property
    def stopped_reason(self) -> str:
        return plain(self.evidence.task.stopped_reason)

    @cached_property
    def log(self) -> Log:
        log = () if isinstance(self.evidence.log, Missing) else self.evidence.log
        whole = "".join(log)
        return log if encodable(whole) is whole else tuple(encodable(line) for line in log)

    @cached_property
    def reading(self) -> Reading:
        return fatal_error.read(self.log)

    @cached_property
    def log_verdict(self) -> LogVerdict | None:
        return log_verdict(self.reading, self.rules)

    @cached_property
    def reasons(self) -> str:
        """ECS's reasons for the end: the task's, then the containers', with plain quotation marks."""
        task = self.evidence.task
        texts = dict.fromkeys([task.stopped_reason, *[container.reason for container in task.containers]])
        return plain("\n".join(filter(None, texts)))

    @cached_property
    def last_line(self) -> str:
        return next((line for line in reversed(self.log) if line.strip()), "")

    @cached_property
    def telling_line(self) -> str:
        """The line that says most about the end: a stated error, else one that sums up, else the last."""
        return fatal_error.telling(self.reading) or self.last_line

    @property
    def unknown_stop_code(self) -> str:
        """A sentence, as long as other stop codes are; ``""`` if the stop code is known."""
        code = self.evidence.task.unknown_stop_code[:_MOST_OF_A_STOP_CODE]
        return f"ECS gave the stop code {code}, which this version of Cronmend doesn't know." if code else ""

    def unknown(self, line: str) -> str:
        """For a headline: that the cause is unknown, the exit code, the state of the log and its line, if any."""
        log = "empty log" if not self.log else "no known error in its log"
        if isinstance(self.evidence.log, Missing):
            log = "no log"
        quoted = f'; {self._quotes(line)} "{{line}}"' if line.strip() else ""
        ended = [f"{container.name} ended with {container.exit_code}" for container in self._others_failed]
        return f"cause unknown ({', '.join([self._code, *(ended or [log])])}){quoted}"

    def _quotes(self, line: str) -> str:
        """A last line may only be where the job stood when it ended."""
        return "its last line is" if line == self.last_line else "the log says"

    @property
    def _code(self) -> str:
        return "no exit code" if self.exit_code is None else f"exit code {self.exit_code}"

    @property
    def seen(self) -> str:
        """The sentence for ``unknown``: lists what was checked, so that the reader need not check it again."""
        others = [
            f"container {container.name} ended with exit code {container.exit_code}"
            for container in self._others_failed
        ]
        return f"The cause is unknown ({self._code}; {'; '.join([*others, self._log_seen])})."

    @property
    def sidecar(self) -> str:
        """The name of another container that failed; ``""`` if none did."""
        return next((container.name for container in self._others_failed), "")

    @property
    def _others_failed(self) -> list[Container]:
        return [each for each in self.evidence.task.containers if each is not self.job and each.exit_code]

    @property
    def _log_seen(self) -> str:
        if isinstance(self.evidence.log, Missing):
            return self.evidence.log.reason
        return f"no rule matches an error in its {len(self.log)} log lines" if self.log else "its log is empty"


def plain(text: str) -> str:
    """Replace curly quotation marks, which ECS uses in some of its texts."""
    return text if text.isascii() else encodable(text).translate(_QUOTES)


def of_rule(rule: Rule, text: str, error: FatalError | None = None) -> Verdict:
    """The verdict of the rule that matched this text."""
    line = next((part for part in text.splitlines() if part.strip()), "")
    sentence = f"{rule.category.traits.rule_sentence}: {line[:300]}"
    return Verdict(
        category=rule.category,
        rule=rule.id,
        sentence=sentence,
        line=line,
        advice=rule.advice,
        deploy_explains=rule.deploy_explains,
        deploy_may_explain=rule.deploy_may_explain,
        cause=rule.cause,
        error=error,
    )
