"""The same question over many pictures: where they are, what is asked, what is written."""
