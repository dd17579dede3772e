"""The settings of a bot in the practice world: every kind of provider but Matrix, and a person for each rule."""

from dataclasses import asdict, dataclass
from pathlib import Path

SETTINGS = """\
[storage]
url = "sqlite:///{folder}/recall.db"
[server]
port = {port}
[slack]
channel = "C0RECALLS"
[[policy.allow]]
who = ["S0MARKETING"]
providers = ["push", "club", "windows", "chat"]
[[policy.allow]]
who = ["U0CLEO"]
providers = ["chat"]
[[policy.allow]]
who = ["U0LEA"]
providers = ["chat"]
on_behalf = true
[[policy.allow]]
who = ["U0ANN", "U0BOB"]
providers = ["mail"]
[[policy.allow]]
who = ["U0MAX"]
providers = ["mail"]
on_behalf = true
[[policy.allow]]
who = ["U0ANN", "U0BOB", "U0CLEO", "U0DAN"]
providers = ["posts"]
[people.U0ANN]
chat = "7"
mail = "ann@fernhill.example"
[people.U0BOB]
chat = "8"
mail = "bob@fernhill.example"
[people.U0CLEO]
chat = "9"
[policy.second_person]
audience_over = 55_000
who = ["S0LEADS"]
[providers.push]
kind = "netmera"
url = "{netmera}"
token = "${{NETMERA_TOKEN}}"
link_hosts = ["panel.netmera.example"]
[providers.chat]
kind = "chatwoot"
url = "{chatwoot}"
token = "${{CHATWOOT_TOKEN}}"
account = 1
mirror_channel = "C0SUPPORT"
webhook_secret = "${{CHATWOOT_WEBHOOK_SECRET}}"
[providers.posts]
kind = "slack"
[providers.posts.tokens]
U0ANN = "${{ANNS_SLACK_TOKEN}}"
[providers.mail]
kind = "graph"
root = "{graph}"
authority = "{graph}"
tenant = "fernhill"
client_id = "recall-practice"
client_secret = "${{GRAPH_SECRET}}"
outcome_deadline = 120
link_hosts = ["127.0.0.1"]
[providers.windows]
kind = "manual"
title = "Vitrine"
noun = "shop window"
steps = ["Open Vitrine's panel: the tab Windows on the practice page.", "Press Take down below each screen."]
panel = "{page}?customers=windows"
link_hosts = ["vitrine.example"]
outcome_deadline = 600
[providers.club]
kind = "http"
title = "Northpost"
noun = "push message"
headers = {{ X-Api-Key = "${{NORTHPOST_KEY}}" }}
window_minutes = 1440
id_pattern = '\\bnp-\\d{{4}}\\b'
status_words = {{ sent = "sent" }}
error_text = "/error/text"
error_code = "/error/code"
limits = ["Northpost removes it device by device; one that is switched off loses it when it is back."]
outcome_deadline = 60
[providers.club.fields]
id = "/id"
name = "/title"
text = "/text"
sent_at = "/sent_at"
sent_by = "/author"
status = "/state"
sent = "/devices"
delivered = "/arrived"
opened = "/read"
[providers.club.list]
url = "{northpost}/v1/messages?limit={{limit}}"
entries = "/messages"
[providers.club.search]
url = "{northpost}/v1/messages?q={{words}}&limit={{limit}}"
entries = "/messages"
[providers.club.get]
url = "{northpost}/v1/messages/{{id}}"
entry = "/message"
[providers.club.recall]
method = "POST"
url = "{northpost}/v1/messages/{{id}}/recall"
accepted = {{ status = [202] }}
already = [{{ status = [409] }}]
[providers.club.check]
url = "{northpost}/v1/messages/{{id}}/recall"
done = {{ equals = {{ "/state" = "done" }}, same = [["/removed", "/devices"]] }}
untouched = {{ equals = {{ "/state" = "none" }} }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the practice world answers, and the practice tokens that it takes."""

    slack: str
    bot_token: str
    app_token: str
    user_token: str
    netmera: str
    netmera_token: str
    chatwoot: str
    chatwoot_token: str
    chatwoot_webhook_secret: str
    graph: str
    graph_secret: str
    northpost: str
    northpost_key: str
    page: str
    port: int  # where the bot shall listen, so that the practice service desk finds it

    def settings(self, folder: Path) -> str:
        """Write the settings file of a bot in this world, whose database lies in `folder`."""
        return SETTINGS.format(folder=folder, **asdict(self))

    def environment(self) -> dict[str, str]:
        """Give the variables that such a bot needs."""
        return {
            "SLACK_API_URL": self.slack,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "ANNS_SLACK_TOKEN": self.user_token,
            "NETMERA_TOKEN": self.netmera_token,
            "CHATWOOT_TOKEN": self.chatwoot_token,
            "CHATWOOT_WEBHOOK_SECRET": self.chatwoot_webhook_secret,
            "GRAPH_SECRET": self.graph_secret,
            "NORTHPOST_KEY": self.northpost_key,
        }
