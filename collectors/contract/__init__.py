"""The contract suite of sources. It ships with Tierline, so that a source in another package proves itself alike: a
folder with a ``case.yaml`` (see docs/new-source.md) and a test file that derives from ``suite.SourceContract``."""
