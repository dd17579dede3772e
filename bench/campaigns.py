"""A stock of campaigns as a busy team names them: seeded, so that every run measures the same names."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.target import Audience, Capability, Operation, ProviderName, Status, Target, TargetId, TargetRef

NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
_APART = timedelta(seconds=41)

COMMON = ("Spring", "Sale", "Newsletter", "Push", "Reminder", "App", "Weekly", "VIP")
"""Words that stand in many names: each in roughly one of eight."""

_THEMES = (
    "Black Friday", "Summer clearance", "Back to school", "Cart abandoned", "Welcome series", "Win-back",
    "Loyalty points", "Price drop", "Free shipping", "Flash sale", "Order shipped", "Password notice",
    "Güneş indirimi", "Yaz fırsatları", "Sepetinizi unutmayın", "Özel teklif", "Yeni sezon ürünleri",
    "Frühlingsangebot", "Letzte Chance", "Größte Auswahl", "Wintersonnenwende", "Geburtstagsgruß",
    "Soldes d'été", "Rentrée scolaire", "Dernière minute", "Été à la plage", "Offre spéciale",
    "Rebajas de enero", "Último día", "Liquidación total", "Promoção relâmpago", "Frete grátis",
    "春のセール開催", "期間限定クーポン", "新着商品のお知らせ", "双十一大促", "会员专享优惠", "Летняя распродажа",
    "Последний шанс", "تخفيضات الصيف", "여름 세일", "Test please ignore",
)  # fmt: skip
_SIGNS = ("", "", "", "", "", "🎉", "🔥", "☀️", "🎁", "–", "⏰")
_SEGMENTS = (
    "EMEA", "TR", "DACH", "US-East", "iOS", "Android", "new users", "lapsed 90d", "students", "high value",
    "Istanbul", "Berlin", "São Paulo", "Tokyo", "B2B", "holdout",
)  # fmt: skip
_VENDORS = {"push": "Netmera", "crm": "Custom CRM", "letters": "Microsoft 365"}
_STEMS = (
    "kal", "mor", "ven", "tis", "bra", "dun", "fel", "gor", "hix", "jun", "lop", "nar", "pim", "quo", "rus",
    "sev", "tul", "wex", "yar", "zob",
)  # fmt: skip


def campaigns(count: int) -> Iterator[Target]:
    """Yield so many campaigns of three vendors, the third a small one, oldest first."""
    chance = random.Random(4711)
    for number in range(count):
        provider = chance.choices(("push", "crm", "letters"), (700, 299, 1))[0]
        yield _campaign(chance, provider, number, NEWEST - (count - number) * _APART)


def rare(number: int) -> str:
    """Return the word that only a few names share with the one of that number."""
    digits = [number // 20**place % 20 for place in range(3)]
    return "".join(_STEMS[digit] for digit in digits).capitalize()


def _campaign(chance: random.Random, provider: str, number: int, sent_at: datetime) -> Target:
    words = [chance.choice(COMMON), chance.choice(_THEMES), chance.choice(_SEGMENTS)]
    if chance.random() < 0.3:
        words.insert(1, rare(number))
    words += [chance.choice(_SIGNS), f"{sent_at:%Y-%m}" if chance.random() < 0.5 else f"v{number % 9}"]
    sent = chance.randrange(500, 900_000)
    return Target(
        ref=TargetRef(provider=ProviderName(provider), id=TargetId(str(1_000_000 + number))),
        vendor=_VENDORS[provider],
        noun="push campaign",
        name=" ".join(word for word in words if word),
        text="Today only: everything with a red label at half price. Open the app to see what is left.",
        url=f"https://panel.example.com/campaigns/{1_000_000 + number}",
        sent_at=sent_at,
        sent_by="Ann Example",
        audience=Audience(sent=sent, delivered=sent - sent // 20, opened=sent // 9),
        status=Status.SENT,
        capability=Capability(operation=Operation.RECALL),
        team_owned=True,
    )
