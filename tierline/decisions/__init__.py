"""What people decided: the decisions/ folder (corrections, exclusions, notes, sign-offs), and what the lead says of a
period."""

from __future__ import annotations

from tierline.decisions.reading import BEGINNING, Decisions, Watch, files, folder, load, tell, without_target

__all__ = ["BEGINNING", "Decisions", "Watch", "files", "folder", "load", "tell", "without_target"]
