"""Shopbell: an assistant of its own for a small shop."""

__version__ = "0.1.0"
