"""The job a run belongs to, its slots, its schedule's target, and its policy."""
