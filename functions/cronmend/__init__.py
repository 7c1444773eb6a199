"""Says why a scheduled ECS task failed, runs it again where that helps, calls a person where one is needed."""
