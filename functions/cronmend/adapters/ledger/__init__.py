"""The ledger's DynamoDB table, with one class for each kind of item."""
