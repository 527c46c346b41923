"""Shopbell: an assistant of its own for a small shop."""
