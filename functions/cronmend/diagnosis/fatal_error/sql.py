"""Facts from the SQL in an error message, beyond the server's own text, for rules to match."""

from typing import Final

from cronmend.patterns import Pattern

OMITS: Final = "the INSERT does not name the column"
"""The code doesn't have a column that the schema requires: the code is older than the schema."""
COMPARES: Final = "the name stands where a value belongs"
"""A string in double quotes, which the server parses as a column: the schema isn't the cause."""

_NULL_COLUMN = Pattern(
    r"(?i)null value in column \"(?P<pg>[^\"]+)\"|NOT NULL constraint failed: \w+\.(?P<lite>\w+)|"
    r"NULL-Wert in Spalte »(?P<de>[^«]+)«"
    r"|Column '(?P<my>[^']+)' cannot be null|NULL into column '(?P<ms>[^']+)'"
)
_INSERT = Pattern(r"(?i)INSERT INTO\s+\S+\s*\((?P<columns>[^)]*)\)")
_NO_COLUMN = Pattern(
    r"(?i)(?:column|Spalte|colonne|columna) [\"»«](?P<name>[^\"»«]+)[\"»«] (?:does not exist|existiert "
    r"nicht|n'existe pas)"
)
_CUES = ("column", "Column", "NOT NULL", "Spalte", "colonne")
_VALUE_PLACES = ("= ", "=", "<> ", "!= ", "LIKE ", "like ", "IN (", "in (", "VALUES (", "values (")


def facts(message: str) -> str:
    """One fact per line; ``""`` if there is none."""
    if not any(map(message.__contains__, _CUES)):
        return ""
    found = []
    if _omits_column(message):
        found.append(OMITS)
    if _compares_with_name(message):
        found.append(COMPARES)
    return "\n".join(found)


def _omits_column(message: str) -> bool:
    null = _NULL_COLUMN.search(message)
    insert = _INSERT.search(message) if null else None
    if not null or not insert:
        return False
    column = next(group for group in null.groups() if group).lower()
    named = [name.strip(' "`[]\n').lower() for name in insert["columns"].split(",")]
    return column not in named


def _compares_with_name(message: str) -> bool:
    match = _NO_COLUMN.search(message)
    if not match:
        return False
    quoted = f'"{match["name"]}"'
    return any(f"{place}{quoted}" in message and f"{place}{quoted}." not in message for place in _VALUE_PLACES)
