"""The page on which one plays a person: their Slack on the left, the customers' phones on the right."""
