"""A practice world: a local Slack with people in it, vendors, and customers with phones, chat windows and inboxes.

It imports nothing of the bot's: it speaks only wire protocols (Slack's Web API, Socket Mode and signed HTTP,
the vendors' own), so the very same bot can be pointed at the real ones.
"""
