"""The house rules, held by reading the code: floors, doors, faces, sizes, and what `import kexp` loads."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import kexp
from kexp import hookspecs, plugins

ROOT = Path(__file__).parent.parent
MODULES = sorted([*(ROOT / "kexp").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")])

FLOORS = [
    {"errors", "version"},
    {"hookspecs", "backend"},
    {"registry", "autodiff"},
    {"plugins"},
    {"core"},
    {"data", "graph"},
    {"training"},
    {"models"},
    {"config", "tracking"},
    {"run"},
    {"cli"},
    {"__main__"},
]
FACES = {"activations", "callbacks", "constraints", "datasets", "initializers", "layers", "losses", "metrics",
         "optimizers", "preprocessing", "regularizers", "saving", "splitters", "transforms", "utils"}  # fmt: skip
TOP = FACES | {"testing", "__init__"}
OPEN_TO_PLUGINS = {"errors", "hookspecs", "backend", "autodiff", "core"}

DOORS = {
    "PIL": {"plugins/datasets"},
    "cupy": {"kexp/backend"},
    "cupyx": {"kexp/backend", "plugins/activations"},
    "h5py": {"kexp/models", "kexp/data", "plugins/datasets"},
    "hydra": {"kexp/cli", "kexp/config"},
    "matplotlib": {"kexp/tracking/plots"},
    "mlflow": {"kexp/tracking"},
    "omegaconf": {"kexp/cli", "kexp/config"},
    "pandas": {"kexp/data/tables.py", "plugins/datasets", "plugins/transforms"},
    "pluggy": {"kexp/hookspecs.py", "kexp/plugins.py"},
    "pooch": {"kexp/core/files.py"},
    "pyarrow": {"plugins/datasets"},
    "pydantic": {"kexp/config"},
    "rich": {"kexp/cli", "kexp/training/progress.py"},
    "scipy": {"plugins/activations"},
    "sklearn": {"plugins/datasets", "plugins/splitters"},
    "yaml": {"kexp/config"},
}
LARGE = {
    "mlflow",
    "hydra",
    "omegaconf",
    "pandas",
    "sklearn",
    "matplotlib",
    "numba",
    "cupy",
    "pydantic",
    "rich",
    "scipy",
    "h5py",
}
LAZY = {"kexp/__init__.py", "kexp/config/__init__.py", "kexp/tracking/writer.py"}
"""Modules that import others of ours when they are needed: they are doors to slow libraries."""
ALLOWED_LONG: dict[str, str] = {}


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every imported module, and whether the import stands inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}: imports are absolute"
            if node.module == "kexp":
                for alias in node.names:
                    yield f"kexp.{alias.name}", id(node) in inside
            else:
                yield str(node.module), id(node) in inside


def part_of_path(path: Path) -> str:
    """kexp/core/layer.py -> core."""
    return path.relative_to(ROOT).parts[1].removesuffix(".py")


def part_of(module: str) -> str:
    """kexp.core.layer -> core."""
    return module.split(".")[1] if "." in module else "__init__"


def floor(part: str) -> int:
    return next((level for level, parts in enumerate(FLOORS) if part in parts), len(FLOORS))


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_imports_only_go_down(path: Path) -> None:
    where = place(path)
    part = part_of_path(path)
    for module, _ in imports(path):
        top = module.split(".")[0]
        if where.startswith("plugins/"):
            if top == "kexp":
                allowed = OPEN_TO_PLUGINS | ({"tracking"} if where == "plugins/trackers/mlflow.py" else set())
                assert part_of(module) in allowed, f"{where} imports {module}"
            continue
        if top == "kexp_plugins":
            assert part in FACES, f"{where} imports {module}: only the faces may"
        if top == "kexp":
            target = part_of(module)
            assert module != "kexp", f"{where} imports the root package"
            if part in TOP:
                continue
            assert target not in TOP, f"{where} imports {module}, which is above it"
            assert target == part or floor(target) < floor(part), f"{where} imports {module}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_every_library_comes_in_by_its_door(path: Path) -> None:
    where = place(path)
    for module, _ in imports(path):
        doors = DOORS.get(module.split(".")[0])
        assert doors is None or any(where.startswith(door) for door in doors), f"{where} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_imports_inside_functions_are_doors_to_slow_libraries(path: Path) -> None:
    for module, inside in imports(path):
        own = module.startswith(("kexp.", "kexp_plugins"))
        if inside and own:
            assert place(path) in LAZY or place(path).startswith("kexp/cli/"), (
                f"{place(path)} imports {module} inside a function"
            )


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 300 or place(path) in ALLOWED_LONG, f"{place(path)} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_modules_classes_and_public_functions_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{place(path)} has no docstring"
    for node in tree.body:
        public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith(("_", "kexp_"))
        if public:
            assert ast.get_docstring(node), f"{place(path)}: {node.name} has no docstring"


def test_no_component_is_named_in_the_framework() -> None:
    """The framework may state defaults that Keras' signatures state, and nothing more."""
    pattern = re.compile(r"kexp_plugins\.[a-z]")
    offenders = [
        place(p)
        for p in (ROOT / "kexp").rglob("*.py")
        if part_of_path(p) not in FACES and pattern.search(p.read_text("utf-8"))
    ]
    assert offenders == []


def test_importing_kexp_loads_no_large_library() -> None:
    code = "import sys, kexp; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert LARGE & set(loaded) == set()


def test_layers_and_models_load_no_large_library() -> None:
    code = "import sys, kexp.layers, kexp.models; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert LARGE & set(loaded) == set()


def test_every_hook_is_documented() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    hooks = [name for name in vars(hookspecs) if name.startswith("kexp_")]
    assert [hook for hook in hooks if f"`{hook}`" not in text] == []


def test_every_kind_has_a_hook() -> None:
    hooks = {name for name in vars(hookspecs) if name.startswith("kexp_")} - {"kexp_config_dirs"}
    assert set(hookspecs.KINDS.values()) == hooks


def test_the_built_in_plugins_load_without_problems() -> None:
    assert plugins.load().problems() == []


@pytest.mark.parametrize(
    "face, kind",
    [("layers", "layer"), ("losses", "loss"), ("metrics", "metric"), ("optimizers", "optimizer"),
     ("callbacks", "callback"), ("initializers", "initializer"), ("regularizers", "regularizer"),
     ("constraints", "constraint"), ("optimizers.schedules", "schedule"), ("transforms", "transform"),
     ("splitters", "splitter")],
)  # fmt: skip
def test_faces_list_exactly_what_is_registered(face: str, kind: str) -> None:
    module = importlib.import_module(f"kexp.{face}")
    registry = plugins.load()[kind]
    registered = {registry.get(name) for name in registry if registry.owners(name)[0].startswith("kexp_plugins")}
    listed = {getattr(module, name) for name in module.__all__}
    assert {maker.__name__ for maker in registered - listed} == set()


def test_the_activation_face_lists_exactly_what_is_registered() -> None:
    registry = plugins.load()["activation"]
    assert [name for name in registry if not hasattr(kexp.activations, name)] == []


def test_the_packages_in_pyproject_are_those_in_the_tree() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"])
    found = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / "kexp").rglob("__init__.py")}
    for folder, name in (("plugins", "kexp_plugins"), ("conf", "kexp_conf")):
        for init in (ROOT / folder).rglob("__init__.py"):
            found.add(".".join((name, *init.parent.relative_to(ROOT / folder).parts)))
    assert listed == found


def test_readme_commands_exist() -> None:
    """Every make target, and every experiment, that README and docs name is there."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text("utf-8")
        for target in re.findall(r"^\s*(?:\$ )?make ([a-z]+)", text, re.M):
            assert re.search(rf"^{target}:", makefile, re.M), f"{page.name}: make {target}"
        for experiment in re.findall(r"\+experiment=([a-z_0-9]+)", text):
            own = experiment in re.findall(r"experiment/([a-z_0-9]+)\.yaml", text)
            assert own or (ROOT / "conf" / "experiment" / f"{experiment}.yaml").exists(), f"{page.name}: {experiment}"


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine and no package-registry host stands in any file that is shipped."""
    words = re.compile(r"/work/|/root/|pypi\.org|files\.pythonhosted|debian\.org/debian")
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    texts = [ROOT / f for f in files if f.endswith((".py", ".md", ".toml", ".yaml")) and f != "tests/test_house.py"]
    assert [place(p) for p in texts if p.exists() and words.search(p.read_text("utf-8"))] == []
