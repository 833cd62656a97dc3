"""What can be measured in a picture: text, codes, colours, its look, sameness. No engine here."""
