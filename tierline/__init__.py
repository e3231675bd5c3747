"""The door: command line, settings, and the service that wires the rooms together."""

__version__ = "0.1.0"
