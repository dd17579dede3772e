"""What people see: pure functions from the bot's values to Slack messages and views."""
