"""Parts that the use cases of alerting share."""
