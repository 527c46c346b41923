"""Outreach: the few messages a shop writes first. Code decides who, when and why not; people let them go."""
