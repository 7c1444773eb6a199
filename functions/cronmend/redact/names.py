"""Whether a name is that of a secret, and whether the value after it is one. Text about a secret is kept."""

import re
from functools import lru_cache
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]++(?![a-z])|[A-Z]?[a-z]++|[A-Z]|\d++")
_KEYS: Final = (
    r"(?:api|access|account|signing|auth|encryption|decryption|private|secret|master|shared|storage|client|license"
    r"|webhook|hmac|deploy|ssh|jwt|aes|cipher|crypto|session|app|application|integration|admin|root|subscription"
    r"|stripe|openai|anthropic|sendgrid|datadog|sentry|twilio|mailgun)_?key"
)
_SECRET: Final = re.compile(
    r"(?:password|passwort|passwd|pwd|passphrase|passcode|secret|token|credential|authorization|connection_?string"
    r"|sharedaccesssignature|sessionid|sessid|client_assertion|connect_sid|laravel_session"
    rf"|{_KEYS})s?(?:_|$)"
    r"|(?:^|_)(?:db|my|user|pg|redis|mysql|sql|admin|root|mail|smtp|ftp|ldap|key|trust|store|proxy|ssh|sa|sys)*pass$"
    r"|^(?:http_|basic_|proxy_|registry_|docker_|redis_|rediscli_)?auth$"
)
_HARMLESS: Final = frozenset(
    """
    age alg algorithm arn arns at attempts audience backend backends bucket budget by change changed check checker
    class client column columns constraint count counts date days denied description dir disabled enabled endpoint
    error errors exception exceptions exists expiration expire expired expires expiry factory failed failure field
    fields file files form format forms found generator handler hasher hashers helper hint hours id ids in index
    invalid is issuer kind label len length limit limits manager match max message messages method methods
    middleware min minutes missing mode ms name names not of ok on parser path paths pattern policies policy
    prefix provider providers rate ratio reader ref reference refs refused regex region rejected required reset
    resolver retries rotation scope scopes seconds serializer service services size source state status store
    strategy suffix table time timeout title ttl type types uri uris url urls usage used util utils validation
    validator validators version versions view warning
    """.split()  # noqa: SIM905 # a list of one word a line would fill the file
)
"""Last words of names that are about a secret without being one, such as ``token_count``."""
_ENDINGS: Final = frozenset(
    """
    c cc cfg cjs clj conf cpp cs env erb ex exs fs go h hpp html ini java js json jsx kt kts lock lua mjs pem php
    pl pm py rb rs scala sh sql swift toml ts tsx txt xml yaml yml
    """.split()  # noqa: SIM905 # a list of one word a line would fill the file
)

_WORD: Final = re.compile(
    r"(?i)(?:yes|no|true|false|on|off|none|null|nil|undefined|missing|required|invalid|expired|empty|unset|set|not|must|is|was"
    r"|has|wrong|incorrect|denied|failed|failure|unauthorized|forbidden|rejected|revoked|redacted|hidden|masked|filtered|unknown"
    r"|string|str|int|bytes|bool|boolean|object|optional|any|todo|n/a)[.!]?"
)
_PLACEHOLDER: Final = re.compile(
    r"(?:(?:Bearer|Basic|Token) )?(?:[*xX•.…_-]+|<[^<>]*>?|\$\{[^}]*\}?|\$\([^)]*\)|\$[A-Z_][A-Z0-9_]*"
    r"|\{\{?[\w\s.:!-]*\}?\}?|%\(\w*\)?[a-z]?|%[+#]?[svqdrx]|\?|\$\d+|#\{[^}]*\}"
    r"|\[(?:hidden|redacted|filtered|masked|secret|\w+ removed)\]|[^\w\s]{1,3}|\\+[nrt])"
)
_PART: Final = r"(?:[A-Za-z_]|b64|64|256|512|md5|utf8|v\d)++"
_CODE: Final = re.compile(
    rf"(?:new |await |!|&|\*)?[$@:]?{_PART}(?:(?:\.|->|::|\?\.){_PART})*+(?:\(|\[[\"':\w])"
    r"|(?:self|this|cls|os|settings|config|conf|cfg|env|process|args|opts|options|params|request|req|ctx|context)"
    r"(?:\.|->|::)[A-Za-z]"
)
_ABOUT: Final = re.compile(
    r"(?:(?:This|The|That|Your|Enter|Ensure|Invalid|Missing|Must|Please|Field|Value|Password|Token"
    r"|is|must|can't|cannot|can not|should|has|was|too|required|incorrect|may|does|needs|not|invalid)\b)"
    r"[^\d ]*+ [^\d]*+"
)


_READ: Final = 200
"""Characters: a longer value is no word, placeholder or sentence. Bounds the cost of each check."""


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """``db.Password`` and ``AWS_SECRET_ACCESS_KEY`` are, ``token_count`` and ``password.py`` are not."""
    words = [word.lower() for word in _WORDS.findall(name[-200:])]
    while words and (words[-1].isdigit() or len(words[-1]) == 1):
        words.pop()
    if not words or words[-1] in _HARMLESS or (words[-1] in _ENDINGS and "." in name):
        return False
    return _SECRET.search("_".join(words)) is not None


def is_shown(value: str, *, quoted: bool) -> bool:
    """Whether a value in a secret's place is not secret: ``""``, a placeholder, a word or a sentence about it."""
    if len(value) > _READ:
        return False
    if not value or _PLACEHOLDER.fullmatch(value):
        return True
    if quoted:
        return value.lower() in {"none", "null", "true", "false"} or _ABOUT.fullmatch(value) is not None
    return _WORD.fullmatch(value) is not None or is_code(value)


def is_code(value: str) -> bool:
    """A call, an index, an attribute, or a variable that is named like a secret."""
    return _CODE.match(value) is not None or is_variable(value.strip("$@:&*[]()"))


def is_variable(name: str) -> bool:
    """A variable named like a secret; a secret itself would have digits."""
    return name.replace("_", "").replace(".", "").isalpha() and is_secret(name)
