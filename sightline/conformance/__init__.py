"""The conformance kit: what a server that speaks OpenAI's vision API does, check by check."""
