"""A practice world: a local Slack with people in it, a vendor, and customers with phones.

It imports nothing of the bot's: it speaks only wire protocols (Slack's Web API, Socket Mode and signed HTTP,
the vendor's MCP), so the very same bot can be pointed at the real ones.
"""
