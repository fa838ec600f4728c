"""Bringing a repository and the pages it already has under the gate."""
