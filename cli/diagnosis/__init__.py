"""`cronmend explain`, `classify` and `rules`: run the diagnosis without AWS."""
