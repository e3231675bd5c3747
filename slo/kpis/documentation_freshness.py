"""Documentation freshness: key documents that were updated within six months."""

from __future__ import annotations

from datetime import timedelta

from slo.facts import Entry
from slo.register import EntryRegister


class DocumentationFreshness(EntryRegister):
    id = "documentation_freshness"
    title = "Documentation freshness"
    family = "adoption"
    definition = "Key documents and runbooks updated at most 183 days before the window's end, of all key documents."
    formula = "key documents updated at most 183 days before / key documents"
    not_counted = "documents that are not marked as key; earlier updates of a document; those never said to be updated"
    example = "Of 10 key documents 9 were updated since 1 January, one last in May a year ago: on 30 June 90 %."
    sentence = "{value} of {whose} key documents had been updated within six months {when}"
    nouns = ("key document", "stale document")
    needs = (("entry.document",),)
    word = "document"
    placed = "updated_at"
    lasts = timedelta(days=183)

    def counts(self, entry: Entry) -> bool:
        return entry.key is True
