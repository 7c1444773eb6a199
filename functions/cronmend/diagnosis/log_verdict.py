"""The diagnosis of the log: which rule decides among all the errors it reports."""

from copy import replace

from cronmend.diagnosis import broken_migration
from cronmend.diagnosis.fatal_error import Reading, StatedError, line_kinds, single_lines, statements
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.diagnosis.fatal_error.stated_error import flat
from cronmend.diagnosis.line_verdict import WEAK, LogVerdict, first_of_weak, of_lines
from cronmend.diagnosis.matching import rules_of
from cronmend.diagnosis.ruleset import Rule, Rules, Weight
from cronmend.model import Category, FatalError


def log_verdict(reading: Reading, rules: Rules) -> LogVerdict | None:
    """The verdict that decides; None if no rule matches any error in the log."""
    ended, is_notifying = _ended(reading)
    found = _weighed(reading, rules, ended)
    if found and (broken := broken_migration.instead_of(found.rule, found.matched, reading.lines, rules, ended)):
        found = replace(found, rule=broken, why="a migration broke, and no deploy explains that")
    closing = _closing(reading, rules, found) or _reported(reading, rules, found, ended)
    if closing or found is None:
        return closing
    heals = found.rule.category.traits.heals
    return _behind_notifier(reading, rules, found, ended) if heals or is_notifying else found


def _reported(reading: Reading, rules: Rules, found: LogVerdict | None, last: StatedError | None) -> LogVerdict | None:
    """The error before a temporary one, if it needs a person or a deploy and nothing shows that the job continued.

    The temporary error may come from reporting the first. A wrong alert costs a message, a wrong re-run hides a bug.
    """
    if found is None or last is None or len(reading.errors) == 1:
        return None
    if not (found.rule.category.traits.heals or line_kinds.is_of_client(last.error.text)):
        return None
    handled = {error.line for error in last.context}
    continued = single_lines.last_sign_of_life(reading.lines.text, last.first)
    for stated in reading.errors:
        if stated.last >= last.first or max(0, stated.first - 1) <= continued:
            continue
        if stated.error.line in handled and not _is_logged(reading, stated):
            continue
        earlier = _stated(stated, rules)
        if earlier and _ends_runs(earlier.rule, _is_logged(reading, stated)):
            return replace(earlier, why="a temporary error after it doesn't prove that the job continued")
    return None


def _ends_runs(rule: Rule, is_logged: bool) -> bool:
    """Whether a run can have ended by this error; a schema's may be a try, unless the program logged it as one."""
    traits = rule.category.traits
    weighs = rule.weight in (Weight.DECIDES, *WEAK)
    return weighs and (traits.needs_person or (is_logged and traits.deploy_explains))


def _is_logged(reading: Reading, stated: StatedError) -> bool:
    """Whether the program logged this error as one: what it handles as planned, it doesn't log so."""
    return stated.first > 0 and line_kinds.level(reading.lines.text[stated.first - 1]) is Level.ERROR


def _behind_notifier(reading: Reading, rules: Rules, found: LogVerdict, last: StatedError | None) -> LogVerdict:
    """If the error only occurred while sending a notification: the error it was about, if a rule matches that."""
    where = f"{last.error.type}\n{last.frames}" if last else ""
    if not line_kinds.is_notifier(f"{found.text}\n{where}"):
        return found
    before = tuple(
        one
        for one in single_lines.above(reading.lines, last.first if last else len(reading.lines))
        if not line_kinds.is_notifier(one.error.message)
        and line_kinds.level(reading.lines.text[one.first]) is not Level.WARNING
    )
    first = of_lines(before, rules)
    if first and not first.rule.category.traits.heals and first.rule.weight not in (Weight.FOLLOWS, Weight.WRAPS):
        return replace(first, why="the later error only came from sending a notification about it")
    known = first is not None and first.rule.weight is not Weight.WRAPS
    return found if known or not found.rule.category.traits.heals else replace(found, unmatched_before=before)


def _closing(reading: Reading, rules: Rules, found: LogVerdict | None) -> LogVerdict | None:
    """A traceback under a warning at the very end of the log, which may have ended the run.

    It decides if the error before it would be re-run and this one needs a person.
    """
    if reading.closing is None or _is_notifying(reading.closing) or found is None or not _may_rerun(found.rule):
        return None
    last = _stated(reading.closing, rules)
    if last is None or last.rule.weight is Weight.FOLLOWS or _may_rerun(last.rule):
        return None
    return replace(last, why="it is the last error, and nothing shows that the job continued after it")


def _may_rerun(rule: Rule) -> bool:
    """Whether a re-run may help, at least during a deploy."""
    return rule.category.traits.heals or rule.category.traits.deploy_explains


def _weighed(reading: Reading, rules: Rules, ended: StatedError | None) -> LogVerdict | None:
    """Single lines after the error count only if no rule is specific enough about the error itself."""
    fatal = _stated(ended, rules) if ended else None
    if fatal and fatal.rule.weight in (Weight.DECIDES, *WEAK):
        return fatal
    if fatal and fatal.rule.weight is Weight.FOLLOWS:
        return _before(reading, rules) or _printed_below(reading, rules) or fatal
    if fatal is None and ended and statements.sums_up(ended.error.message):
        fatal = of_lines(single_lines.above(reading.lines, ended.first), rules)
    if ended and (told := _told_above(reading, rules, ended)):
        return told
    behind = of_lines(reading.loose, rules)
    if behind is None or (behind.rule.weight is Weight.WRAPS and statements.is_vague(behind.matched.message)):
        behind = _summed_up(reading, rules) or behind
    if ended is None or (behind and behind.rule.weight is Weight.DECIDES):
        return behind
    return fatal


def _told_above(reading: Reading, rules: Rules, ended: StatedError) -> LogVerdict | None:
    """The line just above a stack whose error has no message: the program printed the message there."""
    if ended.error.message or ended.error.causes:
        return None
    last = ended.first - 1
    if last >= 0 and line_kinds.level(reading.lines.text[last]) is Level.WARNING:
        return None
    above = [line for line in single_lines.above(reading.lines, ended.first) if line.first == last]
    found = of_lines(above, rules)
    return found if found and found.rule.weight is Weight.DECIDES else None


def _summed_up(reading: Reading, rules: Rules) -> LogVerdict | None:
    """The error above, if the end of the log only sums up that something failed, or says nothing.

    If it says nothing, the job may have survived a temporary error.
    """
    found = of_lines(reading.single.above, rules)
    if found is None or (found.rule.category.traits.heals and not reading.single.is_summed_up):
        return None
    return replace(found, why="the lines after it don't show why the run failed")


def _ended(reading: Reading) -> tuple[StatedError | None, bool]:
    """The error that ended the run, and whether a notifier raised it: the last one of others goes before its own."""
    for stated in reading.errors:
        if not _is_notifying(stated):
            return stated, False
    return (reading.errors[0], True) if reading.errors else (None, False)


def _is_notifying(stated: StatedError) -> bool:
    """Whether it was raised while sending a notification about a failure."""
    return line_kinds.is_notifier(f"{stated.error.message}\n{stated.frames}")


def candidates(reading: Reading, rules: Rules) -> list[tuple[FatalError, Rule]]:
    """Each error that was considered, in that order, with each rule that matches it; for authors of rules."""
    weighed = [*reading.errors[:1], *reading.loose, *reading.errors[1:], *reading.survived]
    return [
        (error, rule)
        for stated in weighed
        for error in (*stated.context[::-1], *flat(stated.error)[::-1])
        for rule in rules_of(error, error is not stated.error, stated.frames, rules)
    ]


def _before(reading: Reading, rules: Rules) -> LogVerdict | None:
    """The cause of an error that is only a consequence: the nearest error before it that is not one itself."""
    for stated in (*reading.errors[1:], *reading.survived):
        found = _stated(stated, rules)
        if found and found.rule.weight is Weight.DECIDES:
            return replace(found, why="the error that ended the run is only a consequence of this one")
    above = of_lines(single_lines.above(reading.lines, reading.errors[0].first), rules)
    return above if above and above.rule.weight is Weight.DECIDES else None


def _printed_below(reading: Reading, rules: Rules) -> LogVerdict | None:
    """The output of a command that failed, if its caller prints it below its own error."""
    below = of_lines(reading.loose, rules)
    return below if below and below.rule.weight is Weight.DECIDES else None


def _is_bug(rule: Rule) -> bool:
    return not rule.category.traits.heals and rule.weight in (Weight.DECIDES, *WEAK)


def _stated(stated: StatedError, rules: Rules) -> LogVerdict | None:
    """The rule for one error: root cause first, then outer errors; strong rules before weak ones on any of them."""
    if stated.context and _is_notifying(stated) and (found := _in_context(stated, rules)):
        return found
    chain = flat(stated.error)[::-1]
    matches = [
        (error, rule) for error in chain for rule in rules_of(error, error is not stated.error, stated.frames, rules)
    ]
    decisive = [(error, rule) for error, rule in matches if rule.weight is Weight.DECIDES]
    bugs = ((error, rule) for error, rule in matches if _is_bug(rule))
    if stated.group and (bug := next(bugs, None)):
        return LogVerdict(bug[1], bug[0], stated.error)
    if decisive:
        return _unless_bug(decisive[0], matches, stated)
    if hint := next((m for m in matches if m[1].weight in WEAK), None):
        return LogVerdict(first_of_weak([rule for error, rule in matches if error is hint[0]]), hint[0], stated.error)
    if stated.context and (found := _in_context(stated, rules)):
        return found
    last = next((m for m in matches if m[1].weight is Weight.FOLLOWS), None) or next(iter(matches), None)
    return LogVerdict(last[1], last[0], stated.error) if last else None


def _unless_bug(
    decisive: tuple[FatalError, Rule], matches: list[tuple[FatalError, Rule]], stated: StatedError
) -> LogVerdict:
    """If the root cause is a bug, the whole error is one, even if its wrapper or message looks temporary."""
    error, rule = decisive
    leaf_error, leaf = matches[0]
    insisting = next((m for m in matches if m[0] is error and m[1].weight is Weight.INSISTS), None)
    if rule.category.traits.heals and insisting:
        return LogVerdict(insisting[1], error, stated.error, "this type of error is a bug, whatever its message says")
    if (
        rule.category.traits.heals
        and leaf.weight in WEAK
        and leaf_error is not error
        and not leaf.category.traits.heals
        and leaf.category is not Category.TIMEOUT
    ):
        return LogVerdict(leaf, leaf_error, stated.error, "its cause is a bug, even if the outer error looks temporary")
    return LogVerdict(rule, error, stated.error)


def _in_context(stated: StatedError, rules: Rules) -> LogVerdict | None:
    for error in stated.context:
        found = next((rule for rule in rules_of(error, True, "", rules) if rule.weight is Weight.DECIDES), None)
        if found:
            why = "the error that ended the run was raised while handling this one and is less specific"
            return LogVerdict(found, error, stated.error, why)
    return None
