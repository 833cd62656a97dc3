"""OpenAI's JSON to Sightline's types and back: pure functions, no I/O, the only such place."""
