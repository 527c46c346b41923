"""Who the customers are and what they have earned."""
