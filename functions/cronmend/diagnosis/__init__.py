"""Evidence → diagnosis: what ended a run, the rule and the line that decided."""
