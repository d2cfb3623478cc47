"""The command line: explains itself, checks everything, and says what, where, what to do."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import socket
from pathlib import Path

import msgspec
import pytest

from hub.__main__ import main
from hub.alone import hold
from hub.server import bind
from hub.settings import HubSettings, load
from tests.fakes.hub_program import CONTENT

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program takes over logging when it serves; here it must not."""
    monkeypatch.setattr("protocol.records.set_up", lambda level, *quiet: None)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings whose files all lie in tmp_path, with a copy of the content."""
    shutil.copytree(CONTENT, tmp_path / "content")
    path = tmp_path / "hub.yaml"
    path.write_text(
        f"content: {tmp_path}/content\n"
        f"database:\n  path: {tmp_path}/var/hub.db\n"
        f"keys: {{directory: {tmp_path}/var/keys}}\n"
        f"captures: {{directory: {tmp_path}/var/captures}}\n"
    )
    return path


def test_the_shipped_settings_are_good_and_are_the_defaults() -> None:
    """config/hub.yaml names every key that matters, each with its default."""
    assert load(ROOT / "config" / "hub.yaml") == HubSettings()


def test_every_setting_explains_itself() -> None:
    """A description for every key, and a range or unit where it is a number."""

    def walk(kind: type[msgspec.Struct]) -> None:
        for field in msgspec.inspect.type_info(kind).fields:  # type: ignore[attr-defined]
            inner = field.type
            if isinstance(inner, msgspec.inspect.StructType):
                walk(inner.cls)
                continue
            assert isinstance(inner, msgspec.inspect.Metadata), field.name
            assert inner.extra_json_schema, field.name
            if isinstance(inner.type, msgspec.inspect.FloatType | msgspec.inspect.IntType):
                assert inner.type.ge is not None, field.name
                assert inner.type.le is not None, field.name

    walk(HubSettings)


def test_help_explains_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """And the exit codes."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("add-admin", "add-kiosk", "set-password", "revoke-kiosk", "--check"))


def test_check_reads_everything_and_starts_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No database, no keys, no port."""
    assert main(["--config", str(config), "--check"]) == 0
    assert "good; 2 municipalities" in capsys.readouterr().out
    assert not (config.parent / "var").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("queue:\n  ring_s: 2\n", "hub.yaml:2: queue.ring_s: "),
        ("queue:\n  rings: 20\n", "hub.yaml:2: queue.rings: "),
        ("listen:\n  port: 8:30\n", "hub.yaml:2: listen.port: "),
        ("name: Hub Number One\n", "hub.yaml:1: name: "),
        ("listen: [\n", "hub.yaml:"),
        ("listen:\n  host: a\n  host: b\n", "hub.yaml:3: listen.host: "),
    ],
)
def test_a_wrong_setting_names_file_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """Exit code 2, nothing is started."""
    path = tmp_path / "hub.yaml"
    path.write_text(text)
    assert main(["--config", str(path)]) == 2
    assert message in capsys.readouterr().err


def test_wrong_content_names_file_line_and_key(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, before a database is made."""
    page = config.parent / "content" / "minami" / "pages" / "card-flow.yaml"
    page.write_text(page.read_text("utf-8").replace("title:", "titel:"), "utf-8")
    assert main(["--config", str(config)]) == 2
    assert "card-flow.yaml:" in capsys.readouterr().err
    assert not (config.parent / "var").exists()


def test_missing_settings_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    assert main(["--config", str(tmp_path / "none.yaml"), "--check"]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_port_in_use_says_what_to_do(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 3, with host, port, and how to find who listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["--config", str(config), "--port", str(port)]) == 3
    message = capsys.readouterr().err
    assert f"127.0.0.1 port {port}" in message
    assert "--port" in message
    assert not (config.parent / "var").exists(), "nothing is started half"


def test_a_second_hub_on_the_same_database_ends_and_says_so(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another port is no way round: the first hub's calls are not taken from it."""
    held = hold(tmp_path / "var" / "hub.db")
    try:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        assert main(["--config", str(config), "--port", port]) == 1
        assert "another hub serves it" in capsys.readouterr().err
    finally:
        os.close(held)


async def test_small_messages_leave_at_once() -> None:
    """No connection waits 40 ms for more to send: each word of a call is a small frame of its own."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def took(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here = writer.get_extra_info("socket")
        accepted.set_result(here.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    bound = bind(msgspec.structs.replace(HubSettings().listen, port=0))
    async with await asyncio.start_server(took, sock=bound):
        _, writer = await asyncio.open_connection("127.0.0.1", bound.getsockname()[1])
        assert await accepted
        writer.close()


def test_an_address_that_is_not_ours_says_so(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1."""
    config.write_text(config.read_text() + "listen: {host: 192.0.2.1}\n")
    assert main(["--config", str(config)]) == 1
    assert "listen.host" in capsys.readouterr().err


def test_a_port_that_is_none_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, naming the option."""
    assert main(["--config", str(config), "--port", "99999"]) == 2
    assert "--port" in capsys.readouterr().err


def test_a_database_that_cannot_be_used_says_where(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, with the path and the setting."""
    (config.parent / "var" / "hub.db").mkdir(parents=True)
    assert main(["--config", str(config), "list"]) == 1
    message = capsys.readouterr().err
    assert f"{config.parent}/var/hub.db" in message
    assert "database.path" in message


def _with_password(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))


def test_people_and_terminals_are_added_by_command(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An admin for all municipalities, a name only once, a short password never; then the list."""
    base = ["--config", str(config)]
    _with_password(monkeypatch, "short")
    assert main([*base, "add-admin", "sato"]) == 1
    assert "at least 10" in capsys.readouterr().err
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-admin", "sato", "--display", "佐藤"]) == 0
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-operator", "sato"]) == 1
    assert "choose another" in capsys.readouterr().err
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-operator", "hana", "--municipality", "atlantis"]) == 1
    assert "known: kitamidai, minami" in capsys.readouterr().err
    assert main([*base, "list"]) == 0
    assert "person    sato                 admin: kitamidai, minami" in capsys.readouterr().out


def test_a_person_is_added_with_several_roles(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each role in each municipality that is named; a department goes with a specialist alone."""
    base = ["--config", str(config)]
    for roles, message in (
        (["--role", "specialist"], "give --department"),
        (["--role", "operator", "--department", "kaigo"], "leave --department out"),
    ):
        _with_password(monkeypatch, "long enough now")
        assert main([*base, "add-user", "mori", *roles]) == 1
        assert message in capsys.readouterr().err
    both = ["--role", "operator", "--role", "supervisor", "--municipality", "minami"]
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-user", "mori", *both]) == 0
    staff = ["--role", "specialist", "--department", "kaigo", "--municipality", "minami"]
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-user", "hata", *staff]) == 0
    assert main([*base, "list"]) == 0
    listed = capsys.readouterr().out
    assert "person    mori                 operator: minami; supervisor: minami" in listed
    assert "person    hata                 specialist of kaigo: minami" in listed


def test_rights_are_taken_away_and_given_back_by_command(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command says what it did, the list shows who is not let in, a wrong name is told who there is."""
    base = ["--config", str(config)]
    place = ["--municipality", "minami", "--site", "kita", "--terminal", "kita-1"]
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-operator", "hana", "--municipality", "minami"]) == 0
    assert main([*base, "add-kiosk", "k1", *place, "--public-key", "A" * 43 + "="]) == 0
    assert main([*base, "disable-user", "hana"]) == 0
    assert main([*base, "revoke-kiosk", "k1"]) == 0
    assert main([*base, "list"]) == 0
    listed = capsys.readouterr().out
    assert "hana                 operator: minami (disabled)" in listed
    assert "k1                   minami/kita (revoked)" in listed
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-operator", "hana"]) == 1
    assert "enable-user hana" in capsys.readouterr().err
    _with_password(monkeypatch, "short")
    assert main([*base, "set-password", "hana"]) == 1
    _with_password(monkeypatch, "even longer than before")
    assert main([*base, "set-password", "hana"]) == 0
    assert "still disabled" in capsys.readouterr().out
    assert main([*base, "enable-user", "hana"]) == 0
    assert main([*base, "add-kiosk", "k1", *place, "--public-key", "A" * 43 + "="]) == 0
    assert main([*base, "list"]) == 0
    assert "(" not in capsys.readouterr().out
    for job, known in (("disable-user", "hana"), ("enable-user", "hana"), ("revoke-kiosk", "k1")):
        assert main([*base, job, "nope"]) == 1
        assert f"known: {known}" in capsys.readouterr().err
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "set-password", "nope"]) == 1
    assert "nobody has the login name nope; known: hana" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--municipality", "atlantis", "--site", "x", "--public-key", "A" * 43 + "="], "no municipality"),
        (["--municipality", "minami", "--site", "x", "--public-key", "A" * 43 + "="], "no site x"),
        (
            ["--municipality", "minami", "--site", "kita", "--terminal", "nope", "--public-key", "x"],
            "--terminal: site kita has no terminal nope; known: kita-1, kita-2",
        ),
        (
            ["--municipality", "minami", "--site", "kita", "--public-key", "x"],
            "the device id stands for --terminal: site kita has no terminal t1; known: kita-1, kita-2",
        ),
        (
            ["--municipality", "minami", "--site", "honcho", "--terminal", "honcho-1", "--public-key", "x"],
            "32 bytes",
        ),
    ],
)
def test_a_terminal_needs_a_place_and_a_key(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """Each mistake is named with what there is, and nothing is registered."""
    assert main(["--config", str(config), "add-kiosk", "t1", *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not (config.parent / "var").exists()


def test_a_terminal_does_not_change_its_municipality(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second registration may bring a new key, but no other municipality."""
    key = ["--public-key", "A" * 43 + "="]
    add = ["--config", str(config), "add-kiosk", "t1", *key]
    assert main([*add, "--municipality", "minami", "--site", "honcho", "--terminal", "honcho-1"]) == 0
    assert main([*add, "--municipality", "minami", "--site", "kita", "--terminal", "kita-2"]) == 0
    away = ["--municipality", "kitamidai", "--site", "yakuba", "--terminal", "yakuba-1"]
    assert main([*add, *away]) == 1
    assert "belongs to minami" in capsys.readouterr().err


HOME = ["--municipality", "minami", "--site", "kita", "--terminal", "kita-1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add-kiosk", device, *HOME, "--public-key", "A" * 43 + "="], "device: ")
        for device in ("", "T1", "t 1", "端末", "t1\n", "-", "a", "a" * 64, "../t1")
    ]
    + [
        (["add-kiosk", "t1", *HOME, "--public-key", key], "--public-key: ")
        for key in ("", "鍵" * 44, "A" * 43 + "\x00", "A" * 44, "A" * 43, "ssh-ed25519 AAAA")
    ]
    + [
        (["add-operator", name], "login name: ")
        for name in ("", " ", "ha na", "hana ", "ha\tna", "ha\x00na", "x" * 65, "ha\u200bna")
    ]
    + [
        (["add-admin", "hana", "--display", display], "--display: ")
        for display in ("", "  ", " 花", "花\n子", "花" * 81, "花\x07")
    ]
    + [
        (words, "not text in UTF-8")
        for words in (
            ["add-operator", "hana\udcff"],
            ["add-operator", "hana", "--municipality", "minami\udcff"],
            ["disable-user", "hana\udcff"],
            ["revoke-kiosk", "t1\udcff"],
        )
    ],
)
def test_odd_arguments_are_refused_with_what_is_allowed(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str],
    message: str,
) -> None:  # fmt: skip
    """Each with the argument's name, without a traceback, and nothing is written."""
    _with_password(monkeypatch, "long enough now")
    assert main(["--config", str(config), *arguments]) == 1
    said = capsys.readouterr().err
    assert said.startswith("hub: ")
    assert message in said
    assert not (config.parent / "var").exists()


@pytest.mark.parametrize("password", ["x" * 1025, "long enough \udcff", "short", "    spaces    \udc80"])
def test_a_password_that_could_never_be_used_is_refused(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """Too short, longer than a login carries, or not text."""
    _with_password(monkeypatch, password)
    assert main(["--config", str(config), "add-operator", "hana"]) == 1
    assert "password" in capsys.readouterr().err


def test_names_that_people_have_are_taken(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kanji, dots, a municipality said twice; and the longest device id that a terminal may have."""
    base = ["--config", str(config)]
    for name in ("佐藤", "hana.sato@example.jp", "x" * 64):
        _with_password(monkeypatch, "long enough now")
        twice = ["--municipality", "minami", "--municipality", "minami"]
        assert main([*base, "add-operator", name, "--display", "佐藤 ひかり", *twice]) == 0
    assert main([*base, "add-kiosk", "a" * 63, *HOME, "--public-key", "A" * 43 + "="]) == 0
    assert "minami, minami" not in capsys.readouterr().out


def test_skills_and_centres_are_given_and_taken_away_by_command(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what centres.yaml knows; the list shows them."""
    base = ["--config", str(config)]
    _with_password(monkeypatch, "long enough now")
    assert main([*base, "add-operator", "hana"]) == 0
    for words, message in (
        (["set-skill", "hana", "caer", "1"], "no skill caer in centres.yaml; did you mean care?"),
        (["set-skill", "hana", "care", "6"], "6 is no level; give 1 to 5, or 0"),
        (["set-skill", "jiro", "care", "1"], "nobody has this login name"),
        (["set-centre", "hana", "osaka"], "no centre osaka in centres.yaml; known: minato, yamate"),
        (["set-centre", "jiro", "minato"], "nobody has this login name"),
    ):
        assert main([*base, *words]) == 1
        assert message in capsys.readouterr().err
    assert main([*base, "set-skill", "hana", "care", "2"]) == 0
    assert main([*base, "set-centre", "hana", "minato"]) == 0
    capsys.readouterr()
    assert main([*base, "list"]) == 0
    assert "operator: kitamidai, minami; centre minato, care 2" in capsys.readouterr().out
    assert main([*base, "set-skill", "hana", "care", "0"]) == 0
    assert main([*base, "set-centre", "hana", "-"]) == 0
    capsys.readouterr()
    assert main([*base, "list"]) == 0
    assert "operator: kitamidai, minami\n" in capsys.readouterr().out


def test_a_load_says_how_many_operators_it_wants(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the neighbours, so that one sees what one more or fewer means; odd figures are refused."""
    assert main(["--config", str(config), "staffing", "15", "20"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "keep 5.0 operators busy" in lines[0]
    (wanted,) = [line for line in lines if "<-" in line]
    assert wanted.split()[:4] == ["8", "84.1%", "67", "s"]
    assert main(["--config", str(config), "staffing", "nan", "20"]) == 1
    assert "calls per hour: nan is not from 0.1 to 10000" in capsys.readouterr().err
    assert main(["--config", str(config), "staffing", "15", "20", "--percent", "100"]) == 1
    assert "percent: 100 is not from 1 to 99.9" in capsys.readouterr().err
