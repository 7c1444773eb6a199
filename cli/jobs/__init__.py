"""Jobs as code: jobs.toml → the schedules' template and the policies, and existing schedules → jobs.toml."""
