"""``cronmend bench redact``: the cost of redaction for texts that are written to make it slow."""

from collections.abc import Callable
from time import process_time
from typing import Final

from cronmend.redact import Also, Redactor

HIDE: Final = Redactor(frozenset(Also), (r"acct-[0-9]+", r"(?:x+x+)+y"))
SHORT: Final = 1_000
TIMES: Final = 100

HOSTILE: Final = {
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
    "emails": "a@b.",
    "letters of emails": "a.",
    "own": "acct-x",
    "own with alternatives": "x",
    "hidden": "[hidden]",
    "hidden values": "password=[hidden]",
    "half characters": "\ud800password=x",
    "other letters": "pässwörd token=ä ",
    "new lines": 'password="\n',
    "blocks": "password: |\n ",
}


def growth(progress: Callable[[str], None]) -> dict[str, float]:
    """For each text, how many times more a character costs if the text is 100 times longer.

    About 1 if the work grows with the length; up to 100 if it grows with its square.
    """
    found = {}
    for name, unit in HOSTILE.items():
        progress(name)
        short = (unit * SHORT)[:SHORT]
        HIDE(short)
        found[name] = round(_fastest(short * TIMES, 2) / _fastest(short, 20) / TIMES, 2)
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _fastest(text: str, runs: int) -> float:
    times = []
    for _ in range(runs):
        start = process_time()
        HIDE(text)
        times.append(process_time() - start)
    return max(min(times), 1e-6)
