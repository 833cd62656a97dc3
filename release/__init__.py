"""How a release is made: `make release`, told in docs/releasing.md."""
