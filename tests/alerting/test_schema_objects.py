"""What a database lacks, in the words of any driver."""

import pytest

from cronmend.alerting.schema_objects import absent, enum_value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            '(IMPORT FAILED,PSQLException: ERROR: schema "marts" does not exist,org.postgresql.util.PSQLException: x',
            "schema marts",
        ),
        (
            "Invalid `prisma.visit.find()` invocation:\n\n\nThe table `public.visits` does not exist in the database.",
            "table public.visits",
        ),
        ("The column `Visit.tier` does not exist in the current database.", "column Visit.tier"),
        (" Code: 60. DB::Exception: Table web.visits does not exist. (UNKNOWN_TABLE)", "table web.visits"),
        ("DB::Exception: No such column utm in table web.visits (d1f0)", "column web.visits.utm"),
        ('JdbcSQLSyntaxErrorException: Column "V.TIER" not found; SQL statement:', "column V.TIER"),
        ('ORA-00904: "V"."TIER": invalid identifier', "column V.TIER"),
        ("SQL compilation error: error line 2 at position 4\ninvalid identifier 'V.TIER'", "column V.TIER"),
        ("Object 'MARTS.VISIT' does not exist or not authorized.", "table MARTS.VISIT"),
        ("Schema-validation: missing column [tier] in table [visit]", "column visit.tier"),
        ("Schema-validation: missing table [visit]", "table visit"),
        ("table visit has no column named tier", "column visit.tier"),
        ("[TABLE_OR_VIEW_NOT_FOUND] The table or view `marts`.`visit` cannot be found.", "table marts.visit"),
        ("A column, variable, or function parameter with name `tier` cannot be resolved.", "column tier"),
        ("404 Not found: Table acme-dwh:marts.visit was not found in location EU", "table acme-dwh:marts.visit"),
        ("InvalidQueryException: unconfigured table visit", "table visit"),
        ("sqlalchemy.exc.NoSuchTableError: visit", "table visit"),
        ("FEHLER:  Spalte »tier« existiert nicht", "column tier"),
        ("ERREUR:  la relation « visite » n'existe pas", "table visite"),
        ("ERROR:  no existe la relación «visita»", "table visita"),
        ("ERROR:  procedure rollup(timestamp with time zone) does not exist", "procedure rollup"),
        ('{"msg":"relation \\"visit\\" does not exist"}', "table visit"),
        ('ERROR:  column "tier" of relation "visit" does not exist', "column visit.tier"),
        ("Unrecognized name: tier at [3:8]", "column tier"),
        ("InvalidQueryException: Undefined column name tier in table shop.visit", "column shop.visit.tier"),
        ("ERROR:  no existe la columna «tier»", "column tier"),
        ('Binder Error: Referenced column "tier" not found in FROM clause!', "column tier"),
        ("DB::Exception: Missing columns: 'tier' while processing query", "column tier"),
        ("DB::Exception: Unknown expression identifier `tier` in scope SELECT tier FROM visit", "column tier"),
        ("AnalysisException: cannot resolve 'tier' given input columns: [visit.id]", "column tier"),
        ("COLUMN_NOT_FOUND: line 1:8: tier", "column tier"),
        ("Could not find the 'tier' column of 'visit' in the schema cache", "column visit.tier"),
        ("ActiveModel::UnknownAttributeError: unknown attribute 'tier' for Visit.", "column tier"),
        ('SQL0206N  "TIER" is not valid in the context where it is used.', "column TIER"),
        ("Could not find the table 'public.visit' in the schema cache", "table public.visit"),
        ('SQL0204N  "SHOP.VISIT" is an undefined name.', "table SHOP.VISIT"),
        ('ERROR:  type "state" does not exist', "type state"),
        ('ERROR:  materialized view "totals" does not exist', "view totals"),
        ("Schema-validation: missing sequence [visit_seq]", "sequence visit_seq"),
        ("ERROR:  function rollup(integer) does not exist", "function rollup"),
        ("Could not find stored procedure 'dbo.rollup'.", "procedure dbo.rollup"),
        ("Error 1054 (42S22): Unknown column '$1' in 'field list'", None),
        ("ORA-00942: table or view does not exist", None),
        ("the column does not exist", None),
        ("file a.csv does not exist", None),
    ],
)
def test_the_object_is_named_whatever_wraps_the_message(text: str, found: str | None) -> None:
    missing = absent([text])
    assert (str(missing) if missing else None) == found


def test_the_first_text_that_names_an_object_decides() -> None:
    assert str(absent(["code 60", "no such table: a", "no such table: b"])) == "table a"


def test_an_enum_without_a_value() -> None:
    assert enum_value(["x", 'invalid input value for enum "shop"."state": "held"']) == ("shop.state", "held")
    assert enum_value(['{"msg":"invalid input value for enum \\"state\\": \\"held\\""}']) == ("state", "held")
    assert enum_value(["invalid input syntax for type integer"]) is None
