"""What was mailed in the practice organisation before anybody arrived."""

from datetime import datetime, timedelta

from sandbox.vendors.graph_books import Books, Mailbox, SentMail

HOME = "fernhill.example"
ANN = f"ann@{HOME}"
BOB = f"bob@{HOME}"
FINN, GRETA, HUGO = f"finn@{HOME}", f"greta@{HOME}", f"hugo@{HOME}"
IRIS = "iris@northwind.example"
PRICES = "Price list for partners"
LETTER = "Your benefits letter"
LETTERS = 240

INBOXES = (
    Mailbox(address=FINN, owner="Finn Aho"),
    Mailbox(address=GRETA, owner="Greta Holm"),
    Mailbox(address=HUGO, owner="Hugo Diaz", keeps_read=True),
    Mailbox(address=IRIS, owner="Iris Vance", inside=False),
)
"""Those that the page shows: Hugo has read the price list, and what he has read stays; Iris works elsewhere."""


def books(now: datetime) -> Books:
    """Fill empty books."""
    made = Books()
    for box in (*INBOXES, Mailbox(address=ANN, owner="Ann Berg"), Mailbox(address=BOB, owner="Bob Okafor")):
        made.mailboxes[box.address] = box
    for number in range(LETTERS - 1):
        person = f"staff-{number:03}@{HOME}"
        made.mailboxes[person] = Mailbox(address=person, owner=f"Employee {number:03}")
    _notes(made, now)
    for number in range(LETTERS):
        person = FINN if number == LETTERS - 1 else f"staff-{number:03}@{HOME}"
        sent_at = now - timedelta(minutes=95) + timedelta(seconds=number)
        made.post(
            mail(
                number + 100,
                LETTER,
                f"Dear colleague, here is your letter. Payroll number {number:03}.",
                (person,),
                sent_at,
            )
        )
    made.post(
        mail(
            1,
            PRICES,
            "Hello all, attached is the internal price list with our margins. Please keep it to yourselves.",
            (FINN, GRETA, HUGO, IRIS),
            now - timedelta(minutes=6),
            attachments=True,
        ),
        read_by=frozenset({HUGO}),
    )
    return made


def _notes(made: Books, now: datetime) -> None:
    made.post(
        mail(2, "Lunch on Friday", "Pizza or ramen?", (FINN, GRETA), now - timedelta(hours=20)),
        read_by=frozenset({FINN, GRETA}),
    )
    made.post(
        mail(
            3,
            "Minutes of the spring meeting",
            "See below.",
            (GRETA,),
            now - timedelta(hours=26),
            mailbox=BOB,
        )
    )


def mail(
    number: int,
    subject: str,
    body: str,
    to: tuple[str, ...],
    sent_at: datetime,
    *,
    mailbox: str = ANN,
    attachments: bool = False,
) -> SentMail:
    """A mail whose ids have the shape and the length of real ones."""
    host = mailbox.partition("@")[2]
    return SentMail(
        id="AAMkAGI2" + f"{number:06d}".rjust(140, "T") + "AAA=",  # 152 characters, as Exchange's own have
        internet_id=f"<DB7PR01MB{number:06d}A1B2C3D4@DB7PR01MB{number % 10}.{host}>",
        mailbox=mailbox,
        subject=subject,
        body=body,
        to=to,
        sent_at=sent_at.replace(microsecond=0),
        attachments=attachments,
    )
