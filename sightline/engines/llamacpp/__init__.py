"""Open models through llama.cpp, which runs in child processes and may crash there."""
