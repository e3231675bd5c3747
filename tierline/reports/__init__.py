"""The report of a period: drawn, closed, and sent on the reporting day, never twice."""
