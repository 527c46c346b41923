"""Controllers and static pages."""
