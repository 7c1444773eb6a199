"""Jobs as code: jobs.toml → the schedules' template and the policies, and back from what is already there."""
