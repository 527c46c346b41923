"""What is said, by whom, and over the web."""
