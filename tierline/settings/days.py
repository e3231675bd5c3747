"""Which days are business days, and which hours somebody answers."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from pydantic import Field, model_validator

from tierline.settings.model import Model

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Holidays(Model):
    """Days cut out of business days. None by default."""

    country: str | None = Field(
        default=None, description="ISO 3166 code (`DE`); its public holidays are not business days."
    )
    subdivision: str | None = Field(default=None, description="State or region within the country (`BE`).")
    add: tuple[date, ...] = Field(default=(), description="More days off.")
    remove: tuple[date, ...] = Field(default=(), description="Holidays that are worked.")

    @model_validator(mode="after")
    def _known(self) -> Holidays:
        if self.country is None:
            if self.subdivision is not None:
                raise ValueError("a subdivision needs its country")
            return self
        from holidays import list_supported_countries

        known = list_supported_countries(include_aliases=True)
        if self.country not in known:
            raise ValueError(f"country {self.country!r} is not known; write an ISO 3166 code such as DE, FR, IN, US")
        if self.subdivision is not None and self.subdivision not in known[self.country]:
            raise ValueError(f"subdivision {self.subdivision!r} of {self.country}: " + _choices(known[self.country]))
        return self


def _choices(words: list[str]) -> str:
    return f"expected one of {', '.join(words)}" if words else "it has none"


class Hours(Model):
    """When the clock of an acknowledgement runs, in the platform's zone."""

    days: tuple[Weekday, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"), min_length=1, description="Weekdays."
    )
    start: time = Field(default=time(9), description="Start, as `09:00`.")
    end: time = Field(default=time(17), description="End, as `17:00`; after the start.")

    @model_validator(mode="after")
    def _forward(self) -> Hours:
        if self.end <= self.start:
            raise ValueError("end must be after start; support around midnight: split it over the days")
        return self
