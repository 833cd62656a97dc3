"""How the models in the package were made: draws its own data, trains, exports. Not installed."""
