"""The list of deliberate faults fits the code as it is; `make mutants` shows that each is noticed."""

import re
from pathlib import Path

import pytest

from tests.mutants.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_a_fault_changes_one_place_and_its_tests_exist(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old) == 1
    assert fault.old != fault.new
    for test in fault.tests:
        file, _, name = test.partition("::")
        assert re.search(rf"def {name}\(|^{name} = ", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_no_fault_is_listed_twice() -> None:
    assert len({each.name for each in FAULTS}) == len(FAULTS) >= 15
