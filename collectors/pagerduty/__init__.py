"""PagerDuty's API and webhooks, as the source "pagerduty" uses them."""
