"""Practice vendors: each speaks its real counterpart's wire protocol on loopback, and can be told to misbehave."""
