"""The playground: a page for people, which is a client of the API like any other."""
