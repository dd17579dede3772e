"""Who works in the practice workspace, and where they talk."""

from datetime import timedelta

from sandbox.slack.past import BOT, PAST
from sandbox.slack.state import SlackState
from sandbox.slack.values import Channel, Kind, Message, User, UserGroup
from sandbox.slack.workspace import format_ts

PEOPLE = (
    User(id="U0ANN", name="ann", real_name="Ann Berg", tz="Europe/Berlin", tz_offset=3600, title="Marketer"),
    User(
        id="U0BOB",
        name="bob",
        real_name="Bob Okafor",
        tz="Africa/Lagos",
        tz_offset=3600,
        title="Marketing lead",
    ),
    User(
        id="U0CLEO",
        name="cleo",
        real_name="Cleo Park",
        tz="America/New_York",
        tz_offset=-18000,
        title="Support agent",
    ),
    User(
        id="U0DAN",
        name="dan",
        real_name="Dan Mori",
        tz="Asia/Tokyo",
        tz_offset=32400,
        title="On-call engineer",
    ),
    User(
        id="U0GUS",
        name="gus",
        real_name="Gus Lind",
        tz="Europe/Stockholm",
        tz_offset=3600,
        title="Guest",
        is_restricted=True,
    ),
    User(
        id="U0LEA",
        name="lea",
        real_name="Lea Vogel",
        tz="Europe/Vienna",
        tz_offset=3600,
        title="Chat lead",
    ),
    User(
        id="U0MAX",
        name="max",
        real_name="Max Stone",
        tz="Europe/London",
        tz_offset=0,
        title="Mail admin",
    ),
    User(id="U0EVE", name="eve", real_name="Eve Roth", deleted=True),
    User(id=BOT, name="recall", real_name="Recall", is_bot=True),
)
GROUPS = (
    UserGroup(id="S0MARKETING", handle="marketing", name="Marketing", members=("U0ANN", "U0BOB")),
    UserGroup(id="S0LEADS", handle="leads", name="Leads", members=("U0BOB",)),
)
STAFF = frozenset({"U0ANN", "U0BOB", "U0CLEO", "U0DAN", "U0LEA", "U0MAX"})
CHANNELS = (
    Channel(
        id="C0CAMPAIGNS",
        name="campaigns",
        kind=Kind.PUBLIC,
        members=STAFF | {"U0GUS", BOT},
        topic="What goes out to customers",
    ),
    Channel(id="C0RECALLS", name="recalls", kind=Kind.PUBLIC, members=STAFF | {BOT}, topic="Taken back"),
    Channel(id="C0GENERAL", name="general", kind=Kind.PUBLIC, members=STAFF | {"U0GUS"}),
    Channel(
        id="C0SUPPORT",
        name="support",
        kind=Kind.PUBLIC,
        members=STAFF | {BOT},
        topic="What agents say to customers",
    ),
    Channel(
        id="C0ALERTS",
        name="alerts",
        kind=Kind.PUBLIC,
        members=STAFF | {BOT},
        topic="What other apps say",
    ),
    Channel(id="G0SECRET", name="launch-secret", kind=Kind.PRIVATE, members=frozenset({"U0ANN", "U0BOB"})),
    Channel(
        id="C0NEWS",
        name="news",
        kind=Kind.PUBLIC,
        members=STAFF | {BOT},
        topic="For everybody here",
    ),
    Channel(
        id="C0PARTNERS",
        name="partners",
        kind=Kind.PUBLIC,
        members=frozenset({"U0ANN", "U0BOB", BOT}),
        shared_outside=True,
        topic="Shared with another organisation",
    ),
    Channel(id="D0ANNBOB", name="", kind=Kind.IM, members=frozenset({"U0ANN", "U0BOB"})),
)


def plant(state: SlackState) -> None:
    """Fill an empty workspace."""
    workspace = state.workspace
    for user in PEOPLE:
        workspace.set_user(user)
    for group in GROUPS:
        workspace.set_group(group)
    for channel in CHANNELS:
        workspace.add_channel(channel)
    for user in PEOPLE:
        if not user.deleted and not user.is_bot:
            workspace.open_direct(user.id, BOT)
    now = state.clock.now()
    for number, past in enumerate(PAST):
        moment = now - timedelta(minutes=past.minutes_ago)
        message = Message(
            channel=past.channel,
            ts=format_ts(round(moment.timestamp()) * 1_000_000 + number),
            text=past.text,
            user=past.user,
            bot_id=state.app.bot_id if past.user == BOT else None if past.user else "B0FEED",
            username=None if past.user else past.app,
            blocks=past.blocks,
            attachments=past.attachments,
            metadata=past.metadata,
        )
        workspace.post(message)
