"""Hold the mod's Lua to the game's official API, 2.0 and 2.1, without running it.

    python scripts/check_mod_api.py            # checks mods/factorio-gym-mod/**/*.lua
    python scripts/check_mod_api.py FILE...    # checks these

Prints one line a fault (`file:line: what (versions)`) and exits 1 if there is one.

It reads tokens, not a syntax tree, and follows the class of a value where that is plain: from the
game's global objects, through chains (`game.surfaces[1].find_entities_filtered{...}`), into locals
(`local force = game.forces.player`), through `for _, x in ipairs(...)`, and from annotations
(`---@param entity LuaEntity`, `---@type LuaEntity[]` above a `local`). Of what it can follow it
checks that members exist, that what is written can be written, the number or the names of
arguments, that methods are called with a dot, and names under `defines`. What it cannot follow it
passes over: the strict object layer catches that when the mod runs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MOD_FOLDER = ROOT / "mods/factorio-gym-mod"
LINES = ("2.0", "2.1")

TOKEN = re.compile(
    r"""
    (?P<annotation>---[^\n]*)
    | (?P<comment>--\[(?P<eq>=*)\[.*?\](?P=eq)\]|--[^\n]*)
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\[(?P<eq2>=*)\[.*?\](?P=eq2)\])
    | (?P<name>[A-Za-z_]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<mark>\.\.\.|\.\.|==|~=|<=|>=|::|[-+*/%^\#<>=(){}\[\];:,.])
    """,
    re.VERBOSE | re.DOTALL,
)
ANNOTATION = re.compile(
    r"---\s*@(?:param\s+(?P<name>\w+)\??|type)\s+(?P<kind>Lua[A-Z]\w*(?:\[\])?)"
)
OPENING, CLOSING = ("(", "{", "["), (")", "}", "]")

Table = dict[str, Any]


@dataclass
class Token:
    """One token of a Lua file."""

    kind: str
    text: str
    line: int


@dataclass
class Chain:
    """What a chain of members leads to, and where it ends."""

    kind: str | None
    end: int


@dataclass
class Checker:
    """Checks one file against one table."""

    api: Table
    tokens: list[Token]
    faults: list[tuple[int, str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    annotated: str | None = None

    def text(self, at: int) -> str:
        """Give the text of a token, or nothing past the end."""
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def fault(self, at: int, what: str) -> None:
        """Note a fault at a token."""
        self.faults.append((self.tokens[at].line, what))

    def run(self) -> None:
        """Go through the file once."""
        self.kinds = dict(self.api["globals"])
        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.kind == "annotation":
                self.read_annotation(token.text)
            elif token.text == "local" and self.text(at + 1) != "function":
                at = self.declare(at + 1)
                continue
            elif token.text == "for":
                at = self.loop(at + 1)
                continue
            elif token.kind == "name" and self.text(at - 1) not in (".", ":"):
                if token.text == "defines":
                    self.check_define(at)
                elif token.text in self.kinds:
                    self.chain(at)
            at += 1

    def read_annotation(self, text: str) -> None:
        """Take the class of a parameter, or of the local that follows."""
        found = ANNOTATION.match(text)
        if found and found["name"]:
            self.kinds[found["name"]] = found["kind"]
        elif found:
            self.annotated = found["kind"]

    def declare(self, at: int) -> int:
        """Read the names of a `local`; a single name takes the class of its value."""
        names, at = self.names(at)
        for name in names:
            self.kinds.pop(name, None)
        if len(names) == 1 and self.annotated:
            self.kinds[names[0]] = self.annotated
        elif len(names) == 1 and self.text(at) == "=":
            kind = self.value(at + 1)
            if kind:
                self.kinds[names[0]] = kind
        self.annotated = None
        return at

    def loop(self, at: int) -> int:
        """Read the names of a `for`; over a list the second takes the class of its elements."""
        names, at = self.names(at)
        for name in names:
            self.kinds.pop(name, None)
        over = self.text(at) == "in" and self.text(at + 1) in ("pairs", "ipairs")
        if over and len(names) == len(("key", "value")) and self.text(at + 2) == "(":
            kind = self.value(at + 3, ")")
            if kind and kind.endswith("[]"):
                self.kinds[names[1]] = kind.removesuffix("[]")
        return at

    def names(self, at: int) -> tuple[list[str], int]:
        """Read names with commas between them."""
        names = [self.text(at)]
        at += 1
        while self.text(at) == ",":
            names.append(self.text(at + 1))
            at += 2
        return names, at

    def value(self, at: int, *ends: str) -> str | None:
        """Give the class of a value that is one chain and no more; faults are noted elsewhere."""
        if self.text(at) not in self.kinds:
            return None
        noted = len(self.faults)
        chain = self.chain(at)
        del self.faults[noted:]
        after = self.tokens[chain.end] if chain.end < len(self.tokens) else None
        goes_on = after is not None and (
            after.text in ("or", "and", "..", "[", ".", ":", "(")
            or (after.kind == "mark" and after.text not in (";", *ends))
        )
        return None if goes_on else chain.kind

    def chain(self, at: int) -> Chain:
        """Follow members from a name whose class is known, and check each of them."""
        kind: str | None = self.kinds[self.text(at)]
        at += 1
        while kind is not None:
            mark = self.text(at)
            members = self.api["classes"].get(kind)
            if mark == "[":
                at = self.after(at)
                kind = kind.removesuffix("[]") if kind.endswith("[]") else None
            elif mark == "." and kind.endswith("[]"):
                # A table of objects by name: `game.forces.player`.
                at += 2
                kind = kind.removesuffix("[]")
            elif mark == "." and members:
                kind, at = self.member(kind, members, at + 1)
            elif mark == ":" and members:
                self.fault(at, f"methods of {kind} are called with a dot: {self.text(at + 1)}")
                return Chain(None, at)
            else:
                break
        return Chain(kind, at)

    def member(self, kind: str, members: Table, at: int) -> tuple[str | None, int]:
        """Check one member; give what it leads to and where the chain goes on."""
        name = self.text(at)
        access = members["attributes"].get(name)
        arity = members["methods"].get(name)
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else Token("", "", 0)
        is_written = following.text == "="
        if access is None and arity is None:
            if "index" not in members.get("operators", []):
                self.fault(at, f"{kind} doesn't contain key {name}")
            return None, at + 1
        if is_written and "w" not in (access or ""):
            self.fault(at, f"{kind}.{name} is read only")
        if not is_written and access == "w":
            self.fault(at, f"{kind}.{name} is write only")
        lead = members["leads_to"].get(name)
        if arity is None:
            return lead, at + 1
        if following.text not in ("(", "{") and following.kind != "string":
            return None, at + 1
        self.check_call(f"{kind}.{name}", arity, at + 1)
        return lead, self.after(at + 1) if following.kind != "string" else at + 2

    def after(self, at: int) -> int:
        """Give the place behind the bracket that closes the one at `at`."""
        depth = 0
        while at < len(self.tokens):
            depth += (self.text(at) in OPENING) - (self.text(at) in CLOSING)
            at += 1
            if depth == 0:
                break
        return at

    def parts(self, at: int) -> list[tuple[int, int]]:
        """Give the parts between the commas of the brackets at `at`; functions stay whole."""
        end = self.after(at) - 1
        parts, start, depth, blocks = [], at + 1, 0, 0
        for index in range(at + 1, end):
            text = self.text(index)
            depth += (text in OPENING) - (text in CLOSING)
            # `while` and `for` have a `do` of their own; a block's comma is none of the call.
            blocks += (text in ("function", "if", "do")) - (text == "end")
            if text == "," and depth == 0 and blocks == 0:
                parts.append((start, index))
                start = index + 1
        return [*parts, (start, end)] if start < end else parts

    def check_call(self, name: str, arity: Any, at: int) -> None:
        """Check the arguments of a call whose bracket, table or string is at `at`."""
        single = self.text(at) != "("
        parts = [(at, at + 1)] if single else self.parts(at)
        if isinstance(arity, list):
            least, most = arity
            last = self.text(parts[-1][1] - 1) if parts else ""
            # The last argument may stand for several where it is a call or `...`.
            may_be_more = not single and last in ("...", ")")
            too_few = len(parts) < least and not may_be_more
            if too_few or (most is not None and len(parts) > most):
                expected = f"{least} to {most}" if most != least else f"{least}"
                self.fault(at, f"{name} takes {expected} arguments, not {len(parts)}")
            return
        table = at if single else parts[0][0] if parts else at
        if self.text(table) != "{" or "open" in arity:
            return
        given = {self.text(start) for start, _ in self.parts(table) if self.text(start + 1) == "="}
        for missing in sorted(set(arity["required"]) - given):
            self.fault(at, f"{name} needs the argument {missing}")
        for unknown in sorted(given - set(arity["required"]) - set(arity["optional"])):
            self.fault(at, f"{name} has no argument {unknown}")

    def check_define(self, at: int) -> None:
        """Check a name under `defines`."""
        group: Any = self.api["defines"]
        path = "defines"
        while self.text(at + 1) == "." and not isinstance(group, bool):
            at += 2
            name = self.text(at)
            if name not in group:
                self.fault(at, f"{path} has no {name}")
                return
            path = f"{path}.{name}"
            group = group[name] if isinstance(group, dict) else True


def tokens_of(source: str) -> list[Token]:
    """Split Lua into tokens, without comments that are no annotations."""
    tokens = []
    line, at = 1, 0
    for found in TOKEN.finditer(source):
        line += source.count("\n", at, found.start())
        at = found.start()
        kind = found.lastgroup or ""
        kind = next(
            name
            for name in ("annotation", "comment", "string", "name", "number", "mark")
            if found[name] is not None
        )
        if kind != "comment":
            tokens.append(Token(kind, found[0], line))
    return tokens


def faults_of(source: str, apis: dict[str, Table]) -> list[str]:
    """Give the faults of one file's text: `line: what (versions)`."""
    tokens = tokens_of(source)
    found: dict[tuple[int, str], list[str]] = {}
    for version, api in apis.items():
        checker = Checker(api, tokens)
        checker.run()
        for fault in dict.fromkeys(checker.faults):
            found.setdefault(fault, []).append(version)
    return [
        f"{line}: {what} ({' and '.join(versions)})"
        for (line, what), versions in sorted(found.items())
    ]


def load_apis() -> dict[str, Table]:
    """Read the tables of both lines."""
    folder = ROOT / "rust/src/lua"
    return {line: json.loads((folder / f"api-{line}.json").read_text("utf-8")) for line in LINES}


def main() -> int:
    """Check the files; print what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("files", nargs="*", type=Path)
    files = parser.parse_args().files or sorted(MOD_FOLDER.rglob("*.lua"))
    if not files:
        raise SystemExit(f'no Lua file under "{MOD_FOLDER}"')
    apis = load_apis()
    faults = [
        f"{path}:{fault}" for path in files for fault in faults_of(path.read_text("utf-8"), apis)
    ]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
