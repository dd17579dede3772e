"""Netmera's tools as its server describes them, and how their arguments are called there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.errors import NotFoundError, ProviderOffError
from bot.providers.mcp_session import Tool
from bot.providers.netmera_settings import Aliases, NetmeraSettings
from bot.target import TargetId


@lru_cache(maxsize=1024)
def folded(name: str) -> str:
    """Compare names as people do: `campaign_id` and `campaignId` are the same.

    Remembered, since each field of each campaign on a list is asked for by several names.
    """
    return "".join(one for one in name.casefold() if one.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """The tools of one server, by name, read once per connection and again after a failure."""

    settings: NetmeraSettings
    tools: Mapping[str, Tool]

    def has(self, tool: str) -> bool:
        """Whether the server offers it."""
        return tool in self.tools

    def problem(self, tool: str) -> str | None:
        """Say why a tool can't be used; None where it can."""
        try:
            self._complete(tool, {self.id_argument(tool): ""})
        except ProviderOffError as error:
            return error.sentence
        return None

    def id_argument(self, tool: str) -> str:
        """Name the argument that takes a campaign's id. Raises ProviderOffError where none fits."""
        properties = self._properties(tool)
        found = _named(properties, self.settings.id_arguments)
        if found is None:
            names = ", ".join(sorted(map(str, properties))) or "none"
            raise ProviderOffError(
                f"{self.settings.title}'s tool {tool} has no argument that Recall knows as a campaign's id "
                f"(its arguments: {names}). Add the right one to id_arguments."
            )
        return found

    def for_one(self, tool: str, target: TargetId) -> dict[str, Any]:
        """Arguments that name one campaign, typed as the schema says.

        Raises NotFoundError where the vendor's ids are numbers and this is none.
        """
        name = self.id_argument(tool)
        value: str | int = target
        if _types(self._properties(tool)[name]) == {"integer"}:
            if not (target.isascii() and target.isdigit()):
                raise NotFoundError(f"{self.settings.title} has no campaign with the id {target}.")
            value = int(target)
        return self._complete(tool, {name: value})

    def for_list(self, *, limit: int, words: str | None = None) -> dict[str, Any] | None:
        """Arguments of the list; None where words are given and the tool can't search."""
        tool = self.settings.tools.list
        properties = self._properties(tool)
        arguments: dict[str, Any] = {}
        if (name := _named(properties, self.settings.limit_arguments)) and _takes(
            properties[name], "integer"
        ):
            most = properties[name].get("maximum")
            arguments[name] = min(limit, int(most)) if isinstance(most, int | float) else limit
        if words is not None:
            searching = [
                name
                for alias in self.settings.search_arguments
                if (name := _named(properties, (alias,))) and _takes(properties[name], "string")
            ]
            if not searching:
                return None
            arguments[searching[0]] = words
        return self._complete(tool, arguments)

    def _complete(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Add the settings' fixed arguments; an order that lacks something is not worth sending."""
        arguments = {**self.settings.extra_arguments.get(tool, {}), **arguments}
        required = self._tool(tool).schema.get("required")
        lacking = [name for name in required if name not in arguments] if isinstance(required, list) else []
        if lacking:
            raise ProviderOffError(
                f"{self.settings.title}'s tool {tool} wants arguments that Recall does not know: "
                f"{', '.join(map(str, lacking))}. Give them in extra_arguments."
            )
        return arguments

    def _tool(self, name: str) -> Tool:
        try:
            return self.tools[name]
        except KeyError:
            raise ProviderOffError(f"{self.settings.title} offers no tool {name} to this token.") from None

    def _properties(self, tool: str) -> Mapping[str, Any]:
        found = self._tool(tool).schema.get("properties")
        return (
            {name: each if isinstance(each, dict) else {} for name, each in found.items()}
            if isinstance(found, dict)
            else {}
        )


def _named(properties: Mapping[str, Any], aliases: Aliases) -> str | None:
    known = {folded(name): name for name in reversed(tuple(properties))}
    return next((known[folded(alias)] for alias in aliases if folded(alias) in known), None)


def _types(schema: Mapping[str, Any]) -> set[str]:
    """Which JSON types an argument takes, null aside; empty where the schema does not say."""
    said = schema.get("type")
    types = {said} if isinstance(said, str) else set(said) if isinstance(said, list) else set()
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if isinstance(each, dict):
            types |= _types(each)
    return types - {"null"}


def _takes(schema: Mapping[str, Any], kind: str) -> bool:
    types = _types(schema)
    return not types or kind in types or (kind == "integer" and "number" in types)
