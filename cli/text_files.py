"""Text that a person hands to a command, in a file or on standard input, whatever program wrote it."""

import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Final

STDIN: Final = "-"


def read_text(name: str | Path) -> str:
    """The text of a file, or of standard input if ``name`` is ``-``.

    Raises:
        OSError: the file can't be read.
    """
    return decoded(sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes())


def decoded(data: bytes) -> str:
    """UTF-16 if it has that byte order mark, as PowerShell writes it; else UTF-8, with ``�`` for any other byte."""
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding, "replace")
