"""JSON: schemas and attributes filled from what was read and seen."""
