"""What Sightline does from end to end: asks, describes, narrates, watches, speaks, inspects."""
