"""Block Kit as the page draws it, in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, expect

import sandbox.page
from tests.sandbox.chromium import page_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

STATIC = Path(sandbox.page.__file__).parent / "static"
BLANK = """<!doctype html><meta charset=utf-8><link rel=icon href=data:,>
<link rel=stylesheet href=/static/style.css><link rel=stylesheet href=/static/blocks.css>"""
NOW = 1_780_000_000  # 28 May 2026, 20:26:40 UTC

VIEWER = {
    "me": "U0ANN",
    "tz": "Asia/Tokyo",
    "now": NOW,
    "names": {"U0ANN": "Ann Berg", "U0BOB": "Bob Okafor", "C0RECALLS": "recalls", "S0LEADS": "leads"},
    "people": [{"id": "U0BOB", "name": "Bob Okafor"}],
    "channels": [{"id": "C0RECALLS", "name": "recalls"}],
}
DRAW = """async ({ blocks, viewer, options, errors }) => {
  const { renderBlocks } = await import("/static/blockkit.js");
  window.told = [];
  window.values = {};
  window.searched = [];
  const surface = {
    id: "s", viewer, errors, values: window.values,
    dispatch: async (action) => { window.told.push(action); },
    suggest: async (action_id, block_id, text) => {
      window.searched.push(text);
      return { ok: true, groups: [{ options: options.map((o) => ({ text: { type: "plain_text", text: o }, value: o })) }] };
    },
  };
  document.body.replaceChildren(renderBlocks(blocks, surface));
}"""
MRKDWN = """async ({ text, viewer }) => {
  const { mrkdwn } = await import("/static/mrkdwn.js");
  const box = document.createElement("div");
  box.append(...mrkdwn(text, viewer));
  for (const node of box.querySelectorAll("*")) for (const name of node.getAttributeNames()) if (name !== "href") node.removeAttribute(name);
  return box.innerHTML;
}"""


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def option(text: str, **more: Any) -> dict[str, Any]:
    return {"text": plain(text), "value": text.lower(), **more}


def row(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


def button(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": "go", "value": "7", **more}


class Canvas:
    """A blank page on which blocks are drawn."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def draw(
        self,
        *blocks: dict[str, Any],
        options: tuple[str, ...] = (),
        errors: dict[str, str] | None = None,
    ) -> None:
        given = {"blocks": blocks, "viewer": VIEWER, "options": options, "errors": errors or {}}
        await self.page.evaluate(DRAW, given)

    async def told(self) -> Any:
        return await self.page.evaluate("window.told")

    async def values(self) -> Any:
        return await self.page.evaluate("window.values")

    async def html(self, text: str) -> str:
        return str(await self.page.evaluate(MRKDWN, {"text": text, "viewer": VIEWER}))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def canvas(browser: Browser) -> AsyncIterator[Canvas]:
    async def blank(_request: web.Request) -> web.Response:
        return web.Response(text=BLANK, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", blank)
    app.router.add_static("/static/", STATIC)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with page_of(browser, 800, 700) as page:
        await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        yield Canvas(page)
    await runner.cleanup()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _italic_ ~struck~ `code`", "<strong>bold</strong> <em>italic</em> <s>struck</s> <code>code</code>"),
        ("*both _at_ once*", "<strong>both <em>at</em> once</strong>"),
        ("2 * 3 * 4, a_b_c, half*way*", "2 * 3 * 4, a_b_c, half*way*"),
        ("* not * and *not\nhere*", "* not * and *not<br>here*"),
        ("`*as it is* &lt;b&gt;`", "<code>*as it is* &lt;b&gt;</code>"),
        ("```\n*x* <@U0BOB>\n```", "<pre>*x* &lt;@U0BOB&gt;</pre>"),
        ("&lt;!channel&gt; &amp;amp; <b>hi</b>", "&lt;!channel&gt; &amp;amp; &lt;b&gt;hi&lt;/b&gt;"),
        ("<!channel> <!here>", "<span>@channel</span> <span>@here</span>"),
        ("<@U0BOB> <#C0RECALLS|x> <!subteam^S0LEADS>", "<span>@Bob Okafor</span> <span>#recalls</span> <span>@leads</span>"),
        ("<https://a.example/?a=1&amp;b|*here* &amp; there>", '<a href="https://a.example/?a=1&amp;b">*here* &amp; there</a>'),
        ("see https://a.example/x.", 'see <a href="https://a.example/x">https://a.example/x</a>.'),
        ("<javascript:alert(1)|click>", "&lt;javascript:alert(1)|click&gt;"),
        ("&gt; one\n> two\nthree", "<blockquote>one<br>two</blockquote>three"),
        (":warning: :no_such_thing: 12:30:45", "<span>⚠️</span> :no_such_thing: 12:30:45"),
        (f"<!date^{NOW - 240}^{{date_short_pretty}} at {{time}}|earlier>", "<time>today at 5:22 AM</time>"),
        (f"<!date^{NOW - 86_400}^{{date_pretty}}|earlier>", "<time>yesterday</time>"),
        (f"<!date^{NOW}^{{date_num}} {{date}} {{time_secs}}|x>", "<time>2026-05-29 May 29th, 2026 5:26:40 AM</time>"),
        (f"<!date^{NOW - 240}^{{ago}}^https://a.example|x>", '<a href="https://a.example"><time>4 minutes ago</time></a>'),
        ("<!date^soon^{date}|one day>", "<time>one day</time>"),
    ],
)  # fmt: skip
async def test_mrkdwn_reads_as_in_slack(canvas: Canvas, text: str, html: str) -> None:
    assert await canvas.html(text) == html


async def test_plain_text_is_literal_but_for_emoji_names(canvas: Canvas) -> None:
    text = "<!channel> *x* &amp; <b> :eyes:"
    await canvas.draw(
        {"type": "header", "text": plain(text)}, {"type": "section", "text": {**plain(text), "emoji": False}}
    )
    await expect(canvas.page.get_by_role("heading")).to_have_text("<!channel> *x* &amp; <b> 👀")
    await expect(canvas.page.locator(".bk-text")).to_have_text(text)


async def test_foreign_text_never_becomes_an_element(canvas: Canvas) -> None:
    evil = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": evil}]}
    await canvas.draw(
        {"type": "section", "text": mrkdwn(evil), "fields": [plain(evil)], "accessory": button(evil)},
        {"type": "rich_text", "elements": [rich]},
        {"type": "markdown", "text": evil},
        {"type": "table", "rows": [[{"type": "raw_text", "text": evil}]]},
        {"type": evil},
    )
    assert await canvas.page.locator("img, script").count() == 0
    assert await canvas.page.evaluate("window.hurt") is None


async def test_a_button_tells_its_ids_and_value(canvas: Canvas) -> None:
    await canvas.draw(row(button("Yes, recall", style="danger")))
    await canvas.page.get_by_role("button", name="Yes, recall").click()
    assert await canvas.told() == [{"type": "button", "action_id": "go", "block_id": "row", "value": "7"}]


async def test_a_long_button_is_cut_off_and_still_known_by_its_whole_name(canvas: Canvas) -> None:
    name = "Recall the campaign of the whole spring"
    await canvas.draw(row(button(name)))
    node = canvas.page.get_by_role("button", name=name)
    assert await node.inner_text() == "Recall the campaign of the wh…"


@pytest.mark.parametrize(("answer", "told"), [("confirm-yes", 1), ("confirm-deny", 0)])
async def test_a_confirmation_dialog_comes_first(canvas: Canvas, answer: str, told: int) -> None:
    confirm = {
        "title": plain("Sure?"),
        "text": mrkdwn("*48,210* people"),
        "confirm": plain("Do"),
        "deny": plain("Back"),
    }
    await canvas.draw(row(button("Recall", confirm=confirm)))
    await canvas.page.get_by_role("button", name="Recall").click()
    await expect(canvas.page.get_by_role("alertdialog")).to_contain_text("48,210 people")
    assert await canvas.told() == []
    await canvas.page.get_by_test_id(answer).click()
    assert len(await canvas.told()) == told


async def test_a_typeahead_asks_the_app_from_its_least_length_on(canvas: Canvas) -> None:
    finder = {
        "type": "external_select",
        "action_id": "find",
        "min_query_length": 2,
        "placeholder": plain("Find a campaign"),
    }
    await canvas.draw(row(finder), options=("Spring sale", "Spring teaser"))
    await canvas.page.get_by_role("button", name="Find a campaign").click()
    search = canvas.page.get_by_test_id("typeahead")
    await search.press_sequentially("s")
    await expect(canvas.page.get_by_role("status")).to_have_text("Type at least 2 characters")
    await search.press_sequentially("pr")
    await expect(canvas.page.get_by_test_id("option")).to_have_count(2)
    await search.press("ArrowDown")
    await search.press("Enter")
    assert set(await canvas.page.evaluate("window.searched")) == {"spr"}
    assert [told["selected_option"]["value"] for told in await canvas.told()] == ["Spring teaser"]
    await expect(canvas.page.get_by_test_id("picker")).to_have_text("Spring teaser")


async def test_a_typeahead_with_least_length_zero_lists_at_once_and_escape_leaves_it(canvas: Canvas) -> None:
    finder = {"type": "external_select", "action_id": "find", "min_query_length": 0}
    await canvas.draw(row(finder), options=("Weekend flash",))
    await canvas.page.get_by_test_id("picker").click()
    await expect(canvas.page.get_by_test_id("option")).to_have_text("Weekend flash")
    await canvas.page.keyboard.press("Escape")
    await expect(canvas.page.get_by_test_id("option")).to_have_count(0)
    assert await canvas.told() == []


async def test_a_select_is_filtered_by_typing_and_keeps_its_groups(canvas: Canvas) -> None:
    groups = [
        {"label": plain("Content"), "options": [option("Wrong information"), option("Wrong content")]},
        {"label": plain("Other"), "options": [option("Test")]},
    ]
    select = {
        "type": "static_select",
        "action_id": "why",
        "option_groups": groups,
        "placeholder": plain("Reason"),
    }
    await canvas.draw({"type": "section", "block_id": "s", "text": mrkdwn("Reason"), "accessory": select})
    await canvas.page.get_by_test_id("picker").click()
    await expect(canvas.page.locator(".list-group")).to_have_text(["Content", "Other"])
    await canvas.page.get_by_test_id("typeahead").fill("wrong c")
    await canvas.page.get_by_role("option", name="Wrong content").click()
    assert (await canvas.told())[0]["selected_option"]["value"] == "wrong content"


async def test_inputs_are_kept_for_the_submission_and_told_to_nobody(canvas: Canvas) -> None:
    def input_block(name: str, **element: Any) -> dict[str, Any]:
        return {
            "type": "input",
            "block_id": name,
            "label": plain(name),
            "element": {"action_id": "x", **element},
        }

    await canvas.draw(
        input_block("Note", type="plain_text_input", multiline=True),
        input_block("Why", type="radio_buttons", options=[option("Typo"), option("Other")]),
        input_block("Also", type="checkboxes", options=[option("A"), option("B")], initial_options=[option("A")]),
        input_block("Day", type="datepicker", initial_date="2026-05-28"),
        input_block("Hour", type="timepicker"),
        input_block("Teams", type="multi_static_select", options=[option("Red"), option("Blue")]),
    )  # fmt: skip
    page = canvas.page
    await page.get_by_label("Note").fill("The price was wrong")
    await page.get_by_role("radio", name="Other").check()
    await page.get_by_role("checkbox", name="B").check()
    await page.get_by_label("Hour").fill("18:00")
    for team in ("Red", "Blue"):
        await page.get_by_label("Teams").click()
        await page.get_by_role("option", name=team).click()
    assert await canvas.told() == []
    assert await canvas.values() == {
        "Note": {"x": {"type": "plain_text_input", "value": "The price was wrong"}},
        "Why": {"x": {"type": "radio_buttons", "selected_option": option("Other")}},
        "Also": {"x": {"type": "checkboxes", "selected_options": [option("A"), option("B")]}},
        "Day": {"x": {"type": "datepicker", "selected_date": "2026-05-28"}},
        "Hour": {"x": {"type": "timepicker", "selected_time": "18:00"}},
        "Teams": {"x": {"type": "multi_static_select", "selected_options": [option("Red"), option("Blue")]}},
    }


async def test_an_inputs_error_stands_below_it(canvas: Canvas) -> None:
    block = {
        "type": "input",
        "block_id": "why",
        "label": plain("Reason"),
        "element": {"type": "plain_text_input", "action_id": "x"},
    }
    await canvas.draw(block, errors={"why": "Say what was wrong."})
    await expect(canvas.page.get_by_role("alert")).to_have_text("Say what was wrong.")


async def test_an_overflow_menu_is_walked_with_the_arrow_keys(canvas: Canvas) -> None:
    await canvas.draw(
        row({"type": "overflow", "action_id": "more", "options": [option("Open"), option("Help")]})
    )
    await canvas.page.get_by_role("button", name="More options").click()
    await canvas.page.keyboard.press("ArrowDown")
    await canvas.page.keyboard.press("Enter")
    assert (await canvas.told())[0]["selected_option"]["value"] == "help"


async def test_rich_text_keeps_its_structure(canvas: Canvas) -> None:
    def section(*leaves: dict[str, Any]) -> dict[str, Any]:
        return {"type": "rich_text_section", "elements": list(leaves)}

    await canvas.draw(
        {
            "type": "rich_text",
            "elements": [
                section(
                    {"type": "text", "text": "*literally* "},
                    {"type": "text", "text": "bold", "style": {"bold": True}},
                    {"type": "user", "user_id": "U0BOB"},
                    {"type": "link", "url": "javascript:x", "text": "no link"},
                ),
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [section({"type": "text", "text": "one"})],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a  b"}]},
            ],
        }
    )
    await expect(canvas.page.locator(".rt-section").first).to_have_text(
        "*literally* bold@Bob Okaforno link", use_inner_text=True
    )
    await expect(canvas.page.locator("ol li")).to_have_text("one")
    await expect(canvas.page.locator("pre")).to_have_text("a  b")
    assert await canvas.page.locator("a").count() == 0


async def test_markdown_and_tables(canvas: Canvas) -> None:
    cells = [
        [{"type": "raw_text", "text": "State"}, {"type": "raw_text", "text": "People"}],
        [{"type": "raw_text", "text": "Recalled"}, {"type": "raw_number", "value": 48210, "text": "48,210"}],
    ]
    await canvas.draw(
        {"type": "markdown", "text": "# Done\n\n**48,210** of ~~50~~ [people](https://a.example)\n\n- one\n- two"},
        {"type": "table", "rows": cells, "column_settings": [None, {"align": "right"}]},
        {"type": "data_table", "caption": "How far it is", "rows": cells},
    )  # fmt: skip
    await expect(canvas.page.locator(".md-heading")).to_have_text("Done")
    await expect(canvas.page.locator(".bk-markdown strong")).to_have_text("48,210")
    await expect(canvas.page.locator(".bk-caption")).to_have_text("How far it is")
    await expect(canvas.page.locator(".bk-markdown li")).to_have_text(["one", "two"])
    await expect(canvas.page.get_by_role("cell", name="48,210").first).to_have_css("text-align", "right")


async def test_a_missing_picture_shows_its_text(canvas: Canvas) -> None:
    await canvas.draw({"type": "image", "image_url": "/nowhere.png", "alt_text": "Banner of the sale"})
    await expect(canvas.page.locator(".bk-noimage")).to_have_text("Banner of the sale")


async def test_what_the_page_cannot_show_is_said(canvas: Canvas) -> None:
    await canvas.draw({"type": "hologram"}, {"type": "section"}, row({"type": "laser"}), {"type": "context"})
    await expect(canvas.page.get_by_test_id("block-problem")).to_contain_text(["“hologram” block", "“laser” element", "malformed"])  # fmt: skip


async def test_a_picker_near_the_lower_edge_stays_in_the_window(canvas: Canvas) -> None:
    tall = {"type": "section", "text": mrkdwn("\n".join("line" for _ in range(26)))}
    select = {
        "type": "static_select",
        "action_id": "a",
        "options": [option(f"Number {n}") for n in range(20)],
    }
    await canvas.draw(tall, row(select))
    await canvas.page.get_by_test_id("picker").click()
    await asyncio.sleep(0)
    box = await canvas.page.locator(".listbox").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 700
