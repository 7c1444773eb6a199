"""Schedules defined elsewhere → jobs.toml. Each source is first converted to the shape of GetSchedule's answer."""
