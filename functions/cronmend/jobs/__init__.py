"""Which job a run belongs to, its slots, its schedule's target, and what its owner allows."""
