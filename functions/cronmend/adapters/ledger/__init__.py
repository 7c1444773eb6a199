"""The ledger's DynamoDB table, one class a kind of item."""
