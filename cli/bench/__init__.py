"""`cronmend bench`: measurements, each with a baseline from the same run."""
