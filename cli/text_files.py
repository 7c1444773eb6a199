"""Text that a person hands to a command, in a file or on standard input, whatever program wrote it."""

import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Final

from cronmend.errors import Permanent

STDIN: Final = "-"


def read_text(name: str | Path) -> str:
    """The text of a file, or of standard input if ``name`` is ``-``.

    Raises:
        OSError: the file can't be read.
    """
    return decoded(sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes())


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with the text's own ends of lines. A text that has no UTF-8 leaves the file as it is.

    Raises:
        Permanent: the text has half a character, as words that aren't UTF-8 become, or the file can't be written.
    """
    try:
        path.write_bytes(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise Permanent(
            f"Can't write '{path}': line {line} would not be UTF-8. Use UTF-8 in names and words."
        ) from error
    except OSError as error:
        raise Permanent(f"Can't write '{path}': {error.strerror}. Name another file.") from error


def decoded(data: bytes) -> str:
    """UTF-16 if it has that byte order mark, as PowerShell writes it; else UTF-8, with ``�`` for any other byte."""
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding, "replace")
