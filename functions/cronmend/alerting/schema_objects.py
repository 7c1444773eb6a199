"""What a database says it lacks: kind and name of the object, whatever driver or ORM wrapped the message. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from cronmend.patterns import Pattern, encodable, indexer

_PART: Final = r"(?:« ?|[\"'`»\[]{1,2})?[\w$@-]+(?: ?»|[\"'`«\]]{1,2})?"
_NAME: Final = rf"(?P<name>{_PART}(?:[.:]{_PART})*)"
_TABLE: Final = rf"(?P<table>{_PART}(?:[.:]{_PART})*)"
_NONE: Final = (
    r"(?:(?:does|did) not exist|doesn.?t exist|not found|cannot be (?:found|resolved)|is not found|could not be found|"
    r"existiert nicht|n'existe pas|não existe)"
)
_ABSENT: Final = {
    "column": (
        rf"\bcolumn {_NAME} of relation {_TABLE} {_NONE}",
        rf"\b(?:no such column:?|unknown column|invalid column name) {_NAME}(?: in table {_TABLE})?",
        rf"\bunrecognized name:? {_NAME}",
        rf"\bundefined column name {_NAME} in table {_TABLE}",
        rf"\btable {_TABLE} (?:has no column named|does not have a column with name) {_NAME}",
        rf"\b(?:column|spalte|colonne|coluna):? {_NAME} {_NONE}",
        rf"\bno existe la columna {_NAME}",
        rf"\bmissing column {_NAME} in table {_TABLE}",
        rf"\bmissing columns?: {_NAME}",
        rf"\bunknown (?:expression )?identifier:? {_NAME}",
        rf"\bwith name {_NAME} cannot be resolved",
        rf"\bcannot resolve {_NAME} given input columns",
        rf"(?:\bora-00904:|\binvalid identifier) {_NAME}(?:: invalid identifier)?",
        rf"\bcolumn_not_found: (?:line [\d:]+: )?{_NAME}",
        rf"\bcould not find the {_NAME} column of {_TABLE} in the schema cache",
        rf"\bunknown attribute {_NAME} for\b",
        rf"\bsql0206n\s+{_NAME} is not valid",
    ),
    "table": (
        rf"\b(?:relation|table or view|table with name|table|tabelle|tabela) {_NAME} {_NONE}",
        rf"\bno existe la relaci[oó]n {_NAME}",
        rf"\b(?:no such table:|unknown table|invalid object name|unconfigured table|missing table) {_NAME}",
        rf"\bnot found: table {_NAME}",
        rf"\bobject {_NAME} does not exist or not authorized",
        rf"\bcould not find the table {_NAME} in the schema cache",
        rf"\bNoSuchTableError: {_NAME}",
        rf"\bsql0204n\s+{_NAME} is an undefined name",
    ),
    "schema": (rf"\bschema {_NAME} {_NONE}",),
    "type": (rf"\btype {_NAME} {_NONE}",),
    "view": (rf"\b(?:materialized )?view {_NAME} {_NONE}",),
    "sequence": (rf"\b(?:missing )?sequence {_NAME}(?: {_NONE}|$)",),
    "function": (rf"\bfunction {_NAME}(?:\([^()]*\))? {_NONE}",),
    "procedure": (
        rf"\bprocedure {_NAME}(?:\([^()]*\))? {_NONE}",
        rf"\bcould not find stored procedure {_NAME}",
    ),
}
_FORMS: Final = tuple((f"(?i){form}", kind) for kind, forms in _ABSENT.items() for form in forms)
_PATTERNS: Final = tuple((Pattern(form), kind) for form, kind in _FORMS)
_occurring: Final = indexer([form for form, _ in _FORMS])
_ENUM: Final = Pattern(rf"(?i)\binvalid input value for enum {_NAME}: [\"'`](?P<value>[^\"'`]{{1,80}})[\"'`]")
_QUOTES: Final = str.maketrans("", "", "\"'`«»[] ")
_NO_NAME: Final = re.compile(r"(?i)name|with|or|the|of|in|reference|\$\d{1,4}")
"""Words after "table" or "column" that are part of the sentence, and PostgreSQL's placeholders for values."""


class Absent(Struct, frozen=True):
    """An object that the database lacks, such as ``column`` and ``home_page.summary``."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def short(self) -> str:
        """Without the table or schema before the name."""
        return f"{self.kind} {self.name.rpartition('.')[2]}"

    def of_table(self, statements: Iterable[str]) -> "Absent":
        """With the table that an alias stands for, if one of these lines has the statement that defines the alias."""
        alias, dot, column = self.name.rpartition(".")
        if not dot or self.kind != "column":
            return self
        defines = re.compile(rf"(?i)\b(?:from|join)\s+{_TABLE}\s+(?:as\s+)?[\"'`\[]?{re.escape(alias)}\b")
        found = next((match for line in statements if (match := defines.search(line.replace('\\"', '"')))), None)
        return Absent(self.kind, f"{_bare(found['table'])}.{column}") if found else self


def absent(texts: Iterable[str]) -> Absent | None:
    """The object named by the first text that names one."""
    return next((found for text in texts if (found := _absent(text.replace('\\"', '"')))), None)


def enum_value(texts: Iterable[str]) -> tuple[str, str] | None:
    """The enum and the value that it lacks."""
    found = next((match for text in texts if (match := _ENUM.search(text.replace('\\"', '"')))), None)
    return (_bare(found["name"]), found["value"]) if found else None


def _absent(text: str) -> Absent | None:
    text = encodable(text)
    for pattern, kind in (_PATTERNS[number] for number in _occurring(text)):
        found = pattern.search(text)
        if not _NO_NAME.fullmatch(name := _bare(found["name"])):
            table = _bare(found.groupdict().get("table") or "")
            return Absent(kind, f"{table}.{name}" if table and "." not in name else name)
    return None


def _bare(name: str) -> str:
    return name.translate(_QUOTES)
