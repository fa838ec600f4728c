"""Runbooks and disaster recovery as code, behind a gate that keeps them true."""

__version__ = "0.1.0"
