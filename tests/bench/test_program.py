import pytest

from bench import __main__ as program
from bench import rivals


def test_a_rival_that_is_not_installed_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rivals, "NEEDED", ("json", "no_such_rival"))
    monkeypatch.setattr("sys.argv", ["bench", "--quick", "rivals"])
    assert program.main() == 1
    assert (
        "rivals was not measured: no_such_rival not installed here; `make bench` installs"
        in capsys.readouterr().out
    )


def test_an_unknown_scenario_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "fanuot"])
    with pytest.raises(SystemExit):
        program.main()
    assert "there is no fanuot; there are fanout, rivals" in capsys.readouterr().err
