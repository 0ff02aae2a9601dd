"""Configs: what is accepted, what is refused and in which words, and the way to and from JSON.

Long, because each setting is tried at its bounds and beyond them.
"""

import dataclasses
import json
import random

import pytest

from cnngru import config as c
from cnngru import schema
from cnngru.presets import PRESETS, preset

SEEDS = range(50)


def random_config(seed: int) -> c.Config:
    """A valid config with every setting drawn at random."""
    r = random.Random(seed)
    convs = tuple(
        c.Conv((r.choice([1, 3, 5, 7]), r.choice([1, 3])), r.randint(1, 1024), (1, r.choice([1, 2])))
        for _ in range(r.randint(1, 3))
    )
    return c.Config(
        c.DataConfig(
            name=r.choice(["cifar10", "rowcue", "folder"]),
            path=r.choice(["/data/katzen und hunde", "ä/ö"]),
            pictures=r.randint(0, 50_000),
            validation=r.uniform(0.01, 0.5),
            flip=r.random() < 0.5,
            shift=r.randint(0, 8),
            cutout=r.randint(0, 32),
            seed=r.getrandbits(31),
            shuffle_labels=r.random() < 0.5,
        ),
        c.ModelConfig(
            stem_stride=r.choice([1, 2]),
            convs=convs,
            encoder=r.choice(["rows", "pixels", "seed-cnn"]),
            cell=r.choice(["gru", "gru-textbook", "lstm", "rnn", "mingru", "none"]),
            hidden=r.randint(1, 2048),
            layers=r.randint(1, 4),
            bidirectional=r.random() < 0.5,
            readout=r.choice(["last", "mean"]),
            keep_bias=r.uniform(-20, 20),
        ),
        c.TrainingConfig(
            epochs=r.randint(1, 1000),
            batch=r.randint(2, 10_000),
            optimizer=r.choice(["muon", "adamw", "adam"]),
            schedule=r.choice(["one-cycle", "constant"]),
            learning_rate=10 ** r.uniform(-7, 1),
            label_smoothing=r.uniform(0, 0.5),
            device=r.choice(["auto", "cpu", "cuda", "mps"]),
            precision=r.choice(["auto", "float32", "bfloat16"]),
        ),
        preset=r.choice(["", "quick"]),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_json_round_trip(seed: int) -> None:
    config = random_config(seed)
    assert c.Config.from_json(config.to_json()) == config


def test_json_round_trip_gives_tuples_back() -> None:
    """A frozen dataclass with a list in it is not hashable."""
    config = c.Config.from_json(c.Config().to_json())
    assert isinstance(config.model.convs, tuple)
    assert isinstance(config.model.convs[0].kernel, tuple)
    assert hash(config) == hash(c.Config())


def test_left_out_settings_take_their_defaults() -> None:
    assert c.Config.from_json('{"training": {"epochs": 3}}') == c.Config(training=c.TrainingConfig(epochs=3))


@pytest.mark.parametrize("data", ["cifar10", "rowcue", "folder"])
@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_valid(name: str, data: str) -> None:
    config = preset(name, data, path="somewhere")
    assert config.preset == name
    assert config.data.name == data
    model, training = PRESETS[name]
    # RowCue has row encoders and a number of epochs of its own; the document's network keeps those that it is about.
    own = data == "rowcue" and model.encoder == "rows"
    assert config.training == (dataclasses.replace(training, epochs=6) if own else training)
    assert (config.model == model) == (data != "rowcue" or model.encoder != "rows")
    assert config.model.hidden == model.hidden
    assert c.Config.from_json(config.to_json()) == config


def test_the_gated_readout_is_the_textbook_grus() -> None:
    config = c.ModelConfig(cell="gru-textbook", readout="gated", layers=2)
    assert schema.from_dict(c.ModelConfig, dataclasses.asdict(config)) == config


def test_the_documents_recipe_is_its_own_on_any_data() -> None:
    for data in ("cifar10", "rowcue"):
        config = preset("document", data)
        assert (config.data.flip, config.data.shift) == (False, 0)
        assert (config.model.encoder, config.model.hidden, config.model.layers) == ("seed-cnn", 256, 2)
        assert (config.training.optimizer, config.training.batch, config.training.epochs) == ("adam", 64, 10)


def test_rowcue_is_neither_mirrored_nor_moved() -> None:
    data = preset("quick", "rowcue").data
    assert (data.flip, data.shift) == (False, 0)
    assert preset("quick", "cifar10").data.flip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "not JSON"),
        ("[]", "expected settings by name, got list"),
        ('{"trainig": {}}', "'trainig'"),
        ('{"training": {"epoch": 3}}', "'epoch'"),
        ('{"training": 3}', "training"),
        ('{"training": {"epochs": "3"}}', "training.epochs: expected int"),
        ('{"training": {"epochs": 3.5}}', "training.epochs: expected int"),
        ('{"training": {"epochs": true}}', "training.epochs: expected int"),
        ('{"training": {"epochs": null}}', "training.epochs: expected int"),
        ('{"training": {"learning_rate": "fast"}}', "training.learning_rate: expected float"),
        ('{"training": {"learning_rate": true}}', "training.learning_rate: expected float"),
        ('{"training": {"learning_rate": NaN}}', "Learning rate"),
        ('{"training": {"optimizer": "sgd"}}', "training.optimizer: expected one of muon, adamw"),
        ('{"data": {"flip": 1}}', "data.flip: expected bool"),
        ('{"data": {"name": "mnist"}}', "data.name"),
        ('{"data": {"path": 5}}', "data.path: expected str"),
        ('{"model": {"convs": 5}}', "model.convs: expected a list"),
        ('{"model": {"convs": [{"kernel": [3], "channels": 8}]}}', "model.convs[0].kernel: expected 2 values"),
        ('{"model": {"convs": [{"kernel": [3, "3"], "channels": 8}]}}', "model.convs[0].kernel[1]: expected int"),
        ('{"model": {"convs": [{"kernel": [3, 3]}]}}', "channels"),
    ],
)
def test_what_is_no_config_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(c.ConfigError) as error:
        c.Config.from_json(text)
    assert named in str(error.value)


# Setting, the bounds that must be taken, and values just outside them.
BOUNDS: list[tuple[str, tuple[object, ...], tuple[object, ...]]] = [
    ("data.pictures", (0, 2, 10_000_000), (-1, 1, 10_000_001)),
    ("data.validation", (0.01, 0.5), (0.0, 0.51)),
    ("data.shift", (0, 8), (-1, 9)),
    ("data.cutout", (0, 32), (-1, 33)),
    ("data.seed", (0, 2**53 - 1), (-1, 2**53, 10**20, 10**5000)),
    ("model.stem_stride", (1, 2), (0, 3)),
    ("model.hidden", (1, 2048), (0, 2049)),
    ("model.layers", (1, 4), (0, 5)),
    ("model.keep_bias", (-20, 20), (-20.5, 20.5)),
    ("training.epochs", (1, 1000), (0, 1001)),
    ("training.seconds", (0, 10_000_000), (-1, 10_000_001)),
    ("training.until_accuracy", (0, 1), (-0.1, 1.1)),
    ("training.patience", (0, 1000), (-1, 1001)),
    ("training.batch", (2, 10_000), (1, 10_001)),
    ("training.learning_rate", (1e-7, 10), (0, 11)),
    ("training.muon_rate", (1e-7, 10), (0, 11)),
    ("training.weight_decay", (0, 10), (-0.1, 10.1)),
    ("training.label_smoothing", (0, 0.5), (-0.1, 0.51)),
    ("training.recurrent_rate", (1e-7, 10), (0, 11)),
    ("training.threads", (0, 1024), (-1, 1025)),
    ("training.seed", (0, 2**53 - 1), (-1, 2**53, 10**20, 10**5000)),
]


@pytest.mark.parametrize(("setting", "inside", "outside"), BOUNDS)
def test_bounds(setting: str, inside: tuple[object, ...], outside: tuple[object, ...]) -> None:
    part, _, name = setting.partition(".")
    for value in inside:
        assert getattr(getattr(c.override(c.Config(), setting, value), part), name) == value
    for value in outside:
        with pytest.raises(c.ConfigError):
            c.override(c.Config(), setting, value)


PARTS = {"data": c.DataConfig, "model": c.ModelConfig, "training": c.TrainingConfig}
NUMBERS = [
    (f"{part}.{field.name}", schema.bounds(kind, field.name))
    for part, kind in PARTS.items()
    for field in dataclasses.fields(kind)
    if field.type in ("int", "float") and not schema.choices(kind, field.name)
]


def test_every_number_has_bounds_and_they_are_tried() -> None:
    assert all(limits for _, limits in NUMBERS)
    assert {setting for setting, *_ in BOUNDS} == {setting for setting, _ in NUMBERS} | {"model.stem_stride"}
    assert schema.bounds(c.Conv, "channels") == schema.Bounds(1, 1024)


@pytest.mark.parametrize(("setting", "limits"), NUMBERS)
@pytest.mark.parametrize("bad", ["NaN", "1e999", "-1e999", "true", "null", '"1"', "[1]", "{}", "1" + "0" * 400])
def test_what_is_no_such_number_is_refused_briefly(setting: str, limits: schema.Bounds, bad: str) -> None:
    part, name = setting.split(".")
    with pytest.raises(c.ConfigError) as error:
        c.Config.from_json(f'{{"{part}": {{"{name}": {bad}}}}}')
    assert len(str(error.value)) < 200


def test_a_refusal_says_what_is_allowed() -> None:
    for setting, value, said in (
        ("training.learning_rate", 11, "Learning rate must be 1e-07 to 10; got 11"),
        ("training.batch", 1, "Batch must be 2 to 10,000 pictures; got 1."),
        ("training.seed", 10**20, "The training's seed must be 0 to 9,007,199,254,740,991; got 100000000000000000000."),
        ("data.seed", -1, "The data's seed must be 0 to"),
        ("model.cell", "x", "There is no cell 'x'; choose one of gru, gru-textbook, lstm, rnn, mingru, none."),
    ):
        with pytest.raises(c.ConfigError) as error:
            c.override(c.Config(), setting, value)
        assert said in str(error.value)


def test_what_a_setting_may_be_is_said_in_one_way() -> None:
    assert schema.choices(c.ModelConfig, "cell")[-1] == "none"
    assert schema.choices(c.ModelConfig, "bidirectional") == (False, True)
    assert schema.choices(c.ModelConfig, "convs") == schema.choices(c.DataConfig, "path") == ()
    assert schema.allowed(c.TrainingConfig, "device") == "auto, cpu, cuda, mps"
    assert schema.allowed(c.DataConfig, "flip") == "false, true"
    assert schema.allowed(c.DataConfig, "path") == "text"
    assert schema.allowed(c.ModelConfig, "stem_stride") == "1, 2"


@dataclasses.dataclass(frozen=True)
class Older:
    """A setting that was called `lr` at first, and `step` after that."""

    learning_rate: float = dataclasses.field(default=0.1, metadata=schema.within(0, 1, formerly=("lr", "step")))
    other: int = 0

    def __post_init__(self) -> None:
        schema.check(self)


def test_a_setting_by_its_former_name_is_read_as_it_is_called_now() -> None:
    for name in ("learning_rate", "lr", "step"):
        assert schema.from_dict(Older, {"other": 1, name: 0.5}) == Older(0.5, 1)
        with pytest.raises(c.ConfigError, match="must be 0 to 1"):
            schema.from_dict(Older, {name: 2})
    for names in (("lr", "learning_rate"), ("lr", "step")):
        with pytest.raises(c.ConfigError, match="give one of them"):
            schema.from_dict(Older, dict.fromkeys(names, 0.5))
    with pytest.raises(c.ConfigError, match="there are learning_rate, other"):
        schema.from_dict(Older, {"rate": 0.5})


def test_a_run_of_before_opens_when_a_setting_is_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    field = c.TrainingConfig.__dataclass_fields__["epochs"]
    monkeypatch.setattr(field, "metadata", {**field.metadata, "formerly": ("rounds",)})
    assert c.Config.from_json('{"training": {"rounds": 3}}').training.epochs == 3
    assert c.override(c.Config(), "training.rounds", 5).training.epochs == 5
    assert "rounds" not in c.Config.from_json('{"training": {"rounds": 3}}').to_json()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"data": ' + "[" * 100_000, "nested too deeply"),
        ('{"data": ' * 100_000, "nested too deeply"),
        ('{"data": {"path": ' + "[" * 500 + "]" * 500 + "}}", "data.path: expected str"),
        ('{"training": {"epochs": ' + "9" * 5000 + "}}", "not JSON"),
        ('{"training": {"epochs": 1, "epochs": 2}}', "'epochs' is given twice"),
        ('{"data": {}, "data": {}}', "'data' is given twice"),
        (b"\xff\xfe", "not JSON"),
        (b"", "not JSON"),
        (b"\x00" * 20, "not JSON"),
        ('{"' + "x" * 10_000 + '": 1}', "unknown setting"),
        ('{"data": {"path": "a\\u0000b"}}', "NUL"),
    ],
)
def test_a_strangers_config_is_refused_in_a_few_words(text: str | bytes, named: str) -> None:
    with pytest.raises(c.ConfigError) as error:
        c.Config.from_json(text)
    assert named in str(error.value)
    assert len(str(error.value)) < 300


def test_a_config_in_bytes_is_utf_8_with_or_without_its_mark() -> None:
    config = c.override(c.Config(), "data.path", "ä/猫")
    for encoding in ("utf-8", "utf-8-sig"):
        assert c.Config.from_json(config.to_json().encode(encoding)) == config


@pytest.mark.parametrize(
    "build",
    [
        lambda: c.DataConfig(name="folder"),
        lambda: c.DataConfig(name="rowcue", pictures=1_000_001),
        lambda: c.ModelConfig(convs=(c.Conv((1, 1), 8),) * 33),
        lambda: c.Conv((2, 3), 8),
        lambda: c.Conv((3, 3), 0),
        lambda: c.Conv((3, 3), 8, (3, 1)),
        lambda: c.ModelConfig(convs=()),
        lambda: c.ModelConfig(encoder="resnet"),  # type: ignore[arg-type]
        lambda: c.ModelConfig(cell="transformer"),  # type: ignore[arg-type]
        lambda: c.ModelConfig(readout="gated"),
        lambda: c.ModelConfig(readout="gated", cell="gru-textbook", bidirectional=True),
        lambda: c.ModelConfig(convs=(c.Conv((3, 3), 8, (4, 4)),) * 3),
    ],
)
def test_parts_that_cannot_work_are_refused(build: object) -> None:
    with pytest.raises(c.ConfigError):
        build()  # type: ignore[operator]


def test_override_changes_one_setting_only() -> None:
    changed = c.override(preset("quick"), "training.epochs", 3)
    assert changed.training.epochs == 3
    assert c.override(changed, "training.epochs", preset("quick").training.epochs) == preset("quick")


@pytest.mark.parametrize("setting", ["epochs", "training.", "training.epoch", "optim.epochs", "preset.x", "", "."])
def test_override_of_an_unknown_setting(setting: str) -> None:
    with pytest.raises(c.ConfigError):
        c.override(c.Config(), setting, 3)


def test_unknown_presets_are_refused_with_the_known_ones() -> None:
    with pytest.raises(c.ConfigError, match="quick, standard"):
        preset("slow")


def test_json_is_readable_by_others() -> None:
    values = json.loads(c.Config().to_json())
    assert set(values) == {f.name for f in dataclasses.fields(c.Config)}
    assert values["model"]["convs"][0] == {"kernel": [3, 3], "channels": 64, "pool": [2, 2]}
