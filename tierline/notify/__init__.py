"""Ways out for a message: Slack and mail, and the digest of a day."""
