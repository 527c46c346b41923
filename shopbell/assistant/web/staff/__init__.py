"""The staff's side of the web: `/api/staff` and its socket."""
