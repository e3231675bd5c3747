"""What stands beside a value and never changes its status: its partner, and what warns of misreading it."""
