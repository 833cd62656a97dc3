"""The embedded engine's ear: what a page tells as facts, and which of them a question asks for."""
