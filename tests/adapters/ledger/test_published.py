"""Files that a person published: replaced only by a writer who saw the last one, and read once a minute."""

from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import boto3
import pytest

from cronmend.adapters.ledger.published import AGE, LARGEST, DynamoPublished, File, Published, RecentlyPublished
from cronmend.errors import Permanent
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW

FIRST = Published('{"version": 2}', "ann", NOW)


@pytest.fixture
def published(aws: None) -> DynamoPublished:
    table()
    return DynamoPublished("ledger")


def test_a_file_is_read_as_it_was_published(published: DynamoPublished) -> None:
    assert published.read(File.JOBS) is None
    assert published.replace(File.JOBS, FIRST)
    assert published.read(File.JOBS) == FIRST
    assert published.read(File.ALERTS) is None


def test_a_writer_who_did_not_see_the_last_one_is_refused(published: DynamoPublished) -> None:
    assert published.replace(File.JOBS, FIRST)
    assert not published.replace(File.JOBS, replace(FIRST, by="bob"))
    assert published.replace(File.JOBS, replace(FIRST, by="bob", number=2))
    assert not published.replace(File.JOBS, replace(FIRST, by="cleo", number=2))
    found = published.read(File.JOBS)
    assert found
    assert found.by == "bob"


def test_a_file_beyond_dynamodbs_limit_is_refused_before_the_call(published: DynamoPublished) -> None:
    noise = "".join(chr(0x100 + n * n * 7919 % 40_000) for n in range(LARGEST))
    with pytest.raises(Permanent, match=r"jobs\.json has \d+ bytes when compressed; at most 380000 can be published"):
        published.replace(File.JOBS, replace(FIRST, text=noise))


def test_a_damaged_item_is_named_with_its_remedy(published: DynamoPublished) -> None:
    assert published.replace(File.JOBS, FIRST)
    boto3.client("dynamodb").update_item(
        TableName="ledger",
        Key={"pk": {"S": "PUBLISHED"}, "sk": {"S": "jobs.json"}},
        UpdateExpression="SET content = :content",
        ExpressionAttributeValues={":content": {"B": b"no zlib"}},
    )
    with pytest.raises(
        Permanent, match=r"the published jobs\.json can't be read: .* Delete the item PUBLISHED jobs\.json"
    ):
        published.read(File.JOBS)


@dataclass
class Source(DynamoPublished):
    """Counts the reads."""

    text: str = "a"
    at: datetime = NOW
    reads: list[File] = field(default_factory=list)

    def read(self, file: File) -> Published | None:
        self.reads.append(file)
        return replace(FIRST, text=self.text, at=self.at, number=len(self.text))


def test_a_function_reads_a_file_once_a_minute() -> None:
    times = [NOW]
    source = Source()
    recent = RecentlyPublished(source, lambda: times[-1])

    def at(second: int) -> tuple[int, ...]:
        times.append(NOW + timedelta(seconds=second))
        recent.read(File.JOBS)
        return tuple(each[0] for each in recent.editions() if each)

    assert (at(0), at(59), source.reads) == ((1,), (1,), [File.JOBS])
    source.text = "ab"
    assert (at(59), at(60), source.reads) == ((1,), (2,), [File.JOBS, File.JOBS])


def test_only_files_that_were_read_are_looked_at_again() -> None:
    source = Source()
    assert RecentlyPublished(source, lambda: NOW).editions() == ()
    assert source.reads == []


def test_a_file_published_anew_after_a_deletion_is_another_edition() -> None:
    times = [NOW]
    source = Source()
    recent = RecentlyPublished(source, lambda: times[-1])
    recent.read(File.JOBS)
    before = recent.editions()
    source.at, source.text = NOW + AGE, "b"
    times.append(NOW + AGE)
    assert recent.editions() != before
