"""A stretch of sound in, what is said in it out."""
