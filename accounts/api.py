"""The HTTP API's frame."""
