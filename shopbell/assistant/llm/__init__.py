"""The language model: its protocol, its engine, its queue."""
