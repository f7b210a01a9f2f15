"""Tokenward finds tokens where developers work and moves them into the OS keyring."""

__version__ = "0.1.0"
