"""Deliberate faults, each in one place of the code, with the tests that must notice it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One wrong change."""

    name: str
    file: str
    old: str  # occurs exactly once in the file
    new: str
    tests: tuple[str, ...]  # at least one of them must fail


ENGINE: Final = "tests/bot/test_engine.py::"
WORK: Final = "tests/storage/test_work.py::"
PLAN: Final = "tests/storage/test_plan.py::"
BEGIN: Final = "tests/bot/test_beginning.py::"
SIMULATED: Final = "tests/simulation/test_machine.py::TestEverything"
KILLS: Final = "tests/crash/test_kill_points.py::"

FAULTS: Final = (
    Fault(
        name="no intent before the request",
        file="storage/claims.py",
        old="        meant = codes.replace(PENDING, INTENT) if claim.intend else codes\n",
        new="        meant = codes\n",
        tests=(f"{WORK}test_claiming_makes_the_intent_durable_and_says_how_it_stood_before",),
    ),
    Fault(
        name="a request that must never be repeated goes out before its intent is durable",
        file="bot/crew.py",
        old="            elif not hand.intended and not await self._stock.intended(hand, numbers):\n",
        new="            elif hand is None:\n",
        tests=(
            "tests/power/test_power_loss.py::test_whatever_was_acknowledged_outlives_a_power_cut_at_any_moment",
        ),
    ),
    Fault(
        name="class B repeated without reading first",
        file="bot/dispatch.py",
        old="        if self.repeat is RepeatClass.HARMLESS:\n",
        new="        if self.repeat is not RepeatClass.NEITHER:\n",
        tests=(f"{ENGINE}test_after_a_crash_behind_the_request_the_restart_reads_and_does_not_repeat",),
    ),
    Fault(
        name="class C sent twice",
        file="bot/dispatch.py",
        old="            return self._never_known(numbers)\n        found = await",
        new="            return {}\n        found = await",
        tests=(
            f"{ENGINE}test_a_lost_answer_of_a_vendor_that_can_not_be_asked_is_unknown_and_never_repeated",
        ),
    ),
    Fault(
        name="done before the vendor confirmed",
        file="bot/tally.py",
        old="    if counts.awaiting:\n        return Kind.SUBMITTED\n",
        new="    if counts.awaiting:\n        return Kind.DONE\n",
        tests=(f"{ENGINE}test_accepted_is_not_done_until_the_record_says_so",),
    ),
    Fault(
        name="posted again without looking for the first",
        file="handlers/telling.py",
        old="        lost = standing_ts(notice) is None and notice.ambiguous\n",
        new="        lost = False\n",
        tests=(
            "tests/handlers/test_thread.py::test_a_card_whose_answer_was_lost_is_found_and_not_posted_again",
        ),
    ),
    Fault(
        name="what was being sent at the crash is taken for not sent",
        file="storage/outbox.py",
        old='"UPDATE outbox SET state = ?, ambiguous = 1, not_before = ?"',
        new='"UPDATE outbox SET state = ?, ambiguous = 0, not_before = ?"',
        tests=("tests/storage/test_outbox.py::test_what_was_on_its_way_when_the_process_ended_is_ambiguous",),
    ),
    Fault(
        name="synchronous=NORMAL",
        file="storage/file.py",
        old="PRAGMA synchronous = FULL",
        new="PRAGMA synchronous = NORMAL",
        tests=(
            "tests/power/test_power_loss.py::test_whatever_was_acknowledged_outlives_a_power_cut_at_any_moment",
        ),
    ),
    Fault(
        name="an acknowledged Stop is overtaken at the start",
        file="front/bot.py",
        old="        self.engine.leave_alone(decisions.ended_by(left))\n",
        new="",
        tests=(
            "tests/stories/test_restarts.py::test_a_stop_that_was_kept_comes_before_what_it_stops_goes_on",
        ),
    ),
    Fault(
        name="acknowledged and not kept",
        file="handlers/decisions.py",
        old="    match await desk.keep(key, verb, body):\n",
        new="    match Kept.NEW:\n",
        tests=(f"{KILLS}test_a_yes_that_was_heard_was_kept_before",),
    ),
    Fault(
        name="reported before it is durable",
        file="storage/writer.py",
        old='            self._connection.execute("COMMIT").fetchall()\n        except',
        new="            for job, ended in zip(jobs, endings, strict=True):\n"
        "                _tell(job, ended)\n"
        '            self._connection.execute("COMMIT").fetchall()\n'
        "            return\n        except",
        tests=("tests/storage/test_writer.py::test_nothing_is_reported_before_it_is_committed",),
    ),
    Fault(
        name="the fence is ignored",
        file="storage/claims.py",
        old="        if fence != each.chunk.fence:\n            continue\n",
        new="",
        tests=(f"{WORK}test_what_is_written_under_an_old_fence_changes_nothing",),
    ),
    Fault(
        name="the compare-and-set is ignored",
        file="storage/moves.py",
        old="    return row is not None and bool(row[0] == step.before.version)\n",
        new="    return row is not None\n",
        tests=("tests/storage/test_records.py::test_of_fifty_people_pressing_yes_at_once_exactly_one_wins",),
    ),
    Fault(
        name="a recall that was taken off the queue begins",
        file="storage/plan.py",
        old="    if not stands(connection, start):\n        return None\n",
        new="",
        tests=(f"{PLAN}test_a_recall_that_has_moved_on_does_not_begin_and_nothing_is_written",),
    ),
    Fault(
        name="the first request goes out before its intent is kept",
        file="bot/preparing.py",
        old="        intend = provider.traits.repeat is not RepeatClass.NEITHER or alone\n",
        new="        intend = False\n",
        tests=(f"{BEGIN}test_start_items_and_intent_are_one_write_and_durable_before_the_request",),
    ),
    Fault(
        name="a plan that a crash cut short begins anew",
        file="storage/plan.py",
        old="ids != json.dumps(piece):\n",
        new="ids:\n",
        tests=(f"{PLAN}test_a_plan_that_was_cut_short_goes_on_and_what_stands_is_not_written_again",),
    ),
    Fault(
        name="a vendor that hangs keeps its room for ever",
        file="bot/lanes.py",
        old="        return sum(call.crew is None or call.since > since for call in self._calls)\n",
        new="        return len(self._calls)\n",
        tests=("tests/bot/test_room.py::test_a_vendor_that_hangs_with_all_its_slots_soon_keeps_nobody_back",),
    ),
    Fault(
        name="a repeated envelope is taken for a new one",
        file="storage/intake.py",
        old="            fresh.append(key in new)\n",
        new="            fresh.append(True)\n",
        tests=("tests/storage/test_inbox.py::test_a_repeated_envelope_is_kept_once",),
    ),
    Fault(
        name="Retry takes all items",
        file="storage/chunks.py",
        old=" if code in wanted else code for code in range(256))",
        new=" for code in range(256))",
        tests=(
            f"{WORK}test_for_a_new_attempt_failed_items_are_as_new_unknown_ones_doubtful_and_the_rest_stays",
        ),
    ),
    Fault(
        name="Retry takes all items of a chunk, in a simulated story",
        file="storage/chunks.py",
        old=" if code in wanted else code for code in range(256))",
        new=" for code in range(256))",
        tests=(SIMULATED,),
    ),
    Fault(
        name="Stop is ignored",
        file="bot/running.py",
        old="        if now is None or now.stopping or now.state is not State.RUNNING:\n",
        new="        if now is None or now.state is not State.RUNNING:\n",
        tests=(
            "tests/bot/test_engine_items.py::test_a_stop_is_heard_within_seconds_and_the_numbers_are_exact",
        ),
    ),
    Fault(
        name="the vendor's window is not looked at before dispatch",
        file="bot/attempt.py",
        old="    if target.capability.closes_at is not None and target.capability.closes_at <= now:\n",
        new="    if target.capability.closes_at is not None and now is None:\n",
        tests=(f"{ENGINE}test_a_window_that_closes_between_yes_and_dispatch_refuses",),
    ),
    Fault(
        name="something else than the card showed is recalled",
        file="bot/attempt.py",
        old="    if target.fingerprint() != recall.target.fingerprint():\n",
        new="    if not target.fingerprint():\n",
        tests=(f"{ENGINE}test_what_changed_since_the_card_is_refused_by_name",),
    ),
    Fault(
        name="no second person for a large audience",
        file="bot/policy.py",
        old="        return sent is None or sent > self.second_person.audience_over\n",
        new="        return False\n",
        tests=(
            "tests/bot/test_policy.py::test_a_second_person_is_needed_above_the_limit_and_when_the_number_is_unknown",
        ),
    ),
    Fault(
        name="people approve their own recall",
        file="bot/policy.py",
        old="        if person.actor == asker and not self.second_person.self_approval:\n",
        new="        if person.actor == asker and self.second_person.self_approval:\n",
        tests=("tests/bot/test_policy.py::test_nobody_approves_their_own_recall_unless_that_is_set",),
    ),
    Fault(
        name="a no in a 200 answer is taken for done",
        file="bot/providers/netmera_answers.py",
        old="    if not answer.failed and not _says_no(body):\n",
        new="    if not answer.failed:\n",
        tests=("tests/providers/test_netmera_answers.py::test_a_refusal_is_told_in_words",),
    ),
    Fault(
        name="what was kept is not carried out after a restart",
        file="handlers/decisions.py",
        old="        if known:\n            await desk.guarded(",
        new="        if not known:\n            await desk.guarded(",
        tests=(f"{KILLS}test_a_yes_that_was_heard_was_kept_before",),
    ),
    Fault(
        name="a vendor's word to wait is forgotten",
        file="storage/gates.py",
        old="    return Gate(account=account, until=moment(row[0]), why=row[1]) if row else None\n",
        new="    return None\n",
        tests=(
            "tests/bot/test_lanes.py::test_retry_after_holds_every_recall_of_that_vendor_also_over_a_restart",
        ),
    ),
    Fault(
        name="one lane for all vendors",
        file="bot/lanes.py",
        old="        account = account_of(provider, target)\n        if account not in self._lanes:\n",
        new='        account = "all"\n        if account not in self._lanes:\n',
        tests=(
            "tests/bot/test_side_by_side.py::test_a_vendor_that_never_answers_holds_up_no_recall_at_another",
        ),
    ),
    Fault(
        name="one message waits until a merge is through",
        file="bot/lanes.py",
        old="            crew = crews[0]\n            crews.rotate(-1)\n",
        new="            crew = crews[-1]\n",
        tests=(
            "tests/bot/test_lanes.py::test_a_recall_of_one_message_waits_for_one_request_of_a_merge_at_most",
        ),
    ),
    Fault(
        name="outbox order is ignored",
        file="storage/outbox.py",
        old="WHERE place = 1 AND state = 0 AND",
        new="WHERE state = 0 AND",
        tests=(
            "tests/storage/test_outbox.py::test_nothing_overtakes_a_reply_that_has_to_wait_and_other_cards_go_on",
        ),
    ),
)
