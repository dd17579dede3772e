import asyncio

from handlers.precedence import LONGEST, Precedence


async def turns(many: int) -> None:
    for _ in range(many):
        await asyncio.sleep(0)


async def begun(precedence: Precedence, many: int) -> list[asyncio.Task[None]]:
    answers = [asyncio.create_task(precedence.turn()) for _ in range(many)]
    await turns(1)
    return answers


def through(answers: list[asyncio.Task[None]]) -> int:
    return sum(each.done() for each in answers)


async def test_answers_wait_until_every_acknowledgement_is_out() -> None:
    precedence = Precedence()
    with precedence.acknowledging():
        with precedence.acknowledging():
            answers = await begun(precedence, 3)
        await turns(10)
        assert through(answers) == 0

    await asyncio.gather(*answers)


async def test_a_crowd_of_answers_does_not_begin_all_at_once() -> None:
    precedence = Precedence()
    answers = await begun(precedence, 100)

    await turns(3)
    assert 0 < through(answers) < 30
    with precedence.acknowledging():
        already = through(answers)
        await turns(10)
        assert through(answers) <= already + 8

    await asyncio.gather(*answers)


async def test_where_requests_come_without_a_pause_an_answer_still_begins() -> None:
    precedence = Precedence()
    with precedence.acknowledging():
        answers = await begun(precedence, 2)
        async with asyncio.timeout(100 * LONGEST):
            await asyncio.gather(*answers)


async def test_an_answer_that_is_given_up_holds_nobody_back() -> None:
    precedence = Precedence()
    with precedence.acknowledging():
        answers = await begun(precedence, 2)
        answers[0].cancel()
    await answers[1]
