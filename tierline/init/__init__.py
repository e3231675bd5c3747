"""``tierline init``: what it asks, and the section of a source that it writes."""
