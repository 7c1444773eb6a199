"""The order in which evidence counts, the deploy window, and errors that look alike."""

import pytest

from cronmend.diagnosis.steps import DIAGNOSIS_STEPS, diagnose
from cronmend.model import (
    Category,
    Container,
    DeployWindow,
    Diagnosis,
    Evidence,
    Missing,
    StoppedTask,
    TaskDefinitionRef,
    WindowState,
)

DEPENDENCY = "dependency_unavailable"
EXITED = ("EssentialContainerExited", "Essential container in task exited")
SCHEMA = (
    "Traceback (most recent call last):",
    '  File "/app/manage.py", line 22, in <module>',
    "    main()",
    'django.db.utils.ProgrammingError: relation "shop_order" does not exist',
)


def run(
    log: str | tuple[str, ...] = (),
    code: int | None = 1,
    stop: tuple[str, str] = EXITED,
    reason: str = "",
    window: WindowState = WindowState.CLOSED,
    sidecar: Container | None = None,
) -> Diagnosis:
    lines = tuple(log.strip("\n").split("\n")) if isinstance(log, str) else log
    task = StoppedTask(
        task_arn="arn:aws:ecs:eu-west-2:1:task/app/1",
        cluster_arn="arn:aws:ecs:eu-west-2:1:cluster/app",
        task_definition=TaskDefinitionRef("web", 1),
        task_definition_arn="arn",
        containers=(Container("app", code, reason), *([sidecar] if sidecar else [])),
        job_container="app",
        stop_code=stop[0],
        stopped_reason=stop[1],
    )
    return diagnose(Evidence(task, lines, DeployWindow(window, reason="as the test says")))


def python(*stated: str, frame: str = "run()") -> str:
    """A traceback for each statement, each the direct cause of the next."""
    link = "\n\nThe above exception was the direct cause of the following exception:\n\n"
    head = f'Traceback (most recent call last):\n  File "/app/job.py", line 3, in <module>\n    {frame}\n'
    return link.join(head + text for text in stated)


# --- the order of the evidence


def test_spot_comes_before_exit_codes() -> None:
    for code in (0, 137, 143, None):
        assert run(code=code, stop=("SpotInterruption", "Your Spot Task was interrupted.")).category == "infrastructure"


@pytest.mark.parametrize("code", [0, 1, 137, 143, None])
def test_an_unhealthy_host_comes_before_exit_codes(code: int | None) -> None:
    found = run(SCHEMA, code=code, stop=("InfrastructureHealth", ""))
    assert (found.category, found.rule) == ("infrastructure", "ecs.infrastructure_health")


@pytest.mark.parametrize("code", [0, 1, 137, None])
def test_a_stop_code_of_a_later_ecs_is_named_and_never_a_success(code: int | None) -> None:
    found = run(code=code, stop=("HostRecycled", "Task stopped."))
    assert found.category == "unknown"
    assert "the stop code HostRecycled" in f"{found.sentence} {found.advice}"


def test_a_new_stop_code_does_not_hide_a_cause_that_is_known() -> None:
    found = run(SCHEMA, stop=("HostRecycled", "Essential container in task exited"))
    assert found.category == "schema_mismatch"
    assert found.advice.count("HostRecycled") == 1
    maintained = run(code=0, stop=("HostRecycled", "ECS is performing maintenance on the underlying infrastructure"))
    assert maintained.category == "infrastructure"


def test_a_lost_host_and_a_health_check_come_before_exit_codes() -> None:
    gone = ("", "Host EC2 (instance i-0) terminated.")
    unhealthy = ("ServiceSchedulerInitiated", "Task failed container health checks")
    for code in (0, 1, 143):
        assert run(code=code, stop=gone).category == "infrastructure"
        assert run(code=code, stop=unhealthy).category == "configuration_error"


def test_a_stop_on_purpose_comes_before_the_persons_reason_and_exit_zero() -> None:
    for code in (0, 1, 143):
        found = run(SCHEMA, code=code, stop=("UserInitiated", "OutOfMemoryError drill, i/o timeout"))
        assert found.category == "cancelled"


def test_out_of_memory_by_ecs_whatever_the_exit_code() -> None:
    reason = "OutOfMemoryError: Container killed due to memory usage"
    assert [run(code=code, reason=reason).category for code in (0, 1, 137)] == ["out_of_memory"] * 3


def test_a_sidecar_counts_only_if_the_job_did_not_exit_with_zero() -> None:
    starved = Container("log_router", 137, "OutOfMemoryError: Container killed due to memory usage")
    assert run(code=0, sidecar=starved).category == "success"
    assert run(code=143, sidecar=starved).category == "out_of_memory"
    assert run(code=0, sidecar=Container("datadog-agent", 1)).category == "success"


def test_a_sidecar_that_ran_out_of_memory_is_named() -> None:
    reason = "OutOfMemoryError: Container killed due to memory usage"
    starved = Container("log_router", 137, reason)
    found = run(code=143, sidecar=starved)
    assert "log_router" in found.sentence
    assert "log_router" in found.cause
    assert "log_router" in found.advice
    assert "log_router" not in run(code=137, reason=reason, sidecar=starved).sentence


def test_exit_zero_with_errors_in_the_log_is_success() -> None:
    assert run(SCHEMA, code=0).category == "success"


def test_no_exit_code_is_never_success() -> None:
    assert run(code=None).category == "unknown"
    waited = ("TaskFailedToStart", "Timeout waiting for network interface provisioning to complete.")
    assert run(code=None, stop=waited).category == "infrastructure"


def test_an_init_container_that_fails_explains_a_job_that_never_ran() -> None:
    init = Container("init", 127, 'CannotStartContainerError: exec: "fetch": executable file not found in $PATH')
    assert (
        run(code=None, stop=("TaskFailedToStart", "Task failed to start"), sidecar=init).category
        == "configuration_error"
    )


def test_typographic_quotes_of_ecs() -> None:
    reason = "CannotPullContainerError: The task can’t pull the image. Check whether the image exists. not found"
    assert run(code=None, stop=("TaskFailedToStart", reason)).category == "configuration_error"


@pytest.mark.parametrize(
    ("reason", "category"),
    [
        ("CannotPullContainerError: failed to resolve ref app:1: app:1: not found", "configuration_error"),
        ("CannotPullContainerError: pull access denied", "configuration_error"),
        ((
"CannotPullContainerError: ref pull has been retried 1 time(s): dial tcp 1.2.3.4:443: i/o "
"timeout"
), "infrastructure"),
        ("CannotPullContainerError: write /var/lib/docker/tmp/x: no space left on device", "configuration_error"),
        ("TaskFailedToStart: RESOURCE:MEMORY", "infrastructure"),
        ((
"ResourceInitializationError: failed to create Cloudwatch log stream: AccessDeniedException: "
"User: x"
), "configuration_error"),
        ((
"ResourceInitializationError: The task cannot find the Amazon CloudWatch log group defined "
"in the task definition. There is a connection issue"
), "infrastructure"),
        ("Override for container named publish is not a container in the TaskDefinition.", "configuration_error"),
        ((
"Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-1': "
"InvalidSecurityGroupID.NotFound"
), "configuration_error"),
        ((
"Unexpected EC2 error while attempting to Create Network Interface: "
"InvalidParameterValue"
), "configuration_error"),
        ("Unexpected EC2 error while attempting to Create Network Interface: InternalError", "infrastructure"),
        ("Unexpected EC2 error while attempting to Create Network Interface: RequestLimitExceeded", "infrastructure"),
        ("ResourceInitializationError: failed to download env files: NoSuchBucket: x", "configuration_error"),
        ("ResourceInitializationError: failed to download env files: 503 SlowDown", "infrastructure"),
        ((
"ResourceInitializationError: failed to validate logger args: gelf-address is "
"required"
), "configuration_error"),
        ("ResourceInitializationError: failed to validate logger args: unknown log opt 'x'", "configuration_error"),
        ("ResourceInitializationError: failed to validate logger args", "infrastructure"),
        ((
"unable to retrieve ecr registry auth: NoCredentialProviders: no valid providers "
"in chain"
), "configuration_error"),
        ("CannotPullContainerError: unknown media type application/x", "configuration_error"),
        ("CannotPullContainerError: x509: certificate is valid for a.example, not b.example", "configuration_error"),
        ("InvalidVolume.NotFound: The volume 'vol-1' does not exist.", "configuration_error"),
        ("failed to invoke EFS utils: stderr: File system fs-1 does not exist", "configuration_error"),
        ("CannotStartContainerError: error while mounting volume 'data': get: no such volume", "configuration_error"),
        ("CannotPullContainerError: invalid reference format", "configuration_error"),
        ("CannotPullContainerError: lookup quay.io on 10.0.0.2:53: server misbehaving", "infrastructure"),
        ("CannotStartContainerError: unable to find group app: no matching entries in group", "configuration_error"),
    ],
)  # fmt: skip
def test_reasons_of_ecs(reason: str, category: str) -> None:
    assert run(code=None, stop=("TaskFailedToStart", reason)).category == category


@pytest.mark.parametrize(
    ("code", "category"),
    [(139, "application_error"), (124, "timeout"), (127, "configuration_error"), (78, "configuration_error")],
)
def test_exit_codes_that_show_the_cause(code: int, category: str) -> None:
    assert run(code=code).category == category


def test_an_exception_of_an_escript_is_no_missing_command() -> None:
    """It ends with 127 after every exception."""
    assert run("escript: exception error: no match of right hand side value false", 127).category == "application_error"


def test_a_wait_for_a_service_is_no_time_limit_of_the_job() -> None:
    assert (
        run("wait-for-it.sh: timeout occurred after waiting 15 seconds for db:5432", 124).category
        == "dependency_unavailable"
    )
    assert run("loading 14 shops", 124).category == "timeout"


@pytest.mark.parametrize("code", [1, 2, 3, 137, 143, 255])
def test_exit_codes_that_show_nothing(code: int) -> None:
    found = run(code=code)
    assert found.category == "unknown"
    assert f"exit code {code}" in found.sentence


def test_a_kill_is_explained_by_memory_or_time_only() -> None:
    assert run("connect ECONNREFUSED 10.0.0.1:5432", code=137).category == "unknown"
    heap = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
    assert run(heap, code=137).category == "out_of_memory"


def test_a_missing_log_is_reported() -> None:
    task = run().window
    assert task.state is WindowState.CLOSED
    evidence_sentence = run(code=1, log=()).sentence
    assert evidence_sentence == "The cause is unknown (exit code 1; its log is empty)."


def test_the_last_step_always_has_a_verdict() -> None:
    assert DIAGNOSIS_STEPS[-1].__name__ == "nothing_decisive"


# --- the deploy window


@pytest.mark.parametrize(
    ("window", "category"),
    [
        (WindowState.OPEN, Category.DEPLOY_RACE),
        (WindowState.RECENT, Category.DEPLOY_RACE),
        (WindowState.STUCK, Category.DEPLOY_RACE),
        (WindowState.CLOSED, Category.SCHEMA_MISMATCH),
        (WindowState.OLDER_CODE, Category.SCHEMA_MISMATCH),
        (WindowState.UNKNOWN, Category.SCHEMA_MISMATCH),
    ],
)
def test_a_schema_error_and_the_window(window: WindowState, category: Category) -> None:
    found = run(SCHEMA, window=window)
    assert found.category is category
    assert found.window.state is window
    assert ("as the test says" in found.full_sentence) is (category is Category.DEPLOY_RACE)


def test_an_open_window_explains_an_unknown_command_but_no_bug() -> None:
    unknown = "Unknown command: 'publish_scheduled'\nType 'manage.py help' for usage."
    assert run(unknown).category == "configuration_error"
    assert run(unknown, window=WindowState.OPEN).category == "deploy_race"
    assert run(python("KeyError: 'sku'"), window=WindowState.OPEN).category == "application_error"


def test_a_migration_missing_from_the_build_is_not_a_race() -> None:
    lacks = (
        "System.InvalidOperationException: PendingModelChangesWarning: The model has pending changes.\n"
        "   at Program.Main()"
    )
    assert run(f"Unhandled exception. {lacks}", window=WindowState.OPEN).category == "schema_mismatch"


# --- which error decides


def test_the_last_error_decides_not_one_that_was_survived() -> None:
    survived = (
        f"ERROR cache table missing, continuing without\n{python('sqlite3.OperationalError: no such table: cache')}"
    )
    assert run(f"{survived}\nprocessing\n{python('ValueError: bad vat id')}").category == "application_error"


def test_a_consequence_points_to_the_error_before_it() -> None:
    before = python('psycopg.errors.UndefinedColumn: column "x" of relation "t" does not exist')
    after = python("psycopg.errors.InFailedSqlTransaction: current transaction is aborted")
    assert run(f"{before}\nretrying\n{after}").category == "schema_mismatch"


def test_a_retry_error_shows_the_error_it_retried() -> None:
    tried = "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused."
    gave_up = "tenacity.RetryError: RetryError[<Future state=finished raised ConnectionError>]"
    assert run(python(tried, gave_up)).category == "dependency_unavailable"


def test_a_bug_in_the_leaf_makes_the_whole_a_bug() -> None:
    chain = (
        "java.io.IOException: Server returned HTTP response code: 503\n\tat a.B.c(B.java:1)\nCaused "
        "by: java.lang.NullPointerException: x\n\tat a.B.d(B.java:2)"
    )
    assert run(f'Exception in thread "main" {chain}').category == "application_error"


def test_the_jobs_own_last_message_counts_more_than_a_temporary_error_above_it() -> None:
    trouble = "could not reach the cache: Connection refused\n"
    assert run(f"{trouble}ERROR: 3 invoices have no customer").category == "application_error"
    assert run(f"{trouble}ERROR: nightly import was aborted").category == "dependency_unavailable"


def test_the_name_of_a_bug_counts_more_than_what_its_message_quotes() -> None:
    assert run(python("AssertionError: expected 200, got 503 Service Unavailable")).category == "application_error"
    assert run(python("RuntimeError: expected 200, got 503 Service Unavailable")).category == "dependency_unavailable"


def test_one_bug_in_a_group_makes_the_group_a_bug() -> None:
    group = (
        "Unhandled exception. System.AggregateException: (Connection refused) (bad)\n ---> System.Net.Http.HttpRe"
        "questException: Connection refused\n   at A.B()\n ---> (Inner Exception #1) System.FormatException: "
        "bad\n   at A.C()"
    )
    assert run(group, code=134).category == "application_error"


def test_the_context_decides_if_the_error_itself_is_vague() -> None:
    link = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
    refused = python("ConnectionRefusedError: [Errno 111] Connection refused")
    assert run(refused + link + python("shop.errors.SyncFailed: sync failed")).category == "dependency_unavailable"
    bug = python("AttributeError: 'NoneType' object has no attribute 'x'")
    assert run(refused + link + bug).category == "application_error"


def test_a_notifier_that_fails_after_the_end_decides_nothing() -> None:
    log = "ERROR: 3 invoices have no customer, aborting\nERROR could not post to slack webhook: Connection refused"
    assert run(log).category != "dependency_unavailable"


@pytest.mark.parametrize(
    ("stated", "category"),
    [
        # one class, two categories
        ('OperationalError: connection to server at "db" failed: Connection refused', "dependency_unavailable"),
        ((
'OperationalError: connection to server at "db" failed: FATAL:  password authentication failed '
'for user "x"'
), "configuration_error"),
        ('OperationalError: connection to server failed: FATAL:  database "x" does not exist', "configuration_error"),
        ("OperationalError: deadlock detected", "dependency_unavailable"),
        # look-alikes of a schema error
        ("shop.models.Product.DoesNotExist: Product matching query does not exist.", "application_error"),
        ("OSError: [E050] Can't find model 'en_core_web_sm'.", "configuration_error"),
        ('UndefinedTable: missing FROM-clause entry for table "o"', "application_error"),
        ((
'UndefinedColumn: column "paid" does not exist\nLINE 1: select 1 from orders where status '
'= "paid"'
), "application_error"),
        ('UndefinedTable: relation "tmp_stage_orders" does not exist', "application_error"),
        ("redshift_connector.error.ProgrammingError: relation \"sales\" does not exist", "configuration_error"),
        ((
"botocore.errorfactory.ResourceNotFoundException: An error occurred (ResourceNotFoundException) "
"when calling the GetItem operation: Requested resource not found"
), "configuration_error"),
        ("ModuleNotFoundError: No module named 'psycopg'", "configuration_error"),
        # codes before words, in any language
        ("UndefinedTable: Relation »bestellung« existiert nicht", "schema_mismatch"),
        ("ProgrammingError: (1146, \"La table 'shop.x' n'existe pas\")", "schema_mismatch"),
        ("OperationalError: Verklemmung (Deadlock) entdeckt", "dependency_unavailable"),
        # whose timeout
        ("requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='x'): Read timed out.", "dependency_unavailable"),
        ("celery.exceptions.SoftTimeLimitExceeded: SoftTimeLimitExceeded()", "timeout"),
        # names
        ("socket.gaierror: [Errno -2] Name or service not known", "configuration_error"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "dependency_unavailable"),
        # code older than the schema
        ((
'IntegrityError: null value in column "region" of relation "d"\n[SQL: INSERT INTO d (name) '
'VALUES (1)]'
), "schema_mismatch"),
        ((
'IntegrityError: null value in column "region" of relation "d"\n[SQL: INSERT INTO d (name, '
'region) VALUES (1, NULL)]'
), "application_error"),
    ],
)  # fmt: skip
def test_look_alikes(stated: str, category: str) -> None:
    assert run(python(stated)).category == category


def test_an_environment_variable_is_distinguished_from_a_key() -> None:
    assert run(python("KeyError: 'DATABASE_URL'", frame='os.environ["DATABASE_URL"]')).category == "configuration_error"
    assert run(python("KeyError: 'fair'", frame='WEIGHTS["fair"]')).category == "application_error"


def test_vague_words_decide_nothing() -> None:
    for line in (
        "error",
        "2026-11-23 07:00:00 ERROR job - Job failed",
        "ERROR job - unexpected problem, see audit table",
    ):
        assert run(line).category == "unknown"


# --- what people see


def test_the_stored_parts_are_redacted_and_bounded() -> None:
    log = [f"line {n}" for n in range(100)] + ["connecting to postgres://shop:hunter2@db/shop " + "x" * 9_000]
    found = run(tuple(log) + tuple(python("ConnectionRefusedError: postgres://shop:hunter2@db refused").split("\n")))
    shown = "\n".join(
        [found.sentence, found.line, *found.excerpt, found.fatal_error.message if found.fatal_error else ""]
    )
    assert "hunter2" not in shown
    assert len(found.excerpt) <= 20
    assert max(map(len, found.excerpt)) <= 520
    assert found.excerpt[-1].startswith("→ ConnectionRefusedError")


def test_a_key_over_many_lines_is_hidden_in_the_excerpt() -> None:
    log = (
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
        "-----END PRIVATE KEY-----",
        "KeyError: 'x'",
    )
    assert "MIIEvQ" not in "\n".join(run(log).excerpt)


def test_a_missing_log_gives_its_reason() -> None:
    task = StoppedTask(
        "a/1", "c", TaskDefinitionRef("web", 1), "arn", containers=(Container("app", 1),), job_container="app"
    )
    found = diagnose(Evidence(task, Missing("the log goes to Splunk"), DeployWindow(WindowState.CLOSED)))
    assert found.category == "unknown"
    assert "the log goes to Splunk" in found.sentence


def test_the_deciding_line_is_the_reason_that_decided_not_the_one_beside_it() -> None:
    reason = "OutOfMemoryError: Container killed due to memory usage"
    assert run(code=137, reason=reason).line == reason


def test_a_bug_at_the_very_end_needs_a_person_even_under_a_warning() -> None:
    survived = (*SCHEMA, "WARNING no cache table, continuing without it")
    bug = ("Traceback (most recent call last):", '  File "/app/job.py", line 9, in f', "    a / b", "KeyError: 'x'")
    assert run(survived + bug, window=WindowState.OPEN).category == "application_error"
    refused = (*bug[:-1], "ConnectionRefusedError: [Errno 111] Connection refused")
    assert run(survived + refused, window=WindowState.OPEN).category == "deploy_race"
    assert run((*survived, *bug, "the report is written"), window=WindowState.OPEN).category == "deploy_race"


def test_a_traceback_under_a_warning_decides_if_nothing_else_does() -> None:
    warned = "WARNING cache unreachable, going on without it"
    bug = python("KeyError: 'total'")
    assert run(f"{warned}\n{bug}").category == "application_error"


def test_a_consequence_follows_from_what_a_warning_had_survived() -> None:
    warned = 'WARNING step failed, continuing: relation "coupons" does not exist'
    aborted = python("psycopg.errors.InFailedSqlTransaction: current transaction is aborted, commands ignored")
    assert run(f"{warned}\n{aborted}", window=WindowState.OPEN).category == "deploy_race"


def test_a_failed_mail_about_the_failure_is_not_the_failure() -> None:
    schema = python('psycopg.errors.UndefinedColumn: column "channel" of relation "orders" does not exist')
    frames = '  File "/usr/lib/python3.13/smtplib.py", line 341, in connect\n' + "    x()\n" * 8
    refused = "Traceback (most recent call last):\n" + frames + "ConnectionRefusedError: [Errno 111] Connection refused"
    between = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
    assert run(f"{schema}{between}{refused}").category == "schema_mismatch"


def test_a_missing_from_clause_is_a_bug_in_every_language() -> None:
    said = python('psycopg.errors.UndefinedTable: テーブル"c"用のFROM句エントリがありません')
    assert run(said, window=WindowState.OPEN).category == "application_error"


def test_a_failed_report_of_a_bug_does_not_make_the_bug_temporary() -> None:
    bug = "TypeError: Cannot read properties of undefined (reading 'id')\n    at run (/app/job.js:3:7)"
    lost = "Error: connect ECONNREFUSED 10.0.0.9:443\n    at TCPConnectWrap.afterConnect (node:net:1611:16)"
    assert run(f"{bug}\nreporting the failure to the team ...\n{lost}").category == "application_error"
    assert run(f"{bug}\nskipping this one, continuing with the next\n{lost}").category == "dependency_unavailable"


def test_a_task_that_could_not_be_prepared_may_pass_unless_the_reason_says_otherwise() -> None:
    said = "ResourceInitializationError: failed to download env files: operation error S3: HeadObject, "
    gone = run(code=None, stop=("TaskFailedToStart", said + "https response error StatusCode: 404, api error NotFound"))
    assert gone.category != "infrastructure"
    slow = run(code=None, stop=("TaskFailedToStart", said + "RequestCanceled: context deadline exceeded"))
    assert slow.category == "infrastructure"


@pytest.mark.parametrize(
    "log",
    [
        "2026/06/11 02:07:48 settle: tenant 7: record not found\nexit status 1",
        "settle: error: period 2026-05 is already closed",
        "2026-06-11 02:07:48 CRITICAL settle: ledger 12 out of balance by 3.00",
        '{"level":"fatal","msg":"export failed","error":"tenant 12: unsupported currency XAU"}',
        "terminate called after throwing an instance of 'std::runtime_error'\n  what():  node 7 has two parents",
        "Account 12 has no owner at bin/settle.pl line 88.",
        "Error in fit_model(d) : fewer than 10 rows in segment 'B'\nExecution halted",
        "billing.errors.ClosedPeriod: period 2026-05 is closed",
        "fail: Acme.Settle[0]\n      Settlement 12 has no lines",
    ],
)
def test_a_report_in_the_jobs_own_words_is_an_error_of_the_job(log: str) -> None:
    assert run(log).category == "application_error"


@pytest.mark.parametrize(
    "log",
    [
        "2026-06-11 02:07:48 ERROR job - something went wrong",
        "ERROR: job failed, see above",
        "make: *** [Makefile:12: settle] Error 1",
        "2026/06/11 02:07:48 done: 12 rows written",
        "error Command failed with exit code 1.",
    ],
)
def test_a_report_that_says_only_that_something_failed_does_not_count(log: str) -> None:
    assert run(log).category == "unknown"


@pytest.mark.parametrize(
    ("stated", "category"),
    [
        ("HTTPError: 401 Client Error: Unauthorized for url: https://api.example/v1?retry=503", "configuration_error"),
        ("HTTPError: 503 Server Error: Service Unavailable for url: https://x.example/a?code=401", DEPENDENCY),
        ("ValueError: bad row in https://files.example/export?status=503", "application_error"),
    ],
)
def test_a_status_in_an_address_decides_nothing(stated: str, category: str) -> None:
    assert run(stated).category == category


@pytest.mark.parametrize(
    ("stated", "category"),
    [
        ("ClientError: An error occurred (AccessDenied) when calling PutObject: Access Denied", "configuration_error"),
        ("billing.ClosedPeriod: period 2026-05 is closed", "application_error"),
        ("OperationalError: connection refused", DEPENDENCY),
    ],
)
def test_a_failed_notification_does_not_outweigh_the_error_it_was_about(stated: str, category: str) -> None:
    lost = python("requests.exceptions.ConnectTimeout: host='hooks.slack.com': connect timeout", frame="post()")
    assert run(f"{stated}\n\n{lost}").category == category


def test_a_notification_that_is_the_job_itself_may_pass() -> None:
    lost = python("requests.exceptions.ConnectTimeout: host='hooks.slack.com': connect timeout", frame="post()")
    assert run(lost).category == DEPENDENCY
