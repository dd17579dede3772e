"""The bot: what a recall is, who may do it, how it runs. Knows no Slack and no SQL."""
