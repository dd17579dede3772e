"""Ids of everything that Slack sends back to us: commands, shortcuts, actions, views, events.

They are in messages that already stand in Slack, so a value that was released is never changed or reused.
"""

from typing import Final

COMMAND: Final = "/recall"
MESSAGE_SHORTCUT: Final = "recall_message"
GLOBAL_SHORTCUT: Final = "recall_global"

# Buttons on a card. The value is the recall's id.
YES: Final = "recall_yes"
NO: Final = "recall_no"
APPROVE: Final = "recall_approve"
DECLINE: Final = "recall_decline"
STOP: Final = "recall_stop"
RETRY: Final = "recall_retry"
DONE: Final = "recall_done"  # taken back by hand, a person says
COULD_NOT: Final = "recall_could_not"
WHY_NOT: Final = "recall_why_not"  # the text input beside it
ASK_AGAIN: Final = "recall_ask_again"
CHECK_NOW: Final = "recall_check_now"
PREVIEW: Final = "recall_preview"  # shows the text that may not stand on the card, to who presses it alone
RECIPIENTS: Final = "recall_recipients"  # shows what became of each recipient's copy, to who presses it alone
REASON: Final = "recall_reason"  # static_select; option value "<recall id>:<reason>" or the reason alone

# In lists, modals and the home tab. The value is a target reference ("provider/id").
RECALL: Final = "recall_target"
MORE: Final = "recall_more"  # the value is the ISO time to continue before
FIND: Final = "recall_find"  # external_select: typeahead
SEARCH: Final = "recall_search"  # opens the search modal
LINK: Final = "recall_link"  # buttons that only open a link; acked and otherwise ignored

# Views. `private_metadata` carries where the card shall go, as JSON.
CHOOSER: Final = "recall_chooser"
SEARCHER: Final = "recall_searcher"
WORDS: Final = "recall_words"  # the searcher's second input, for words instead of a choice
REASON_TEXT: Final = "recall_reason_text"
MENU: Final = "recall_menu"  # the "…" of a card that asks; option value "<what>:<recall id>"
CORRECT: Final = "correct"  # opens the window for a corrected message
PLAN: Final = "plan"  # opens the window for a date and a time
PLAN_TIME: Final = "recall_plan_time"
PLAN_INPUT: Final = "recall_plan_input"
CORRECTION_TEXT: Final = "recall_correction_text"
CORRECTION_INPUT: Final = "recall_correction_input"
REASON_INPUT: Final = "recall_reason_input"

# Our messages' metadata.
CARD_EVENT: Final = "recall_card"  # a card
STATUS_EVENT: Final = "recall_status"  # a reply below a card
METADATA_KEY: Final = "k"  # the outbox key: finds a message again after an ambiguous failure
METADATA_RECALL: Final = "recall"
COPY_EVENT: Final = "recall_copy"  # a copy of something that was sent
COPY_PROVIDER: Final = "provider"
COPY_ID: Final = "id"
