"""iCalendar feeds, as the source "ical" uses them."""
