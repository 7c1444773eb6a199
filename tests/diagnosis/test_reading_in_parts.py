"""The log is searched for signs of errors in parts: none is missed at the border of two."""

import pytest

from cli.bench.traces import MESSAGES, TRACES
from cronmend.diagnosis import fatal_error
from cronmend.diagnosis.fatal_error.signs import TOGETHER
from cronmend.model import FatalError

ORDINARY = ("2026-11-23 07:20:00 INFO job - exported order 4711",)

TEXTS = {
    **{name: trace.format(message=MESSAGES[0]) for name, trace in TRACES.items()},
    "PHP, logged": "exception 'RuntimeException' with message 'no order' in /app/job.php:3\nStack trace:\n#0 {main}",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_error_is_read_wherever_the_border_of_two_parts_is(text: str) -> None:
    lines = tuple(text.split("\n"))
    alone = fatal_error.read((*ORDINARY, *lines))
    for before in range(TOGETHER - len(lines) - 1, TOGETHER + 3):
        among = fatal_error.read((*ORDINARY * before, *lines))
        assert [_stated(each.error) for each in among.errors] == [_stated(each.error) for each in alone.errors]
        assert [each.first - before for each in among.errors] == [each.first - 1 for each in alone.errors]


def _stated(error: FatalError) -> list[tuple[str, str]]:
    return [(each.type, each.message) for each in (error, *error.causes)]
