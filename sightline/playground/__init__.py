"""The page for people at `/playground`: files that a browser runs, and how they are served."""
