"""Loading and matching rows; all mistakes of all rows at once."""

from pathlib import Path

import pytest

from cronmend.diagnosis import ruleset
from cronmend.diagnosis.rule_files import BadRules, load, read, wrong_examples
from cronmend.diagnosis.ruleset import Rule, Rules, Where, is_case_sensitive
from cronmend.model import Category

GOOD = """
[[rule]]
id = "team.erp"
where = "error"
pattern = 'erp is closed'
category = "dependency_unavailable"
advice = "Wait until the ERP opens at six."
source = "https://wiki.example.com/erp"
examples = ["ERP is closed for the night"]
counter_examples = ["ERP is open"]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "team.toml"
    file.write_text(text, encoding="utf-8")
    return file


def row(where: Where, pattern: str, also: str = "", unless: str = "") -> Rule:
    return Rule(f"r.{where}.{pattern}", where, pattern, Category.APPLICATION_ERROR, "a", "https://x", also, unless)


def test_reads_a_row(tmp_path: Path) -> None:
    (rule,) = read([written(tmp_path, GOOD)])
    assert (rule.id, rule.where, rule.file) == ("team.erp", Where.ERROR, "team.toml")
    assert wrong_examples([rule]) == []


def test_a_list_of_patterns_is_its_alternatives(tmp_path: Path) -> None:
    (rule,) = read([written(tmp_path, GOOD.replace("'erp is closed'", "['erp is closed', 'erp is asleep']"))])
    assert rule.pattern == "erp is closed|erp is asleep"


def test_a_shared_pattern_is_used_by_its_name(tmp_path: Path) -> None:
    shared = "[shared]\nerp = ['erp is closed', 'erp is asleep']\n" + GOOD.replace("'erp is closed'", "'@erp'")
    (rule,) = read([written(tmp_path, shared)])
    assert rule.pattern == "erp is closed|erp is asleep"


def test_a_shared_pattern_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match=r"pattern is '@erp'; the table \[shared\] of its file has no such pattern"):
        read([written(tmp_path, GOOD.replace("'erp is closed'", "'@erp'"))])


@pytest.mark.parametrize("text", ["shared = 3", "[[shared]]\nerp = 'x'"])
def test_shared_patterns_that_are_no_table_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadRules, match="shared is"):
        read([written(tmp_path, f"{text}\n{GOOD}")])


def test_a_pattern_that_is_not_a_string_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match="pattern is 7; expected"):
        read([written(tmp_path, GOOD.replace("'erp is closed'", "7"))])


@pytest.mark.parametrize(
    ("column", "fields"),
    [("", (False, False)), ("false", (False, False)), ("true", (True, False)), ("'maybe'", (False, True))],
)
def test_whether_a_deploy_explains_a_failure_is_yes_no_or_maybe(
    tmp_path: Path, column: str, fields: tuple[bool, bool]
) -> None:
    text = f"{GOOD}\ndeploy_explains = {column}" if column else GOOD
    (rule,) = read([written(tmp_path, text)])
    assert (rule.deploy_explains, rule.deploy_may_explain) == fields


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (
            "category",
            '"unknown"',
            "category is 'unknown', which no rule may give; expected one of schema_mismatch, app",
        ),
        ("category", "7", "category is 7, which no rule may give"),
        ("id", "7", "id is 7; expected a text"),
        ("advice", "['x']", r"advice is \['x'\]; expected a text"),
        ("examples", "'ERP is closed'", "examples is 'ERP is closed'; expected a list of texts"),
        ("counter_examples", "[7]", r"counter_examples is \[7\]; expected a list of texts"),
        ("deploy_explains", "'yes'", "deploy_explains is 'yes'; expected true, false or 'maybe'"),
        ("also", "0", "also is 0; expected a text or a list of texts"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(tmp_path: Path, field: str, value: str, said: str) -> None:
    kept = [line for line in GOOD.split("\n") if not line.startswith(f"{field} =")]
    with pytest.raises(BadRules, match=rf"^team\.toml: rule 1 \(.*\): {said}"):
        read([written(tmp_path, "\n".join([*kept, f"{field} = {value}"]))])


@pytest.mark.parametrize("text", ["rule = 7", "rule = [7]", "[rule]\nid = 'a'"])
def test_rules_that_are_not_tables_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadRules, match=r"team\.toml: rule is .* with \[\[rule\]\] tables"):
        read([written(tmp_path, text)])


def test_a_pattern_that_compiles_only_on_its_own_is_named(tmp_path: Path) -> None:
    """A stop code is matched as a whole, so an open \\Q would also quote the added anchors."""
    unclosed = GOOD.replace("'erp is closed'", r"'\Qerp is closed'").replace('"error"', '"stop_code"')
    with pytest.raises(BadRules, match=r"team\.toml: rule 1 \(team\.erp\): a pattern can't be matched.*\\E"):
        read([written(tmp_path, unclosed)])


def test_patterns_that_are_too_large_only_together_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row fits into half a megabyte, but all of them together don't."""
    file = written(tmp_path, GOOD)
    monkeypatch.setattr(ruleset, "MAX_AUTOMATON", 500_000)
    assert len(read([file])) == 1
    with pytest.raises(BadRules, match=r"^team\.toml: with the shipped rules, the patterns are too large"):
        load(file)


def test_own_rows_come_first(tmp_path: Path) -> None:
    rules = load(
        written(
            tmp_path,
            GOOD.replace("erp is closed", "connection refused").replace(
                "ERP is closed for the night", "Connection refused"
            ),
        )
    )
    found = rules.matching_error("Error", "connect: Connection refused", is_cause=False)
    assert [rule.id for rule in found][:2] == ["team.erp", "net.refused"]


def test_reports_all_mistakes_at_once(tmp_path: Path) -> None:
    text = """
[[rule]]
id = "a"
where = "nowhere"
pattern = '(?=look) ahead'
category = "broken"
advice = "x"
examples = ["x"]
colour = "red"

[[rule]]
id = "b"
"""
    with pytest.raises(BadRules) as caught:
        read([written(tmp_path, text + GOOD + GOOD)])
    message = str(caught.value)
    for part in (
        "team.toml: rule 1 (a): source is missing",
        "'colour' is not a field",
        "where is 'nowhere'; expected one of",
        "category is 'broken'",
        "pattern is not a valid RE2 pattern",
        "rule 2 (b): where is missing",
        "rule team.erp: the id is already used in team.toml",
    ):
        assert part in message


def test_broken_toml_and_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match=r"team\.toml: .*write it as TOML"):
        read([written(tmp_path, "[[rule]\n")])
    with pytest.raises(BadRules, match=r"none\.toml"):
        read([tmp_path / "none.toml"])


def test_wrong_examples_are_named(tmp_path: Path) -> None:
    (rule,) = read(
        [
            written(
                tmp_path,
                GOOD.replace("ERP is closed for the night", "something else").replace(
                    "ERP is open", "the ERP is closed"
                ),
            )
        ]
    )
    first, second = wrong_examples([rule])
    assert "example 'something else' does not match" in first
    assert "counter-example 'the ERP is closed' matches" in second


@pytest.mark.parametrize(
    ("pattern", "minds"), [("connection refused", False), (r"\S+ \W refused", False), ("P2021", True), (r"\\S", True)]
)
def test_capitals_make_a_pattern_case_sensitive(pattern: str, minds: bool) -> None:
    assert is_case_sensitive(pattern) is minds


def test_type_is_the_whole_name_or_the_part_after_a_separator() -> None:
    rules = Rules([row(Where.TYPE, "ValueError")])
    for kind in ("ValueError", "shop.errors.ValueError", "App\\ValueError", "a.b$ValueError", "A::ValueError"):
        assert rules.matching_error(kind, "x", is_cause=False), kind
    for kind in ("MyValueError", "ValueErrors", "ValueError.Sub"):
        assert not rules.matching_error(kind, "x", is_cause=False), kind


def test_message_rows_do_not_see_the_type() -> None:
    rules = Rules([row(Where.MESSAGE, "refused")])
    assert rules.matching_error("Error", "it refused", is_cause=False)
    assert not rules.matching_error("refused.Error", "no", is_cause=False)


def test_cause_rows_see_causes_only() -> None:
    rules = Rules([row(Where.CAUSE, "refused")])
    assert rules.matching_error("E", "refused", is_cause=True)
    assert not rules.matching_error("E", "refused", is_cause=False)


def test_also_and_unless() -> None:
    rules = Rules([row(Where.ERROR, "lock", also="migrat", unless="door")])
    assert rules.matching_error("", "lock held while migrating", is_cause=False)
    assert not rules.matching_error("", "lock held", is_cause=False)
    assert not rules.matching_error("", "door lock migrated", is_cause=False)


def test_raised_rows_see_the_frames() -> None:
    rules = Rules([row(Where.RAISED, r"(?s)^KeyError.*@ .*environ")])
    assert rules.matching_error("KeyError", "'X'", is_cause=False, frames="os.environ['X']")
    assert not rules.matching_error("KeyError", "'X'", is_cause=False, frames="prices['X']")
    assert not rules.matching_error("KeyError", "'X environ'", is_cause=False)


def test_order_of_rows_is_the_order_of_matches() -> None:
    rules = Rules([row(Where.ERROR, "b"), row(Where.TYPE, "A"), row(Where.MESSAGE, "b")])
    assert [rule.where for rule in rules.matching_error("A", "b", is_cause=False)] == [
        Where.ERROR,
        Where.TYPE,
        Where.MESSAGE,
    ]
