"""The page on which one plays a person: their Slack on the left, what customers see on the right."""
