"""Where the files of your own stack are."""

from pathlib import Path
from typing import Final

DIRECTORY: Final = Path("account")
