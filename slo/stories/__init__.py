"""What the pages, the report and the command line tell beyond a KPI's own figures: incidents, budgets, assets, cost.

A story is a function ``story(results: Results, query: Query, **asked) -> dict``: plain values (text, numbers, aware
datetimes, lists, dicts), built on the same states and the same as-of as every result. ``Engine.tell`` and
``Reader.tell`` call it; ``asked`` must be hashable, since a reader keeps what it was told until the next evaluation.
"""
