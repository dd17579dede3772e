"""What was said in the practice workspace before anybody arrived: by people, by Recall, and by other apps."""

from dataclasses import dataclass

from sandbox.slack.values import Json

BOT = "U0RECALL"
PANEL = "https://panel.netmera.example/campaigns"
SCREENS = "https://vitrine.example/screens"
SALE, TEASER, FLASH = "cmp-1042", "cmp-1041", "cmp-1040"  # campaigns that posts are about


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """Something that was said before anybody arrived."""

    minutes_ago: float
    channel: str
    text: str
    user: str | None = None  # None: an app; its own bot's is BOT
    app: str = "Campaign feed"  # which webhook, where there is no user
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    metadata: Json | None = None


ALERT: Json = {
    "color": "#d63232",
    "fallback": "[FIRING:1] Complaints per minute",
    "title": "[FIRING:1] Complaints per minute",
    "text": f"Value: 31 (usual: 2)\n*campaign* {SALE}\n*severity* page",
    "footer": "Grafana",
}
MAIL: Json = {
    "color": "#1264a3",
    "fallback": "Price list for partners",
    "title": "Price list for partners",
    "text": "From ann@fernhill.example to 4 people\nMessage-ID: &lt;DB7PR01MB000001A1B2C3D4@DB7PR01MB1.fernhill.example&gt;",
}


def _sent(campaign: str, name: str, audience: str) -> tuple[Json, ...]:
    text = f"*Push campaign sent*\n{name}\nto {audience} devices"
    panel = {"type": "mrkdwn", "text": f"<{PANEL}/{campaign}|Open in the panel>"}
    return (
        {"type": "section", "block_id": "sent", "text": {"type": "mrkdwn", "text": text}},
        {"type": "context", "block_id": "panel", "elements": [panel]},
    )


PAST = (
    Past(
        minutes_ago=24 * 60,
        channel="C0GENERAL",
        user="U0DAN",
        text="Good morning. The coffee machine is back.",
    ),
    Past(
        minutes_ago=23 * 60,
        channel="C0CAMPAIGNS",
        user="U0BOB",
        text="Spring week starts today: teaser first, the sale itself after lunch.",
    ),
    Past(
        minutes_ago=22 * 60 - 3,
        channel="C0CAMPAIGNS",
        user="U0ANN",
        text=f"Teaser is out: <{PANEL}/{TEASER}>",
    ),
    Past(minutes_ago=22 * 60 - 8, channel="C0CAMPAIGNS", user="U0CLEO", text="Nice picture :sunflower:"),
    Past(
        minutes_ago=60,
        channel="C0CAMPAIGNS",
        user="U0BOB",
        text=f"Numbers of the weekend flash ({FLASH}) look good, by the way.",
    ),
    Past(
        minutes_ago=40,
        channel="C0CAMPAIGNS",
        user="U0ANN",
        text=f"Compare {TEASER} with {SALE} tonight? The second one has the new picture.",
    ),
    Past(
        minutes_ago=4,
        channel="C0CAMPAIGNS",
        text="Push campaign sent: Spring sale: 50% off everything",
        blocks=_sent(SALE, "Spring sale: 50% off everything", "52,000"),
        metadata={"event_type": "campaign_sent", "event_payload": {"provider": "push", "id": SALE}},
    ),
    Past(
        minutes_ago=2,
        channel="C0CAMPAIGNS",
        user="U0CLEO",
        text="Wait, 50% off *everything*? Was that not 15%?",
    ),
    Past(
        minutes_ago=50,
        channel="C0NEWS",
        user=BOT,
        text="Reminder: the office is closed on Thursday.",
    ),
    Past(
        minutes_ago=45,
        channel="C0NEWS",
        user="U0ANN",
        text="The staff discount code is STAFF-50. Please don't share it with customers.",
    ),
    Past(minutes_ago=44, channel="C0NEWS", user="U0BOB", text="Salaries of the new team are in the sheet."),
    Past(
        minutes_ago=43,
        channel="C0NEWS",
        app="Status page",
        text="All systems work.",
    ),
    Past(
        minutes_ago=2,
        channel="C0ALERTS",
        app="northpost-hook",
        text="Message *Club evening* is out to 9,200 devices: np-2001",
    ),
    Past(
        minutes_ago=20,
        channel="C0ALERTS",
        user="U0DAN",
        text=f"Shop windows show the wrong price as well: <{SCREENS}/harbour>. That vendor has no API.",
    ),
    Past(
        minutes_ago=6,
        channel="C0ALERTS",
        app="Mail to Slack",
        text="A copy of what Ann sent",
        attachments=(MAIL,),
    ),
    Past(
        minutes_ago=3,
        channel="C0ALERTS",
        app="Grafana",
        text="",
        attachments=(ALERT,),
    ),
    Past(minutes_ago=30, channel="D0ANNBOB", user="U0BOB", text="Lunch after the sale is out?"),
    Past(
        minutes_ago=120, channel="G0SECRET", user="U0BOB", text="Nothing about the launch leaves this room."
    ),
    Past(
        minutes_ago=70,
        channel="C0PARTNERS",
        user="U0ANN",
        text=f"Hello partners, our teaser: {PANEL}/{TEASER}",
    ),
)
