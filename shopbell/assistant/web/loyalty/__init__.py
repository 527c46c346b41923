"""The REST interface of the loyalty programme, for tills and for the back room."""
