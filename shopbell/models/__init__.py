"""Which model files, from where, proven how; and the worker that owns a blocking engine."""
