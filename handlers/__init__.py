"""Slack: what people do there comes in here, what they see goes out from here."""

import re
from typing import Final

from slack_bolt.app.async_app import AsyncApp

from handlers import buttons, command, errors, home, ids, modals, plan, private, search, shortcut
from handlers.decisions import VERBS
from handlers.desk import Desk
from handlers.errors import bounded

ANYTHING: Final = re.compile(r"")


def register(app: AsyncApp, desk: Desk) -> None:
    """Route everything that Slack can send. The first that fits is taken, so the unknown comes last.

    Bolt tries one after another, at 12 µs each, so what people wait for most often comes first.
    """
    app.command(ids.COMMAND)(bounded(desk, command.recall))

    app.options(ids.FIND)(bounded(desk, search.suggest))

    for decision in VERBS:  # Yes, No, Approve, Decline, Stop, Retry
        app.action(decision)(bounded(desk, buttons.decision))
    app.action(ids.REASON)(bounded(desk, buttons.reason))
    app.action(ids.MENU)(bounded(desk, buttons.menu))
    app.action(ids.ASK_AGAIN)(bounded(desk, buttons.ask_again))
    app.action(ids.CHECK_NOW)(bounded(desk, buttons.check_now))
    app.action(ids.PREVIEW)(bounded(desk, private.text))
    app.action(ids.RECIPIENTS)(bounded(desk, private.recipients))
    app.action(ids.RECALL)(bounded(desk, buttons.chosen))
    app.action(ids.FIND)(bounded(desk, buttons.chosen))
    app.action(ids.MORE)(bounded(desk, buttons.more))
    app.action(ids.SEARCH)(bounded(desk, buttons.search))
    app.action(ids.LINK)(bounded(desk, buttons.link))
    app.action(ANYTHING)(bounded(desk, buttons.unknown))

    app.message_shortcut(ids.MESSAGE_SHORTCUT)(bounded(desk, shortcut.pointed_at))
    app.global_shortcut(ids.GLOBAL_SHORTCUT)(bounded(desk, shortcut.summoned))
    app.shortcut(ANYTHING)(bounded(desk, shortcut.unknown))

    app.view(ids.CHOOSER)(bounded(desk, modals.submitted))
    app.view(ids.SEARCHER)(bounded(desk, modals.submitted))
    app.view(ids.REASON_TEXT)(bounded(desk, modals.reason_given))
    app.view(ids.CORRECTION_TEXT)(bounded(desk, modals.correction_given))
    app.view(ids.PLAN_TIME)(bounded(desk, plan.time_given))
    app.view(ANYTHING)(bounded(desk, modals.unknown))
    app.view_closed(ANYTHING)(bounded(desk, modals.closed))

    app.event("app_home_opened")(bounded(desk, home.opened))
    app.event(ANYTHING)(bounded(desk, errors.ignored))
    app.error(errors.stray(desk))
