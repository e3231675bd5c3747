"""Paved-road adoption: new pipelines built on an approved template."""

from __future__ import annotations

from slo.newcomers import Look, OfNewcomers
from slo.view import View


class PavedRoadAdoption(OfNewcomers):
    id = "paved_road_adoption"
    title = "Paved-road adoption"
    family = "adoption"
    definition = "New production pipelines built on an approved template, of all new production pipelines."
    formula = "built on a template / (built on a template + not)"
    not_counted = "pipelines that nobody says when they were first seen, assets of other kinds"
    example = "Of 5 new pipelines 4 name a template of the approved list: 80 %."
    sentence = "{value} of {whose} new pipelines were built on an approved template {when}"
    nouns = ("new pipeline", "untemplated pipeline")
    needs = (("asset.first_seen",), ("asset.template",))
    asset_fields = ("first_seen", "kind", "template")
    newcomer = "pipeline"

    def good(self, view: View, look: Look) -> bool:
        """Where a list of approved templates is set, the template is of it."""
        template, approved = (look("template") or "").strip(), view.platform.templates
        return bool(template) and (not approved or template in approved)
