"""What is known about the demo platform's assets beside their work: the catalogue's cards and the lineage."""
