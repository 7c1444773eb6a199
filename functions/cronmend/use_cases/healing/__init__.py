"""Parts that the use cases of healing share."""
