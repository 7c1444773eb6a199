"""Names in the causes of rules."""

import pytest

from cronmend.alerting.named import filled


@pytest.mark.parametrize(
    ("cause", "text", "said"),
    [
        (
            "[host name {host}|a host name] doesn't exist",
            "curl: (6) Could not resolve host: hooks.example",
            "host name hooks.example doesn't exist",
        ),
        ("[host name {host}|a host name] doesn't exist", "Name or service not known", "a host name doesn't exist"),
        ("{service} rejected it", "Invalid login: 535 5.7.8 authentication failed", "the mail server rejected it"),
        (
            "[its image has no {file}|?]",
            "unable to find user batch: no matching entries",
            "its image has no user batch",
        ),
        (
            "[its image has no {file}|?]",
            "open /tmp/containerd-mount123/etc/group: no such file or directory",
            "its image has no /etc/group",
        ),
        ("[no {volume}|?]", "mounting fs-0a1b2c3d4e5f60718.efs.eu-west-2.amazonaws.com:/", "no fs-0a1b2c3d4e5f60718"),
        ("[no {download}|?]", "failed to download env files: context deadline exceeded", "no env files"),
        ("it couldn't [{encrypt}|{decrypt}|use]", "gpg: a@b: encryption failed: No public key", "it couldn't encrypt"),
        ("it couldn't [{encrypt}|{decrypt}|use]", "sops: cannot decrypt the data key", "it couldn't decrypt"),
        ("it couldn't [{encrypt}|{decrypt}|use]", "keystore password was incorrect", "it couldn't use"),
        ("[a service was {overloaded}|a limit]", "mongo: the server is too busy to answer", "a service was busy"),
        ("[a service was {overloaded}|a limit]", '529 {"type":"overloaded_error"}', "a service was overloaded"),
        ("[a service was {overloaded}|a limit]", "429 Too Many Requests: busy tenants", "a limit"),
        (
            "[host name {host}|a host name] doesn't exist",
            "GET https://hooks.example/a: Name or service not known",
            "host name hooks.example doesn't exist",
        ),
        (
            "[a certificate isn't valid, connecting to {host}|a certificate isn't valid]",
            "db.internal:5432: certificate verify failed",
            "a certificate isn't valid, connecting to db.internal:5432",
        ),
        (
            "[host name {host}|a host name] doesn't exist",
            "dial tcp: lookup db.internal on 10.0.0.2:53: no such host",
            "host name db.internal doesn't exist",
        ),
        (
            "{service} closed the connection",
            "read tcp 10.0.3.9:50412->198.51.100.7:443: read: connection reset by peer",
            "198.51.100.7:443 closed the connection",
        ),
        (
            "[parameter {parameter}|secret {secret}|a secret] is missing",
            "invalid parameters: /shop/TOKEN",
            "parameter /shop/TOKEN is missing",
        ),
        (
            "[parameter {parameter}|secret {secret}|a secret] is missing",
            "arn:aws:secretsmanager:eu-west-2:111122223333:secret:shop/api-Ab12Cd",
            "secret shop/api is missing",
        ),
        (
            "[parameter {parameter}|secret {secret}|a secret] is missing",
            "ResourceNotFoundException",
            "a secret is missing",
        ),
        (
            "image {image}",
            "failed to resolve ref 1.dkr.ecr.eu-west-2.amazonaws.com/webapp:2f81c0d: not found",
            "image webapp:2f81c0d",
        ),
        ("image {image}", "failed to resolve ref docker.io/library/python:3.12-slim: x", "image python:3.12-slim"),
        (
            "[no JSON key {key}|no JSON]",
            "retrieved secret did not contain json key STRIPE_KEY",
            "no JSON key STRIPE_KEY",
        ),
        ("no {command}", 'exec: "bin/nightly": executable file not found in $PATH: unknown', "no bin/nightly"),
        ("{holder}", "repository is already locked exclusively by PID 41 on job-host by root", "PID 41 on job-host"),
        ("{holder}", "Conflicting lock is held in /usr/bin/python3 (PID 7574).", "PID 7574"),
        ("{migration}", "Can't locate revision identified by '9f3c1e77aa02'", "9f3c1e77aa02"),
        ("{migration}", "Migrate(VersionMissing(20261110041538))", "20261110041538"),
        ("{service}", "botocore.exceptions.ClientError: An error occurred (SlowDown)", "AWS"),
        ("{service}", "Stripe::RateLimitError: see https://stripe.com/docs/rate-limits", "Stripe"),
        (
            "{service}",
            "redis.exceptions.ConnectionError: Error 111 connecting to cache.internal:6379.",
            "cache.internal:6379",
        ),
        ("{service}", "import of Stripe invoices failed: connection refused", "a service"),
        ("{migration}", "Detected applied migration not resolved locally: 42.", "42"),
        ("{migration}", "  db/orders.xml::split-5::platform was: 9:08 but is now: 9:4a", "db/orders.xml::split-5"),
        ("{topic}", "Not authorized to access topics: [payments.v4]", "payments.v4"),
        ("{index}", "index [tickets] blocked by: [FORBIDDEN/12/x]", "tickets"),
        ("denied {action}", "not authorized to perform: s3:PutObject on resource", "denied s3:PutObject"),
        ("denied {action}", "Forbidden", "denied access"),
        ("{service} is down", "", "a service is down"),
    ],
)
def test_a_cause_names_what_the_end_of_the_run_names(cause: str, text: str, said: str) -> None:
    assert filled(cause, {}, (text,)) == said


@pytest.mark.parametrize(
    ("line", "service"),
    [
        ("HubSpot.Api.RateLimitError: limit", "HubSpot"),
        ("sendgrid.exceptions.UnauthorizedError: 401", "SendGrid"),
        ("openai.RateLimitError: quota", "OpenAI"),
        ("anthropic.OverloadedError: 529", "Anthropic"),
        ("slack_sdk.errors.SlackApiError: ratelimited", "Slack"),
        ("Octokit::TooManyRequestsError: GET", "GitHub"),
        ("gitlab.exceptions.GitlabHttpError: 502", "GitLab"),
        ("boto3.exceptions.S3UploadFailedError: SlowDown", "AWS"),
        ("pymongo.errors.ServerSelectionTimeoutError: no primary", "MongoDB"),
        ("Mongo::Error::NoServerAvailableError: none", "MongoDB"),
        ("opensearchpy.exceptions.TransportError: 429", "OpenSearch"),
        ("pika.exceptions.AMQPConnectionError", "RabbitMQ"),
    ],
)
def test_a_service_is_named_by_the_client_that_reports_it(line: str, service: str) -> None:
    assert filled("{service} refused", {}, (line,)) == f"{service} refused"


def test_a_known_name_and_an_earlier_text_come_first() -> None:
    assert filled("{image}", {"image": "own:1"}, ("failed to resolve ref other:2: x",)) == "own:1"
    assert filled("{host}", {}, ("lookup a.example on x", "lookup b.example on x")) == "a.example"
