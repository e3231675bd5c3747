"""Past days as they are known now: each KPI over the rolling windows that ended with each day."""

from slo.past.days import Past, past

__all__ = ["Past", "past"]
