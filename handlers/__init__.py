"""Slack: what people do there comes in here, what they see goes out from here."""
