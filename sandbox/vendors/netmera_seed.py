"""The campaigns that the practice vendor knows when the day begins: ordinary ones, and every awkward kind."""

from datetime import datetime, timedelta

from sandbox.vendors.campaign import Campaign, Channel, Status

EVERYBODY = ("mia", "noah", "lena", "omar")


def campaigns(now: datetime) -> tuple[Campaign, ...]:
    """The seed, with ages counted from `now`."""
    return (*_fresh(now), *_older(now), *_awkward(now))


def _fresh(now: datetime) -> tuple[Campaign, ...]:
    return (
        Campaign(
            id="cmp-1042",
            name="Spring sale: 50% off everything",
            text="Spring is here! Today only: 50% off everything, online and in store. Tap to shop.",
            picture="spring-sale.png",
            sent_at=now - timedelta(minutes=4),
            created_by="Ann Berg",
            target_count=52_000,
            delivered=48_210,
            opened=1_790,
            phones=EVERYBODY,
        ),
        Campaign(
            id="cmp-1043",
            name="Loyalty points reminder",
            text="Your 1,250 points expire on Sunday. Use them before they are gone.",
            picture="loyalty-points.png",
            sent_at=now - timedelta(seconds=34),
            created_by="Bob Okafor",
            target_count=60_000,
            status=Status.SENDING,
            per_second=120,
            phones=EVERYBODY,
        ),
        Campaign(
            id="cmp-1044",
            name="Early summer preview",
            text="Be the first to see the summer collection. Members only, from tomorrow.",
            sent_at=now + timedelta(hours=20),
            created_by="Bob Okafor",
            target_count=21_500,
            status=Status.SCHEDULED,
        ),
    )


def _older(now: datetime) -> tuple[Campaign, ...]:
    return (
        Campaign(
            id="cmp-1041",
            name="Spring sale teaser",
            text="Something green is coming. Look out for a message from us tomorrow morning.",
            sent_at=now - timedelta(hours=22),
            created_by="Ann Berg",
            target_count=8_400,
            delivered=8_112,
            opened=2_031,
            phones=("mia", "lena"),
        ),
        Campaign(
            id="cmp-1040",
            name="Weekend flash",
            text="48 hours only: free delivery on every order over €30.",
            picture="weekend-flash.png",
            sent_at=now - timedelta(days=3),
            created_by="Ann Berg",
            target_count=31_000,
            delivered=29_874,
            opened=6_420,
            phones=("noah",),
        ),
        Campaign(
            id="cmp-1039",
            name="New arrivals for your desktop",
            text="37 new arrivals are waiting in the shop.",
            sent_at=now - timedelta(hours=5),
            created_by="Bob Okafor",
            target_count=12_600,
            delivered=11_950,
            opened=840,
            channel=Channel.WEB,
            platforms=("CHROME", "FIREFOX"),
        ),
        Campaign(
            id="cmp-1038",
            name="Price drop alert",
            text="The jacket that you looked at is now €49.",
            sent_at=now - timedelta(days=1, hours=2),
            created_by="Ann Berg",
            target_count=5_300,
            delivered=5_122,
            opened=391,
            status=Status.RECALLED,
            recalled_at=now - timedelta(days=1, hours=1, minutes=40),
        ),
    )


def _awkward(now: datetime) -> tuple[Campaign, ...]:
    return (
        Campaign(
            id="cmp-1037",
            name="<!channel> *Bold* _move_ ~old~ `code` & <b>50%</b> مرحبا \u202eelas\u202c",
            text="Hello <@U0BOB>, *half price* & <https://shop.example|more> &lt;today&gt;\nعرض اليوم فقط",
            sent_at=now - timedelta(days=2),
            created_by="Ann <Berg> & Co",
            target_count=940,
            delivered=902,
            opened=77,
            phones=("omar",),
        ),
        Campaign(
            id="cmp-1036",
            name="Test, please ignore",
            text="Test",
            sent_at=now - timedelta(days=4),
            created_by="Dan Mori",
            target_count=0,
        ),
    )
