"""What ``tierline serve`` is wired of: listeners and their guard, webhooks, the schedule, the ready snapshot."""
