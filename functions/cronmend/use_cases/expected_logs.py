"""Check the log of a run that exited with 0 against what the job's owner expects. Other runs' logs aren't read here."""

from cronmend.diagnosis import expected_log
from cronmend.model import Diagnosis, LogPlace, Missing, StoppedTask
from cronmend.model.expected_logs import ExpectedLog, WholeLog
from cronmend.redact import Redactor
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.log_place import log_place
from cronmend.use_cases.reads import Reads


def checked(
    collector: EvidenceCollector,
    task: StoppedTask,
    success: Diagnosis,
    expected: ExpectedLog,
    reads: Reads,
    hide: Redactor,
) -> tuple[Diagnosis, LogPlace | None]:
    """The diagnosis by the log, and where the log is.

    Raises:
        Retryable: the log can't be read now, and it is worth waiting for.
    """
    place = log_place(task, lambda reference: reads(lambda: collector.definitions.get(reference)))
    if isinstance(place, Missing):
        return expected_log.unchecked(success, place.reason), None

    def is_met(log: WholeLog) -> bool:
        return expected_log.unmet(expected, log) is None

    log = reads(lambda: collector.logs.whole(place, is_met))
    return expected_log.with_log(expected, success, log, hide), place
