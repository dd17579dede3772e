"""Posts as other apps make them: an id or a page's address stands somewhere in each."""

from typing import Any

Post = dict[str, Any]
ID = "cmp-1042"
PAGE = "https://panel.netmera.example/campaigns/cmp-1042"
EVENT = "campaign_sent"


def about(post: Post, *, page: str, said: str, event: str = "") -> Post:
    """The same post about something else: with another address, another id and another type of hidden details."""
    tail = "&amp;" if "?" in page else "?"
    changes = ((f"{PAGE}?", f"{page}{tail}"), (PAGE, page), (ID, said), (EVENT, event))

    def changed(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: changed(each) for name, each in part.items()}
        if isinstance(part, list):
            return [changed(each) for each in part]
        if isinstance(part, str):
            for old, new in changes:
                part = part.replace(old, new)
        return part

    return {str(name): changed(part) for name, part in post.items()}


def has_page(post: Post) -> bool:
    """Whether an address is what it names its subject by."""
    return PAGE in str(post)


def _mrkdwn(text: str) -> Post:
    return {"type": "mrkdwn", "text": text}


def _rich(*elements: Post) -> list[Post]:
    return [{"type": "rich_text", "block_id": "b1", "elements": list(elements)}]


def _line(*elements: Post) -> Post:
    return {"type": "rich_text_section", "elements": list(elements)}


POSTS: dict[str, Post] = {
    "an incoming webhook with nothing but text": {
        "subtype": "bot_message",
        "bot_id": "B0HOOK",
        "username": "deploy-hook",
        "text": "Campaign *Spring sale* is out: cmp-1042",
    },
    "a labelled link in Slack's own form": {
        "text": f"Sent. <{PAGE}?tab=report&amp;from=slack|Open the report>",
    },
    "a monitoring alert: legacy attachment with fields, a footer and a colour": {
        "text": "",
        "bot_id": "B0GRAF",
        "attachments": [
            {
                "id": 1,
                "color": "D63232",
                "fallback": "[FIRING:1] Complaints (push)",
                "title": "[FIRING:1] Complaints (push)",
                "title_link": "https://grafana.example/alerting/42",
                "text": "**Firing**\nValue: A=31",
                "fields": [
                    {"title": "severity", "value": "page", "short": True},
                    {"title": "campaign", "value": "cmp-1042", "short": True},
                ],
                "footer": "Grafana v11.1",
                "footer_icon": "https://grafana.example/icon.png",
                "ts": 1790000000,
                "mrkdwn_in": ["text"],
            }
        ],
    },
    "an error tracker: the id in the author line": {
        "attachments": [
            {"author_name": "push: cmp-1042", "author_link": "https://errors.example/7", "text": "x"}
        ]
    },
    "an alert whose footer names it": {
        "attachments": [{"text": "Uninstalls up", "footer": "cmp-1042 | eu-1"}]
    },
    "an alert whose text is only in the fallback": {
        "attachments": [{"fallback": "Complaints about cmp-1042"}]
    },
    "legacy message buttons": {
        "attachments": [
            {
                "text": "Campaign sent",
                "callback_id": "c1",
                "actions": [{"type": "button", "text": "Report", "url": PAGE, "style": "primary"}],
            }
        ]
    },
    "an unfurled page of the panel": {
        "text": "look at this",
        "attachments": [
            {
                "service_name": "Netmera",
                "title": "Spring sale",
                "title_link": PAGE,
                "from_url": PAGE,
                "original_url": PAGE,
                "image_url": "https://cdn.example/p.png",
            }
        ],
    },
    "an app's own unfurl, in blocks": {
        "attachments": [
            {
                "app_unfurl_url": PAGE,
                "is_app_unfurl": True,
                "blocks": [{"type": "section", "text": _mrkdwn("*Spring sale*")}],
            }
        ]
    },
    "a forwarded post with a list in its rich text": {
        "attachments": [
            {
                "is_msg_unfurl": True,
                "channel_id": "C1",
                "ts": "1790000000.000100",
                "message_blocks": [
                    {
                        "team": "T1",
                        "channel": "C1",
                        "message": {
                            "blocks": _rich(
                                {
                                    "type": "rich_text_list",
                                    "style": "bullet",
                                    "elements": [_line({"type": "text", "text": "sent cmp-1042"})],
                                }
                            )
                        },
                    }
                ],
            }
        ]
    },
    "rich text with a styled link": {
        "text": "Campaign sent",
        "blocks": _rich(_line({"type": "link", "url": PAGE, "text": "here", "style": {"bold": True}})),
    },
    "rich text, quoted": {
        "blocks": _rich({"type": "rich_text_quote", "elements": [{"type": "text", "text": "cmp-1042"}]})
    },
    "rich text, preformatted": {
        "blocks": _rich(
            {
                "type": "rich_text_preformatted",
                "elements": [{"type": "text", "text": '{"campaign": "cmp-1042"}'}],
            }
        )
    },
    "a context block below a divider": {
        "blocks": [
            {"type": "section", "text": _mrkdwn("Push sent")},
            {"type": "divider"},
            {
                "type": "context",
                "elements": [
                    {"type": "image", "image_url": "https://cdn.example/i.png", "alt_text": "logo"},
                    _mrkdwn("id *cmp-1042*"),
                ],
            },
        ]
    },
    "the alternative text of a picture": {
        "blocks": [
            {"type": "image", "image_url": "https://cdn.example/i.png", "alt_text": "cmp-1042 preview"}
        ]
    },
    "a section's fields": {
        "blocks": [
            {"type": "section", "fields": [_mrkdwn("*Campaign*\ncmp-1042"), _mrkdwn("*Sent*\n52,000")]}
        ]
    },
    "a section's button": {
        "blocks": [
            {
                "type": "section",
                "text": _mrkdwn("Push sent"),
                "accessory": {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": PAGE},
            }
        ]
    },
    "a button with an address among others": {
        "blocks": [
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Ack"}},
                    {"type": "button", "text": {"type": "plain_text", "text": "Report"}, "url": PAGE},
                ],
            }
        ]
    },
    "an overflow menu's entry": {
        "blocks": [
            {
                "type": "section",
                "text": _mrkdwn("Push sent"),
                "accessory": {
                    "type": "overflow",
                    "options": [{"text": {"type": "plain_text", "text": "Open"}, "value": "o", "url": PAGE}],
                },
            }
        ]
    },
    "a header": {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Campaign cmp-1042"}}]},
    "a markdown block": {"blocks": [{"type": "markdown", "text": f"**Sent** [report]({PAGE})"}]},
    "a video block": {
        "blocks": [{"type": "video", "title": {"type": "plain_text", "text": "Clip"}, "title_url": PAGE}]
    },
    "a table": {
        "blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "cmp-1042"}]]}],
    },
    "a mail that came in as a file": {
        "subtype": "file_share",
        "files": [
            {
                "id": "F1",
                "filetype": "email",
                "mode": "email",
                "subject": "Campaign report",
                "plain_text": f"Your campaign was sent.\n{PAGE}\n",
                "from": [{"address": "no-reply@netmera.example", "name": "Netmera"}],
            }
        ],
    },
    "a mail with the id in its subject": {"files": [{"filetype": "email", "subject": "Sent: cmp-1042"}]},
    "a text file's preview": {
        "files": [{"name": "report.txt", "filetype": "text", "preview": "id cmp-1042"}]
    },
    "a workflow's post": {
        "subtype": "bot_message",
        "bot_id": "B0FLOW",
        "username": "Campaign approvals",
        "bot_profile": {"name": "Campaign approvals", "app_id": "A0FLOW"},
        "text": "",
        "blocks": _rich(
            _line(
                {"type": "user", "user_id": "U0ANN"},
                {"type": "text", "text": " has sent "},
                {"type": "link", "url": PAGE},
            )
        ),
    },
    "hidden details": {
        "text": "A campaign went out.",
        "metadata": {"event_type": "campaign_sent", "event_payload": {"id": "cmp-1042", "nested": {"x": 1}}},
    },
}
