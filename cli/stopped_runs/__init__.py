"""A stopped run described by options: what `cronmend event new` writes and `cronmend explain` diagnoses."""
