"""Ways out for a message (Slack, mail, a webhook, Apprise), the digest of a day, and what changes between."""
