"""Invented readings: costs and volumes, pairs, sizes, buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.oracle.worlds_base import ASSETS, BASE, Drawer, Record


class Meters(Drawer):
    """What is measured on a platform."""

    def meter(self) -> Record:
        at = self.when()
        meter = self.pick("cost", "cost", "bytes", "runs", "queries")
        return self.fact(
            "meter",
            asset=self.pick(None, *ASSETS),
            at=at,
            until=self.pick(None, at + timedelta(days=1)),
            tz=self.pick(None, "Europe/Berlin", "Asia/Kolkata"),
            meter=meter,
            amount=self.pick(0, 1, 2.5, 7) * (1e12 if meter == "bytes" else 1),
            currency=self.pick(None, "USD", "EUR", "GBP") if meter == "cost" else None,
            category=self.pick(None, "usage", "credit", "tax", "correction") if meter == "cost" else None,
        )

    def distribution(self) -> Record:
        at = self.when()
        return self.fact(
            "distribution",
            asset=self.pick(*ASSETS),
            at=at,
            until=self.pick(None, at + timedelta(days=1)),
            metric=self.pick("query_seconds", "query_seconds", "lag_seconds"),
            outcome=self.pick(None, "success", "failed", "cached"),
            gamma=self.pick(1.02, 1.02, 1.1),
            zero=self.pick(None, 3),
            buckets={str(self.random.randint(-20, 200)): self.pick(1, 5, 40) for _ in range(3)},
        )

    def reading(self, meter: str, asset: str, at: datetime, amount: float) -> Record:
        """One reading of a meter of an asset at an instant: there is no second."""
        told = self.fact("meter", asset=asset, at=at, meter=meter, amount=amount)
        return told | {"source": "s1", "id": f"pair-{meter}-{asset}-{at:%j%H%M}"}

    def pair(self) -> list[Record]:
        """Two readings that belong together; now and then one is missing."""
        first, second = self.pick(
            ("good", "total"), ("busy_seconds", "provisioned_seconds"), ("commitment_used", "commitment_paid")
        )
        asset, at = self.pick(*ASSETS[:3]), self.when()
        told = [self.reading(first, asset, at, self.pick(0, 1, 5, 10, 12)), self.reading(second, asset, at, 10)]
        return told[self.pick(0, 0, 0, 0, 1) : self.pick(2, 2, 2, 2, 1)]

    def size(self) -> list[Record]:
        """What a system holds and what it was expected to hold, before the windows and in them."""
        asset, at = self.pick(*ASSETS[:3]), self.when(-40, 12)
        both = [self.reading(meter, asset, at, self.pick(0, 3, 8, 20)) for meter in ("stored_bytes", "forecast_bytes")]
        return both[: self.pick(2, 2, 2, 1)]

    def workload(self) -> list[Record]:
        """Costs and runs of a workload in the last quarter of 2025 and week by week up to April."""
        asset, told = self.pick("x/a", "x/b", *(f"y/{number}" for number in range(12))), []
        days = [datetime(2025, 11, self.random.randint(1, 30), 12, tzinfo=UTC)]
        days += [BASE + timedelta(days=7 * week) for week in range(-4, self.pick(0, 1, 2))]
        for at in days:
            told.append(self.reading("cost", asset, at, self.pick(5, 8, 8, 10)))
            told.append(self.reading("runs", asset, at, self.pick(1, 1, 1, 1, 2)))
        return told
