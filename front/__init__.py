"""The front door's parts: the lines to Slack, health, `check`, and the practice world's child. app.py joins them."""
