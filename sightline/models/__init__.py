"""Models as files: what there is to have, what is here, what a file is. It knows no engine."""
