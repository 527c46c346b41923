"""What the shop knows."""
