"""The frame of the HTTP API: who calls, what was sent, how it is answered."""
