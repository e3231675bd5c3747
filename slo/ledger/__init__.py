"""The ledger: a published period keeps what was reported, and shows what has changed since, and why.

``scopes`` and ``lines`` say what is reported; ``closing`` stores it for good; ``hearing`` notes which later facts reach
a closed period, while the change log still knows them; ``restating`` compares what was reported with what holds now;
``book`` is where everybody reads.
"""

from slo.ledger.book import Ledger

__all__ = ["Ledger"]
