"""Redaction is linear in the text's length, whatever the text holds."""

from collections.abc import Callable
from time import process_time

import pytest

from cronmend.redact import Also, Redactor

HIDE = Redactor(frozenset(Also), (r"acct-[0-9]+", r"(?:x+x+)+y"))
SHORT = 1_000
TIMES = 100
ALLOWED = 4.0
"""So many times more may each character of the longer text cost; where work grows with the square, it is up to 100."""

HOSTILE = {
    "nothing": "nothing to hide here ",
    "names": "password",
    "names and signs": "password=",
    "names, signs and words": "token: is a ",
    "names with colons": "token:token:",
    "open quotes": 'password="',
    "open single quotes": "password='",
    "quotes escaped": '\\"password\\":\\"',
    "quotes escaped deeply": '\\\\\\"password\\\\\\":\\\\\\"x',
    "sentences in quotes": "token='is a token=\"must be ",
    "lists": "token=['is a ",
    "braces": "token={ : ",
    "calls": "token=a(",
    "substitutions": "token=$(",
    "indexes": "token=a[b",
    "elements": "<password>",
    "attributes": 'x="password">',
    "names and values": "token,value=",
    "names without values": "token value ",
    "commas": "password=a,b",
    "ampersands": "password=a&b",
    "backslashes": "password=\\\\",
    "schemes": "authorization: digest ",
    "schemes of flags": "--token digest ",
    "flags": "--password ",
    "flags in lists": '"--token", ',
    "programs": "mysql ",
    "programs and flags": "mysql -px ",
    "addresses": "a://b:",
    "addresses with ats": "a://b:c@",
    "addresses with slashes": "a://b:/@",
    "long schemes": "a+b.c-",
    "cookies": "cookie=",
    "cookies without crumbs": "cookie: ",
    "key heads": "-----BEGIN PRIVATE KEY-----",
    "key heads and bodies": "-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n",
    "key ends": "-----END PRIVATE KEY-----\n",
    "key ends and bodies": "MIIEowIBAAKCAQEA\n-----END PRIVATE KEY-----\n",
    "key bodies": "inventedInventedInventedInventedInvented0123456789abcdefghijABCD\n",
    "web tokens": "eyJhbGciOiJIUzI1NiJ9.",
    "web tokens' heads": "eyJ",
    "bearers": "bearer ",
    "bearers with tokens": "bearer abcdef0123456789 ",
    "tokens": "sk-ant-",
    "signatures": "signature=",
    "digits": "4111 ",
    "cards": "4111-1111-1111-1111 ",
    "mails": "a@b.",
    "letters of mails": "a.",
    "own": "acct-x",
    "own with alternatives": "x",
    "hidden": "[hidden]",
    "hidden values": "password=[hidden]",
    "half characters": "\ud800password=x",
    "other letters": "pässwörd token=ä ",
    "new lines": 'password="\n',
    "blocks": "password: |\n ",
}


def fastest(work: Callable[[], object], times_to_run: int) -> float:
    times = []
    for _ in range(times_to_run):
        start = process_time()
        work()
        times.append(process_time() - start)
    return max(min(times), 1e-4)


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_longer_text_costs_no_more_for_each_character(unit: str) -> None:
    short = (unit * SHORT)[:SHORT]
    long = short * TIMES
    HIDE(short)
    assert fastest(lambda: HIDE(long), 1) / fastest(lambda: HIDE(short), 5) < TIMES * ALLOWED


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_hides_no_secret_behind_it(unit: str) -> None:
    assert "Tr0ub4dor" not in HIDE(unit * 100 + "\n\npassword=Tr0ub4dor-3")
