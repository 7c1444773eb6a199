"""Words that fit what an error states, where several causes once shared one advice."""

from copy import replace

import pytest

from cronmend.alerting import headlines
from cronmend.alerting.plain_words import in_words
from cronmend.model.report import MessageKind
from tests.alerting.test_innermost_causes import headline, read
from tests.incidents import BROKEN, diagnosed

SCAN = """
Traceback (most recent call last):
  File "/srv/sync.py", line 5, in <module>
    client.scan(TableName='price-overrides')
botocore.errorfactory.ResourceNotFoundException: An error occurred (ResourceNotFoundException) when calling \
the Scan operation: Requested resource not found
"""
ALIAS = """
QueryFailedError: column CronTriggerEntity__CronTriggerEntity_serverlessFunction.handlerPath does not exist
    at async Job.handle (/app/dist/job.js:51:30) {
  query: 'SELECT 1 FROM "core"."cron" "C" JOIN "core"."serverlessFunction" \
"CronTriggerEntity__CronTriggerEntity_serverlessFunction" ON TRUE',
}
"""
SETTING = """
Traceback (most recent call last):
  File "/srv/load.py", line 4, in <module>
    engine = create_engine(os.environ.get('WAREHOUSE_URL', ''))
sqlalchemy.exc.ArgumentError: Could not parse SQLAlchemy URL from given URL string
"""
HOST = """
psycopg2.OperationalError: could not connect to server: Connection timed out
\tIs the server running on host "warehouse.cepqpvfzb2wr.us-east-2.redshift.amazonaws.com" (10.0.3.3) and accepting
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (SCAN, "table price-overrides doesn't exist"),
        (ALIAS, "the database has no column core.serverlessFunction.handlerPath"),
        (SETTING, "WAREHOUSE_URL isn't a valid database URL"),
        ("RuntimeError: Failed to connect to API at http://flows.internal:4200/api/.", "it couldn't connect to flows."),
        ("Error: connect ECONNREFUSED 10.0.12.15:6379", "10.0.12.15:6379 refused the connection"),
        ("TimeoutError: Navigation timeout of 30000 ms exceeded", "a page didn't load in time"),
        ("FAILED: Multiple head revisions are present for given argument 'head'", "Multiple head revisions"),
        (
            "ERROR list orders: unexpected status 429 Too Many Requests: {",
            "a service limited its requests: list orders",
        ),
    ],
)
def test_the_headline_states_what_the_log_does(log: str, said: str) -> None:
    assert headline(log).startswith(said)
    assert "{" not in headline(log)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("ExpiredToken: The provided token has expired.", "Renew the session token"),
        ("NoRegionError: You must specify a region.", "Set AWS_REGION"),
        ("x509: certificate signed by unknown authority", "Add the CA"),
        ("x509: certificate has expired or is not yet valid", "Renew the certificate"),
        ("Hostname/IP does not match certificate's altnames: Host: a.b.", "Connect by a host name"),
        ("fatal: detected dubious ownership in repository at '/srv/repo'", "safe.directory"),
        ("_duckdb.OutOfMemoryException: Out of Memory Error: could not allocate block of size 1 KiB", "memory_limit"),
        ("browserType.launch: Executable doesn't exist at /ms-playwright/chromium-1/chrome", "Install the browser"),
        ("MongoError: Can't take a write lock while out of disk space", "Free disk space on MongoDB's server"),
        ("Error: Browser was not found at the configured executablePath (/usr/bin/chromium)", "Install the browser"),
        ("Gem::LoadError: You have already activated rake 10, but your Gemfile requires rake 11", "`bundle exec`"),
        ("ValueError: could not convert string to float: '12,50'", "Correct the value"),
        ('java.lang.NumberFormatException: For input string: "12,50"', "Correct the value"),
    ],
)
def test_the_advice_is_for_the_cause_that_the_log_names(log: str, words: str) -> None:
    assert words in read(log).advice


def test_a_long_host_does_not_push_the_verdict_out_of_a_subject() -> None:
    found = read(HOST)
    changes = {name: getattr(found, name) for name in ("category", "cause", "line", "excerpt", "sentence")}
    incident = diagnosed(BROKEN, fatal_error=None, **changes, deploy_explains=False)
    said = headlines.of(replace(incident, job="g/load-the-whole-warehouse"), MessageKind.ALERT)
    assert "warehouse.cepqpvfzb2wr.us-east-2.redshift.amazonaws.com" in said.long
    assert "the database warehouse... couldn't be reached; no deploy" in said.short


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            'ValidationError: Order validation failed: total: Cast to Number failed for value "12,50" (type string) at '
            'path "total" for model "Order", customer: Cast to ObjectId failed for value "4711" (type string) at path '
            '"customer" for model "Order"',
            "ValidationError: Order validation failed: "
            'total: "12,50" isn\'t a valid Number, customer: "4711" isn\'t a valid ObjectId',
        ),
        (
            "FATAL: ORA-00942: table or view does not exist (DBD ERROR: error possibly near <*> indicator at char 51)",
            "ORA-00942: table or view does not exist",
        ),
        ("本次尝试失败: Error: BrowserType.launch: no browser", "BrowserType.launch: no browser"),
    ],
)
def test_both_halves_of_an_error_fit_and_noise_is_left_out(line: str, words: str) -> None:
    assert in_words(line) == words
