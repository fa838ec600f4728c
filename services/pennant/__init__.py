"""Pennant: feature flags, and the example of a service that is easy to recover."""

__version__ = "1.0.0"
