"""The ear: which facts of a page a question asks for."""
