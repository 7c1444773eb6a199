"""Schedules that are kept elsewhere → jobs.toml. Each source is first made to look like GetSchedule's answer."""
