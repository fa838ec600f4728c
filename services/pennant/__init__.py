"""Pennant: feature flags, and the example of a service that is easy to recover."""
