"""Feedback: what customers thought of it, gathered, told apart by topic and mood, and followed up."""
