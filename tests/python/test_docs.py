"""The documents tell the truth: examples run, commands exist, links lead somewhere.

A fenced block marked `python` in a Markdown file is run, the blocks of one file one after the other
in one namespace; a block with `>>>` prompts is checked as a doctest.
The comment `<!-- not run: REASON -->` above a block exempts it.
In a docstring the section `Example:` holds `>>>` lines, which are checked as a doctest.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import factorio_fast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *sorted(REPOSITORY.glob("*.md")),
    *sorted((REPOSITORY / "docs").glob("**/*.md")),
]
MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(factorio_fast.__path__, "factorio_fast.")
    if not info.name.endswith(".__main__")
)
FENCE = re.compile(
    r"^(?P<exempt><!-- not run: \S[^\n]*-->\n)?"
    r"^ *```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
EXAMPLE_SECTION = re.compile(r"^ *Examples?:{1,2} *\n(?P<text>(?:\n| +[^\n]*\n?)+)", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
MAKE_TARGET = re.compile(r"^(?:\$ )?make ([a-z][a-z-]*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a Markdown file."""

    language: str
    text: str
    line: int
    is_exempt: bool


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a Markdown text, its indent taken off."""
    for match in FENCE.finditer(text):
        yield Block(
            language=match["language"],
            text=inspect.cleandoc(match["text"]) + "\n",
            line=text.count("\n", 0, match.start("text")) + 1,
            is_exempt=match["exempt"] is not None,
        )


def run_document(text: str, name: str) -> None:
    """Run the Python blocks of a Markdown text in one namespace."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(text):
        if block.language != "python" or block.is_exempt:
            continue
        if ">>>" in block.text:
            run_doctest(block.text, name, block.line - 1, namespace)
        else:
            # Blank lines in front, so that a traceback shows the document's own line.
            code = compile("\n" * (block.line - 1) + block.text, name, "exec")
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, namespace)  # noqa: S102 - the repository's own documents


def run_doctest(text: str, name: str, line: int, namespace: dict[str, Any]) -> None:
    """Check `text` as a doctest, which may change `namespace`."""
    test = doctest.DocTestParser().get_doctest(text, namespace, name, name, line)
    check_doctest(test, namespace)
    namespace.update(test.globs)


def check_doctest(test: doctest.DocTest, namespace: dict[str, Any] | None = None) -> None:
    """Fail with doctest's own report if an example of `test` does not hold."""
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    failed = runner.run(test, out=report.write, clear_globs=namespace is None).failed
    assert failed == 0, report.getvalue()


def unchecked_examples(docstring: str) -> list[str]:
    """Return the `Example:` sections of a docstring that nothing would run: without `>>>`."""
    found = EXAMPLE_SECTION.finditer(docstring + "\n")
    return [match["text"] for match in found if ">>>" not in match["text"]]


def documented(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield name and docstring of a module, its functions, its classes and their methods."""
    for test in doctest.DocTestFinder(exclude_empty=False).find(module):
        yield test.name, test.docstring or ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_document_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_document(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_to_files(path: Path) -> None:
    for match in LINK.finditer(FENCE.sub("", path.read_text(encoding="utf-8"))):
        target = match["target"].partition("#")[0]
        if target and not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), f'{path.name} links to nothing: "{target}"'


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_make_targets_exist(path: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    for block in blocks(path.read_text(encoding="utf-8")):
        unknown = set(MAKE_TARGET.findall(block.text)) - targets
        assert not unknown, f"{path.name}:{block.line}: no such make target: {sorted(unknown)}"


@pytest.mark.parametrize("name", ["factorio_fast", *MODULES])
def test_docstring_examples_hold(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder().find(module):
        check_doctest(test)
    for owner, docstring in documented(module):
        examples = unchecked_examples(docstring)
        assert not examples, f"example of {owner} has no >>> line, so nothing runs it: {examples}"


def test_false_example_is_found() -> None:
    with pytest.raises(AssertionError, match=r"Got:\n +2\n"):
        run_document("```python\n>>> 1 + 1\n3\n\n```\n", "false.md")
    with pytest.raises(ZeroDivisionError):
        run_document("text\n\n```python\nx = 1\n```\n\n```python\nx / 0\n```\n", "false.md")


def test_blocks_share_a_namespace_and_exempt_ones_are_not_run() -> None:
    run_document(
        "```python\nx = 1\n```\n\n```python\n>>> x + 1\n2\n>>> y = x\n\n```\n\n"
        "```python\nassert y == 1\n```\n\n"
        "<!-- not run: needs a game -->\n```python\nraise ValueError\n```\n",
        "true.md",
    )


def test_example_without_prompt_is_found() -> None:
    docstring = "Summary.\n\nExample:\n    env.step(1)\n\nReturns:\n    Nothing.\n"
    assert unchecked_examples(docstring) == ["    env.step(1)\n\n"]
    assert unchecked_examples(docstring.replace("env", ">>> env")) == []
