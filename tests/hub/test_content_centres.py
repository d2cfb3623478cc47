"""centres.yaml: the sample is in order, and what nobody could serve is said with file, line and key."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from hub.content_files import load
from hub.core.routing import Need
from protocol.errors import ConfigError

SAMPLES = Path(__file__).parents[2] / "config" / "municipalities"
GOOD = """
skills:
  - {id: care, name: 介護, after_s: 60}
  - {id: english, name: 英語, language: en}
centres:
  - {id: minato, name: みなと}
  - {id: yamate, name: 山手}
overflow:
  minami: [{centre: minato}, {centre: yamate, after_s: 30}]
  kitamidai: [{centre: yamate}]
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the samples to break."""
    root = Path(shutil.copytree(SAMPLES, tmp_path / "municipalities"))
    (root / "centres.yaml").write_text(GOOD, "utf-8")
    return root


def complaints(root: Path, old: str, new: str) -> list[str]:
    """What is said once a text of the file is another."""
    assert old in GOOD
    (root / "centres.yaml").write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(root)
    return caught.value.message.replace(f"{root}/", "").splitlines()


def test_the_sample_names_a_centre_for_every_municipality() -> None:
    """And the needs of a call follow from procedure and language."""
    content = load(SAMPLES)
    shared = content.shared
    assert set(shared.overflow) == set(content.towns)
    skill = content.towns["minami"].procedures["care-insurance"].skill
    assert skill is not None
    needs = shared.needs((skill, None), "en")
    assert needs == (
        Need("care", 1, timedelta(seconds=60)), Need("english", 1, timedelta(seconds=90)),
    )  # fmt: skip
    assert shared.needs((skill, skill), "ja") == needs[:1]
    assert shared.order("minami") == (("minato", timedelta(0)), ("yamate", timedelta(seconds=30)))


def test_without_the_file_everybody_serves_everybody(copy: Path) -> None:
    """It need not be there, as long as nobody asks for a skill."""
    (copy / "centres.yaml").unlink()
    for town in ("minami", "kitamidai"):
        file = copy / town / "procedures" / "care-insurance.yaml"
        text = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("skill:")]
        file.write_text("\n".join(text) + "\n", "utf-8")
    shared = load(copy).shared
    assert (shared.centres, shared.order("minami")) == ((), ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{id: yamate, name", "{id: minato, name", "centres.yaml:7: centres[1].id: 'minato' stands twice"),
        ("minami: [", "minamo: [", "overflow.minamo: no municipality 'minamo'; did you mean 'minami'?"),
        ("{centre: yamate, after_s", "{centre: yamato, after_s",
         "centres.yaml:9: overflow.minami[1].centre: no centre 'yamato'; did you mean 'yamate'?"),
        ("  kitamidai: [{centre: yamate}]\n", "", "no centre serves 'kitamidai', so nobody would be rung"),
        ("[{centre: yamate}]", "[]", "overflow.kitamidai: no centre; nobody would be rung for it"),
        ("{centre: yamate, after_s", "{centre: minato, after_s",
         "'minato' stands before already: a call does not come back to it"),
        ("[{centre: minato}", "[{centre: minato, after_s: 5}",
         "overflow.minami[0].after_s: 5 s before anybody is asked"),
        ("after_s: 30}", "after_s: 30}, {centre: third, after_s: 20}", "20 s is less than the one before it"),
        ("  - {id: yamate", "  - {id: third, name: 第三}\n  - {id: yamate",
         "'third' serves no municipality, so its operators would never be rung"),
        ("language: en}", "language: en}\n  - {id: us, name: 米語, language: en}",
         "skills[2].language: language 'en' has a skill already"),
        ("  - {id: care, name: 介護, after_s: 60}\n", "",
         "minami/procedures/care-insurance.yaml:13: skill.id: nobody could have it: no skill 'care'"),
        ("after_s: 60", "after_s: soon", "centres.yaml:3: skills[0].after_s"),
    ],
)  # fmt: skip
def test_what_nobody_could_serve_is_refused(copy: Path, old: str, new: str, said: str) -> None:
    """One line for each mistake, with what to do."""
    assert any(said in line for line in complaints(copy, old, new)), complaints(copy, old, new)


def test_a_site_may_want_a_skill_too(copy: Path) -> None:
    """The same check, in the municipality's own file."""
    file = copy / "minami" / "municipality.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("tiles: false", "tiles: false\n    skill: {id: caer}", 1), "utf-8")
    (line,) = complaints(copy, "60}", "61}")
    assert "municipality.yaml" in line
    assert "sites[0].skill.id: nobody could have it: no skill 'caer'; did you mean 'care'?" in line
