"""Change over time: what a trend is measured against, the path to a due date, and what is more than noise."""
