"""What the report tells beyond the results of its period: promises read three ways, the months before, what a miss came
from, incidents, and what was agreed to leave out."""
