"""Nothing secret leaves; what is not secret stays readable."""

import pytest

from cronmend.redact import HIDDEN, redact

AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0.s5dG9rZW4tc2ln"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("could not connect to postgres://shop:hunter2@db.internal/shop", "hunter2"),
        ("amqps://user:p%40ss:word@broker:5671/vhost refused", "p%40ss:word"),
        ("redis://:hunter2@cache:6379/0", "hunter2"),
        (f"credentials {AWS_KEY} rejected", AWS_KEY),
        ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("header 'Authorization': 'Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
        (f"token rejected: {JWT}", JWT),
        ("password=hunter2 host=db", "hunter2"),
        ("{'PASSWORD': 'hunter 2', 'HOST': 'db'}", "hunter 2"),
        ('{"api_key":"s3cr3t-value"}', "s3cr3t-value"),
        ("DB_PASSWORD=hunter2", "hunter2"),
        ("psql --password hunter2", "hunter2"),
        ("xoxb-" + "123456789012-abcdefghijkl", "123456789012"),
        ("https://hooks.slack.com/services/" + "T000/B000/XXXXXXXX", "XXXXXXXX"),
        ("ghp_" + "a" * 36, "a" * 36),
        ("sk_live_" + "b" * 24, "b" * 24),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEow", "MIIEow"),
        ("Pwd=hunter2;Server=db", "hunter2"),
    ],
)
def test_hides_secrets(text: str, secret: str) -> None:
    clean = redact(text)
    assert secret not in clean
    assert HIDDEN in clean


@pytest.mark.parametrize(
    "text",
    [
        'relation "shop_order" does not exist',
        "KeyError: 'DATABASE_URL'",
        'password authentication failed for user "orders"',
        "https://docs.example.com/path?x=1",
        "10.0.12.41:5432 refused",
        'duplicate key value violates unique constraint "orders_number_key"',
    ],
)
def test_leaves_the_rest(text: str) -> None:
    assert redact(text) == text


def test_keeps_what_names_the_secret() -> None:
    assert redact("password=hunter2 host=db") == f"password={HIDDEN} host=db"
    assert redact("postgres://shop:hunter2@db/shop") == f"postgres://shop:{HIDDEN}@db/shop"


def test_is_stable() -> None:
    once = redact("postgres://shop:hunter2@db password='x y' Bearer abcdef0123456789")
    assert redact(once) == once


def test_the_name_of_an_error_hides_nothing_of_its_message() -> None:
    said = "google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found"
    assert redact(said) == said
