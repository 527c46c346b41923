"""Where rows are kept: the engine, its pragmas and the migrations."""
