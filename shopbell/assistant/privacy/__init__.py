"""What customers may ask of the shop about their own data, and how long the shop keeps it."""
