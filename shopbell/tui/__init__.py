"""The staff console; it knows only the wire."""
