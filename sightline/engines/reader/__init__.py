"""The embedded engine: answers only from what can be measured in a picture."""
