"""Which steps of the incident process an incident called for, and which of them were met, as its log was filled in."""

from __future__ import annotations

from datetime import timedelta

from tierline.demo.chance import dice
from tierline.demo.model import Incident

IN_TIME = timedelta(minutes=4)
"""Within so long an incident is to be acknowledged."""
_USUAL = {"severity set": 0.97, "stakeholders updated": 0.85, "runbook followed": 0.78}


def steps(incident: Incident) -> dict[str, bool | None]:
    """Step -> met; None: not called for (a review is held of severity 1 and 2, a runbook is not there for all)."""
    rng = dice(0, "steps", incident.key, incident.started)
    told: dict[str, bool | None] = {"acknowledged in time": incident.acknowledged - incident.detected <= IN_TIME}
    told |= {name: rng.random() < share for name, share in _USUAL.items()}
    if rng.random() < 0.15:
        told["runbook followed"] = None
    return told | {"review held": rng.random() < 0.7 if incident.severity <= 2 else None}


def written(incident: Incident) -> str | None:
    """The steps as people fill them in; nothing for one incident in eight."""
    words = {True: "yes", False: "no", None: "not called for"}
    return None if forgotten(incident) else ", ".join(f"{name}: {words[met]}" for name, met in steps(incident).items())


def forgotten(incident: Incident) -> bool:
    return dice(0, "forgotten", incident.key, incident.started).random() < 0.12
