"""What can be done in conversation."""
