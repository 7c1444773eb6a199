"""`cronmend explain`, `classify` and `rules`: the diagnosis by itself."""
