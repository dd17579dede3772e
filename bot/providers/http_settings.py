"""The settings of `http`: a vendor's REST API, described instead of coded. docs/http.md explains each key."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from bot.providers import http_template
from bot.providers.base import PageAddress, Pattern, ProviderSettings, VendorUrl
from bot.providers.http_condition import Condition
from bot.providers.http_pointer import Pointer
from bot.target import Reason, RepeatClass, Status

PLACES = {
    "list": ("limit", "before", "before_seconds", "before_milliseconds"),
    "search": ("words", "limit"),
    "get": ("id",),
    "recall": ("id", "item", "items", "key"),
    "check": ("id", "item", "items"),
    "sign_in": (),
}
"""Which placeholders mean something in which request."""

_HEADER_PLACES = ("token", "key")
CREDENTIALS = re.compile(r"auth|token|secret|key|password|passcode|cookie|sign", re.IGNORECASE)
"""Names of headers, parameters and fields whose values are never shown."""


def _header(text: str) -> str:
    http_template.check(text, _HEADER_PLACES)
    if not text.isprintable():
        raise ValueError("must be one line of printable characters")
    return text


Header = Annotated[str, AfterValidator(_header)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RequestSettings(_Part):
    """One request. `url`, `json` and `form` are templates; at most one of the last two."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: VendorUrl
    headers: Mapping[str, Header] = {}
    """On top of the provider's own."""
    body: Mapping[str, JsonValue] | None = None
    """A JSON body."""
    form: Mapping[str, str] | None = None
    """The body of a web form."""
    plain: bool = False
    """Whether a success may be something else than JSON; then only its status says anything."""

    @model_validator(mode="after")
    def _possible(self) -> "RequestSettings":
        if self.body is not None and self.form is not None:
            raise ValueError("can have a body or a form, not both")
        if "{" in urlsplit(self.url).netloc:
            raise ValueError("url must not have a placeholder in the host: the credential would follow it")
        return self

    def check_placeholders(self, place: str) -> None:
        """Raise ValueError for a placeholder that means nothing in this request."""
        for part in (self.url, self.body, self.form):
            http_template.check(part, PLACES[place])

    def names(self) -> frozenset[str]:
        """Name the placeholders in use."""
        return http_template.placeholders([self.url, self.body, self.form])


class ListSettings(RequestSettings):
    """`[providers.NAME.list]` and `.search`."""

    entries: Pointer = ""
    """Where the array of targets stands; empty: the answer itself is one."""


class GetSettings(RequestSettings):
    """`[providers.NAME.get]`."""

    entry: Pointer = ""
    """Where the target stands; empty: the answer itself is it."""
    missing: tuple[Condition, ...] = ()
    """Answers that say that there is no such thing, besides 404 and 410."""


class RecallSettings(RequestSettings):
    """`[providers.NAME.recall]`: taking back."""

    accepted: Condition = Condition(status=(200, 201, 202, 204))
    """What taking the request looks like. It is not yet a confirmation."""
    done: Condition | None = None
    """Where the answer itself proves that it is gone."""
    already: tuple[Condition, ...] = ()
    """Refusals that say that it had been taken back before: success for the person."""
    done_items: Pointer | None = None
    """For batches: an array of the items that were taken back."""
    failed_items: Pointer | None = None
    """For batches: an object, item -> reason."""


class CheckSettings(RequestSettings):
    """`[providers.NAME.check]`: what became of it."""

    done: Condition
    failed: tuple[Condition, ...] = ()
    untouched: Condition | None = None
    """The record shows that the request never took effect. Needed for repeat = "B"."""


class SignInSettings(RequestSettings):
    """`[providers.NAME.sign_in]`: a token that has to be fetched, put into headers as {token}."""

    token: Pointer
    seconds: Pointer | None = None
    """Where it says for how many seconds the token is good."""
    spent: tuple[Condition, ...] = ()
    """Answers of other requests that ask for a new one, besides 401."""


class ErrorSettings(_Part):
    """One `[[providers.NAME.errors]]`: what a refusal means, in plain words."""

    when: Condition
    says: Annotated[str, Field(min_length=1, max_length=300)]


class FieldPointers(_Part):
    """Where a target's parts stand within it."""

    id: Pointer | None = None
    name: Pointer | None = None
    text: Pointer | None = None
    image: Pointer | None = None
    url: Pointer | None = None
    sent_at: Pointer | None = None
    sent_by: Pointer | None = None
    sender_id: Pointer | None = None
    sender_email: Pointer | None = None
    status: Pointer | None = None
    sent: Pointer | None = None
    delivered: Pointer | None = None
    opened: Pointer | None = None
    items: Pointer | None = None
    """An array of ids where taking it back means one request, or one part of a batch, for each."""


class HttpSettings(ProviderSettings):
    """A `[providers.NAME]` table with `kind = "http"`. Needed: `title`, `recall`, and a way to find things."""

    kind: Literal["http"] = "http"
    title: Annotated[str, Field(min_length=1, max_length=80)]
    noun: Annotated[str, Field(min_length=1, max_length=60)] = "message"
    operation: Literal["recall", "halt", "overwrite", "redact"] = "recall"
    headers: Mapping[str, Header] = {}
    credential: str = "credential in headers"
    """How the mistake is called when the vendor answers 401."""

    list: ListSettings | None = None
    search: ListSettings | None = None
    get: GetSettings | None = None
    recall: RecallSettings
    check: CheckSettings | None = None
    sign_in: SignInSettings | None = None
    fields: FieldPointers = FieldPointers()
    status_words: Mapping[str, Status] = {}
    errors: tuple[ErrorSettings, ...] = ()
    error_text: Pointer | None = None
    error_code: Pointer | None = None

    window_minutes: Annotated[float, Field(gt=0)] | None = None
    limits: tuple[Annotated[str, Field(min_length=1, max_length=300)], ...] = ()
    """Full sentences for the card."""
    reasons: tuple[Reason, ...] = ()
    sender_only: bool = False
    open_list: bool = True
    """Whether every member may list; else only whom a rule covers."""
    repeat: Literal["A", "B", "C"] = "C"
    batch: Annotated[int, Field(ge=1, le=1000)] = 1
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    calls_per_second: Annotated[float, Field(gt=0)] | None = None
    calls_per_10_minutes: Annotated[int, Field(gt=0)] | None = None

    links: tuple[PageAddress, ...] = ()
    """Pages of one target at the vendor; the first is shown on cards, all are recognised."""
    id_pattern: Pattern | None = None
    text_pattern: Pattern | None = None
    """What an id looks like in running text, where `id_pattern` alone would fit other things too."""
    event_types: tuple[str, ...] = ()
    metadata_ids: tuple[str, ...] = ("id",)

    @model_validator(mode="after")
    def _fits_together(self) -> "HttpSettings":
        for name, request in self.requests().items():
            try:
                request.check_placeholders(name)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        for wrong, sentence in self._mistakes():
            if wrong:
                raise ValueError(sentence)
        return self

    def requests(self) -> dict[str, RequestSettings]:
        """Name the requests that are described."""
        named = {
            "sign_in": self.sign_in,
            "list": self.list,
            "search": self.search,
            "get": self.get,
            "recall": self.recall,
            "check": self.check,
        }
        return {name: each for name, each in named.items() if each is not None}

    def repeat_class(self) -> RepeatClass:
        """Say what a second request for the same item does."""
        return RepeatClass(self.repeat)

    def secrets(self) -> tuple[str, ...]:
        """Give what stands in headers and bodies that look like credentials, so that nothing repeats it."""
        found = [*self.headers.items(), *(pair for each in self.requests().values() for pair in _pairs(each))]
        texts = [text for name, text in found if CREDENTIALS.search(name) and "{" not in text]
        return tuple(part for text in texts for part in (text, *text.split()) if len(part) > 3)  # noqa: PLR2004

    def _mistakes(self) -> tuple[tuple[bool, str], ...]:
        """List what does not go together, each with its sentence."""
        recall, get, search = self.recall.names(), self.get, self.search
        lists = self.list is not None or search is not None
        token = any("{token}" in text for text in _header_texts(self))
        return (
            (
                not recall & {"id", "item", "items"},
                "recall: says nowhere what to take back; put {id} into it",
            ),
            (get is not None and "id" not in get.names(), "get: says nowhere what to get; put {id} into it"),
            (search is not None and "words" not in search.names(), "search: put {words} into it"),
            (lists and self.fields.id is None, "fields.id: is missing; list and search need it"),
            (
                self.list is None and get is None and self.id_pattern is None,
                "id_pattern: is missing; without list and get it says which words are ids",
            ),
            (self.batch > 1 and "items" not in recall, "batch: a batch needs {items} in the recall request"),
            (
                self.batch == 1 and "items" in recall,
                "recall: {items} is for batches; set batch, or use {item}",
            ),
            (
                self.repeat == "B" and (self.check is None or self.check.untouched is None),
                'repeat: "B" needs check.untouched, which tells that a request never took effect',
            ),
            (token and self.sign_in is None, "headers: {token} needs a sign_in request"),
            (self.sign_in is not None and not token, "sign_in: no header uses {token}"),
        )


def _pairs(request: RequestSettings) -> list[tuple[str, str]]:
    """Give names with their texts: headers, parameters, and the fields of the body."""
    bodies = [*(request.body or {}).items(), *(request.form or {}).items()]
    query = parse_qsl(urlsplit(request.url).query)
    return [
        *request.headers.items(),
        *query,
        *((name, each) for name, each in bodies if isinstance(each, str)),
    ]


def _header_texts(settings: HttpSettings) -> list[str]:
    return [
        *settings.headers.values(),
        *(text for each in settings.requests().values() for text in each.headers.values()),
    ]
