"""The optional kinds of text to hide: email addresses, card numbers, and a team's own patterns."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cronmend.redact import HIDDEN, Also, Redactor, redact
from cronmend.redact.own import BadPattern, listed
from cronmend.settings import SettingError, Settings
from cronmend.use_cases.task_state import HandleStoppedTask
from cronmend.wiring import task_state
from tests.redact.test_samples import ORDINARY, SECRETS

ALL = Redactor(frozenset(Also), (r"acct-\d{4,8}", "[Pp]roject Nightjar"))
PIECES = (
    *(
        "password",
        "secret",
        "token",
        "value",
        "Cookie: a=b",
        "Bearer ",
        "--",
        " -p",
        "mysql",
        "sk-",
        "sig=",
        "acct-1234",
    ),
    *(
        "AKIA" + "Q3EGT5RWZXCVBN12",
        "eyJhbGciOiJIUzI1NiJ9",
        "x9y8z7w6v5u4t3s2",
        "4111 1111 1111 1111",
        "ops@example.com",
    ),
    *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "://", "%3D", "é", "\ud800", HIDDEN),
    *"=: '\"\\@\n;,&()[]{}<>/|.1",
)


@settings(max_examples=400, deadline=None)
@example("Authorization:Bearer a")
@example("'auth': ('shop', 'Tr0ub4dor-3')")
@given(
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
    | st.lists(st.sampled_from([*SECRETS, *ORDINARY]), max_size=3).map("\n".join)
    | st.text()
)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    for hide in (redact, ALL):
        once = hide(text)
        assert hide(once) == once


@pytest.mark.parametrize(
    "text", ["mail to ops@example.com bounced", "paid with 4111 1111 1111 1111 today", "acct-12345"]
)
def test_what_is_optional_stays_unless_asked_for(text: str) -> None:
    assert redact(text) == text
    assert HIDDEN in ALL(text)


@pytest.mark.parametrize("card", ["4111111111111111", "5500-0000-0000-0004", "3782 822463 10005", "6011000990139424"])
def test_a_card_number_is_hidden_in_any_grouping(card: str) -> None:
    assert Redactor(frozenset({Also.CARDS}))(f"charge {card} declined") == f"charge {HIDDEN} declined"


@pytest.mark.parametrize(
    "text",
    [
        "order 4111111111111112",
        "2026-11-23 07:00:00",
        "1795417200123",
        "0000000000000000",
        "arn:aws:iam::111122223333:role/x",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert Redactor(frozenset({Also.CARDS}))(text) == text


def test_an_email_address_is_hidden_and_a_package_is_not() -> None:
    hide = Redactor(frozenset({Also.EMAILS}))
    assert hide("to Ann.Lee+x@mail.example.co.uk, cc b@c.io") == f"to {HIDDEN}, cc {HIDDEN}"
    assert hide("eslint@9.1.0 and user@host") == "eslint@9.1.0 and user@host"


def test_own_patterns_hide_what_they_match() -> None:
    assert ALL("acct-12345 of Project Nightjar") == f"{HIDDEN} of {HIDDEN}"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [("(open", "missing )"), (r"(?<=x)y", "RE2"), (r"(a)\1", "RE2"), ("a*", "empty"), ("x{9999}", "repetition")],
)
def test_a_bad_pattern_is_named_with_its_remedy(pattern: str, says: str) -> None:
    with pytest.raises(BadPattern) as error:
        Redactor(patterns=("fine", pattern))
    assert repr(pattern) in str(error.value)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", ()),
        (r"acct-\d{4,8}", (r"acct-\d{4,8}",)),
        (r"acct-\d{4,8}, [a,b]+,(x,y)", (r"acct-\d{4,8}", "[a,b]+", "(x,y)")),
        ("one\ntwo , three,", ("one", "two", "three")),
        (r"a\,b,c\(,d", (r"a\,b", r"c\(", "d")),
    ],
)
def test_patterns_are_separated_by_commas_and_lines(text: str, patterns: tuple[str, ...]) -> None:
    assert listed(text) == patterns


def test_the_settings_name_what_is_hidden_too() -> None:
    env = {"LEDGER_TABLE": "t", "REDACT_ALSO": "emails, cards", "REDACT_PATTERNS": r"acct-\d{4,8}"}
    assert Settings.from_env(env).hide == Redactor(frozenset(Also), (r"acct-\d{4,8}",))
    assert Settings.from_env({"LEDGER_TABLE": "t"}).hide == redact


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("REDACT_ALSO", "phones", "REDACT_ALSO names 'phones': write some of emails, cards, or nothing"),
        ("REDACT_PATTERNS", "ok,(bad", "REDACT_PATTERNS: the pattern '(bad'"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingError) as error:
        Settings.from_env({"LEDGER_TABLE": "t", name: value})
    assert says in str(error.value)


def test_the_function_that_reads_logs_is_given_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    handler = task_state.use_case({"LEDGER_TABLE": "t", "REDACT_ALSO": "emails"})
    assert isinstance(handler, HandleStoppedTask)
    assert handler.hide == Redactor(frozenset({Also.EMAILS}))
