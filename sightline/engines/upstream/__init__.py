"""Another OpenAI-compatible server as the engine, of whatever make."""
