"""Write the tables of Factorio's runtime API that the Rust module `lua` and the mod's check read.

Source: the npm package `typed-factorio`, whose declaration files are generated from the game's own
machine-readable documentation: 3.36.0 is the last of the 2.0 line (it describes 2.0.75), 4.0.1 is
of the 2.1 line (2.1.7). No later 2.0 adds anything but attributes of prototypes.

Licence: typed-factorio is MIT. What is written here is facts for interoperability: names, access,
the number of arguments, and which class a member leads to. No descriptions are copied.

To run it (`npm` must be on the path, unless the unpacked packages are named):

    python scripts/extract_api.py                 # writes api-2.0.json, api-2.1.json (rust/src/lua)
    python scripts/extract_api.py --check         # exits 1 if a file is stale
    python scripts/extract_api.py --packages A B  # reads two unpacked packages, 2.0 first

Each file has `game_version`; `classes`; `events`, name to fields (`?` at the end: may be absent);
`defines`, names only, since the documentation gives no numbers; and `globals`, name to class.
A class has, inherited members included:

- `attributes`: name to access (`r`, `w`, `rw`),
- `methods`: name to `[least, most]` arguments (`most` null: any number), or to
  `{"required": [...], "optional": [...]}` where one table of named arguments is taken
  (`{"open": true}` where its fields depend on what is made),
- `leads_to`: name to the class that the attribute holds or the method returns; `[]` at the end for
  a list or a table of them,
- `parent`: the class it extends, where there is one,
- `operators`: `length`, `index`, `call`.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PACKAGE = "typed-factorio"
# Line of the game, and the version of the package that describes it.
PACKAGE_VERSIONS = {"2.0": "3.36.0", "2.1": "4.0.1"}
OUTPUT_FOLDER = Path(__file__).parents[1] / "rust/src/lua"

# The declaration files model these operators by types; the names come from the documentation.
OPERATORS = {
    "LuaChunkIterator": ["call"],
    "LuaCustomTable": ["index", "length"],
    "LuaFluidBox": ["index", "length"],
    "LuaGuiElement": ["index"],
    "LuaInventory": ["index", "length"],
    "LuaRandomGenerator": ["call"],
    "LuaTransportLine": ["index", "length"],
}
# Where the declarations, made for TypeScript, say less than the documentation they come from.
CORRECTIONS: dict[tuple[str, str], Any] = {
    ("LuaBootstrap", "set_event_filter"): [1, 2],
    ("LuaGuiElement", "add"): {"open": True},
}
# Helper interfaces whose members belong to the class beside them.
NO_CLASS = re.compile(r"(Members|EventFilter|Base|Iterable)$")
IS_CLASS = re.compile(r"Lua[A-Z]\w*$")

IDENTIFIER = r"[A-Za-z_]\w*"
ACCESSOR = re.compile(rf"(get|set) ({IDENTIFIER})\(")
METHOD = re.compile(rf"({IDENTIFIER})\s*(?:<|\()")
PROPERTY = re.compile(rf"(readonly )?({IDENTIFIER})(\??):(.*)$", re.DOTALL)
QUOTED_PROPERTY = re.compile(r'"?([\w-]+)"?\s*:(.*)$', re.DOTALL)
PARAMETER = re.compile(rf"(?:\.\.\.)?({IDENTIFIER})(\??)\s*:(.*)$", re.DOTALL)
DEFINE = re.compile(r"\b(namespace|enum|interface|const) (\w+)(\s*[:{])?")
HEADER = re.compile(r"\b(interface|type|namespace|enum|const|function) (\w+)")

Table = dict[str, Any]


@dataclass
class Declared:
    """Members that one interface or type alias declares."""

    parents: list[str] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    methods: dict[str, list[tuple[list[str], str]]] = field(default_factory=dict)


def without_comments(text: str) -> str:
    """Drop comments; strings in the declaration files never hold comment marks."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"(^|\s)//[^\n]*", r"\1", text)


def closing(text: str, start: int) -> int:
    """Give the index of the bracket that closes the one at `start`; `=>` closes nothing."""
    depth = 0
    quote = ""
    for index in range(start, len(text)):
        char = text[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'`":
            quote = char
        elif char in "([{<":
            depth += 1
        elif char in ")]}" or (char == ">" and text[index - 1] != "="):
            depth -= 1
            if depth == 0:
                return index
    raise ValueError(f'no closing bracket after "{text[start : start + 60]}"')


def split(text: str, separator: str) -> list[str]:
    """Split at `separator` outside of all brackets; empty parts are dropped."""
    parts = [""]
    index = 0
    while index < len(text):
        char = text[index]
        if char in "([{<":
            end = closing(text, index)
            parts[-1] += text[index : end + 1]
            index = end
        elif char == separator:
            parts.append("")
        else:
            parts[-1] += char
        index += 1
    return [part.strip() for part in parts if part.strip()]


def members(body: str) -> list[str]:
    """Split an interface's body into members; a line that starts with `|` or `&` goes on."""
    found: list[str] = []
    for line in split(body.replace(";", "\n"), "\n"):
        goes_on = line[0] in "|&" or (found and found[-1][-1] in ":|&=")
        if goes_on and found:
            found[-1] += " " + line
        else:
            found.append(line)
    return found


def read_members(declared: Declared, body: str) -> None:
    """Sort the members of `body` into attributes and methods."""
    for member in members(body):
        accessor = ACCESSOR.match(member)
        if accessor:
            kind, name = accessor.groups()
            if kind == "get":
                end = closing(member, accessor.end() - 1)
                declared.read[name] = member[end + 1 :].lstrip(" :")
            else:
                declared.written.add(name)
            continue
        method = METHOD.match(member)
        if method:
            start = method.end() - 1
            if member[start] == "<":
                start = member.index("(", closing(member, start))
            end = closing(member, start)
            parameters = [
                parameter
                for parameter in split(member[start + 1 : end], ",")
                if not parameter.startswith("this:")
            ]
            returned = member[end + 1 :].lstrip(" :")
            declared.methods.setdefault(method[1], []).append((parameters, returned))
            continue
        attribute = PROPERTY.match(member)
        if attribute:
            readonly, name, _, kind = attribute.groups()
            declared.read[name] = kind.strip()
            if not readonly:
                declared.written.add(name)


def read_declarations(paths: list[Path]) -> dict[str, Declared]:
    """Read every interface and type alias of the files."""
    found: dict[str, Declared] = {}
    for path in paths:
        text = without_comments(path.read_text(encoding="utf-8"))
        for header in HEADER.finditer(text):
            kind, name = header.groups()
            if kind not in ("interface", "type"):
                continue
            declared = found.setdefault(name, Declared())
            at = header.end()
            if text[at : at + 1] == "<":
                at = closing(text, at) + 1
            if kind == "type":
                end = re.search(r"\n  (?! )(?!\})|\n\}|\Z", text[at:])
                alias = text[at : at + end.start()] if end else ""
                declared.parents += re.findall(r"\b[A-Z]\w*", alias)
                continue
            start = text.index("{", at)
            # A generic parent may hold braces of its own; none in these files does.
            declared.parents += re.findall(r"\b[A-Z]\w*", text[at:start])
            read_members(declared, text[start + 1 : closing(text, start)])
    return found


def gathered(declarations: dict[str, Declared], name: str) -> Declared:
    """Merge what `name` declares with what its parents declare; the nearest declaration wins."""
    merged = Declared()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop(0)
        if current in seen or current not in declarations:
            continue
        # A class named in the arguments of a generic parent is not a parent.
        if (
            current != name
            and IS_CLASS.match(current)
            and not is_parent(current, declarations, seen)
        ):
            continue
        seen.add(current)
        own = declarations[current]
        for key, kind in own.read.items():
            merged.read.setdefault(key, kind)
        merged.written |= own.written
        for key, overloads in own.methods.items():
            merged.methods.setdefault(key, []).extend(overloads)
        waiting += own.parents
    return merged


def is_parent(candidate: str, declarations: dict[str, Declared], seen: set[str]) -> bool:
    """Say whether a seen declaration has `candidate` as its first parent, as classes have."""
    return any(declarations[name].parents[:1] == [candidate] for name in seen)


def class_of(kind: str) -> str | None:
    """Give the class that a type leads to: `LuaX`, `LuaX[]` for lists and tables of it, or None."""
    # Generic parameters may stand on several lines; one blank is enough.
    kind = " ".join(kind.split())
    kind = re.sub(r"^LuaMultiReturn<\[\s*(?:\w+:\s*)?([^,\]]*(?:\[\])?).*$", r"\1", kind)
    first = re.sub(r"\s*\|\s*(nil|undefined)$", "", kind).removeprefix("readonly ").strip()
    custom = re.match(r"LuaCustomTable<.*?,\s*(Lua\w+)", first)
    if custom:
        return f"{custom[1]}[]"
    record = re.match(
        r"(?:Readonly)?(?:Record|LuaMap|LuaTable)<.*,\s*(?:readonly )?(Lua\w+)>$", first
    )
    if record:
        return f"{record[1]}[]"
    plain = re.match(r"(Lua[A-Z]\w*)(\[\])?$", first)
    return f"{plain[1]}{plain[2] or ''}" if plain else None


def arity(overloads: list[tuple[list[str], str]]) -> Any:
    """Give the least and the most arguments over all overloads, or the table of named arguments."""
    tables = [
        match
        for parameters, _ in overloads
        for match in [re.match(r"params\??\s*:(.*)$", ",".join(parameters), re.DOTALL)]
        if match and len(parameters) == 1
    ]
    if tables:
        return named_arguments(tables[0][1].strip())
    least, most = [], []
    for parameters, _ in overloads:
        optional = [
            parameter.startswith("...") or bool((found := PARAMETER.match(parameter)) and found[2])
            for parameter in parameters
        ]
        least.append(optional.index(True) if True in optional else len(parameters))
        variadic = any(parameter.startswith("...") for parameter in parameters)
        most.append(None if variadic else len(parameters))
    return [min(least), None if None in most else max(count for count in most if count is not None)]


def named_arguments(kind: str) -> Table:
    """Give the names of a table of arguments; of a named type only that its fields vary."""
    if not kind.startswith("{"):
        return {"open": True}
    required: list[str] = []
    optional: list[str] = []
    for member in members(kind[1 : closing(kind, 0)]):
        argument = PROPERTY.match(member)
        if argument:
            (optional if argument[3] else required).append(argument[2])
    return {"required": sorted(required), "optional": sorted(optional)}


def class_table(declarations: dict[str, Declared], name: str) -> Table:
    """Describe one class."""
    merged = gathered(declarations, name)
    operators = OPERATORS.get(name, [])
    if "length" in operators:
        merged.read.pop("length", None)
    attributes = {
        key: ("r" if key in merged.read else "") + ("w" if key in merged.written else "")
        for key in sorted(merged.read.keys() | merged.written)
    }
    leads = {key: class_of(kind) for key, kind in merged.read.items()}
    leads |= {key: class_of(overloads[0][1]) for key, overloads in merged.methods.items()}
    parent = next(iter(declarations[name].parents), "")
    table: Table = {
        "attributes": attributes,
        "methods": {
            key: CORRECTIONS.get((name, key)) or arity(merged.methods[key])
            for key in sorted(merged.methods)
        },
        "leads_to": {key: lead for key, lead in sorted(leads.items()) if lead},
    }
    if IS_CLASS.match(parent) and is_class(parent):
        table["parent"] = parent
    if operators:
        table["operators"] = operators
    return table


def event_tables(path: Path) -> Table:
    """Give the fields of each event."""
    declarations = read_declarations([path])
    events: Table = {}
    text = without_comments(path.read_text(encoding="utf-8"))
    for name, declared in declarations.items():
        if not name.endswith("Event"):
            continue
        kind = declared.read.get("name", "")
        known = re.search(r"defines\.events\.(\w+)", kind)
        body_at = text.index(f"interface {name} ")
        start = text.index("{", body_at)
        fields = []
        for member in members(text[start + 1 : closing(text, start)]):
            attribute = PROPERTY.match(member)
            if attribute:
                fields.append(attribute[2] + attribute[3])
        events[known[1] if known else name] = sorted(fields)
    return dict(sorted(events.items()))


def define_names(text: str) -> Any:
    """Give the names of `defines`: a list of values, or a table of further groups."""
    groups: Table = {}
    at = 0
    while header := DEFINE.search(text, at):
        kind, name, mark = header.groups()
        if kind == "const" and name == "enum":
            at = header.start(2)
            continue
        if kind == "const" or (mark or "").strip() != "{":
            # A constant of an interface's name has its members already.
            groups.setdefault(name, True)
            at = header.end()
            continue
        end = closing(text, header.end() - 1)
        body = text[header.end() : end]
        if kind == "enum":
            values = re.findall(
                rf'^\s*"?({IDENTIFIER}|[\w-]+)"?\s*(?:=[^,\n]*)?,?\s*$', body, re.MULTILINE
            )
            groups[name] = sorted(values)
        elif kind == "interface":
            groups[name] = {
                group[1]: sorted(re.findall(r'^\s*"?([\w-]+)"?\s*:', group[2], re.MULTILINE))
                for group in map(QUOTED_PROPERTY.match, members(body))
                if group
            }
        else:
            groups[name] = define_names(body)
        at = end + 1
    if groups and all(value is True for value in groups.values()):
        return sorted(groups)
    return dict(sorted(groups.items()))


def extract(package: Path) -> Table:
    """Read the tables out of an unpacked package."""
    generated = package / "runtime/generated"
    raw = (generated / "classes.d.ts").read_text(encoding="utf-8")
    version = re.search(r"/(\d+\.\d+\.\d+)/classes/", raw)
    if not version:
        raise SystemExit(f'no version of the game in "{generated / "classes.d.ts"}"')
    shared = package / "common"
    declarations = read_declarations(
        [generated / "classes.d.ts", shared / "settings-global.d.ts", shared / "types.d.ts"]
    )
    names = sorted(name for name in declarations if IS_CLASS.match(name) and is_class(name))
    classes = {name: class_table(declarations, name) for name in names}
    classes = {
        name: table for name, table in classes.items() if table["attributes"] or table["methods"]
    }
    defines = define_names(
        without_comments((generated / "defines.d.ts").read_text(encoding="utf-8"))
    )
    objects = (generated / "global-objects.d.ts").read_text(encoding="utf-8")
    global_objects = dict(re.findall(r"const (\w+): (Lua\w+)", objects))
    # Declared elsewhere, because the earlier stages have them too.
    global_objects |= {"helpers": "LuaHelpers", "settings": "LuaSettings"}
    return {
        "game_version": version[1],
        "globals": dict(sorted(global_objects.items())),
        "classes": classes,
        "events": event_tables(generated / "events.d.ts"),
        "defines": defines["defines"],
    }


def is_class(name: str) -> bool:
    """Say whether a declaration stands for a class of the game rather than for a part of one."""
    return name == "LuaPrototypeBase" or not NO_CLASS.search(name)


def fetched(version: str, folder: Path) -> Path:
    """Unpack a version of the package into `folder` by npm."""
    npm = shutil.which("npm")
    if not npm:
        raise SystemExit('npm is not on the path; install Node.js or give "--packages"')
    folder.mkdir()
    command = [npm, "install", "--ignore-scripts", "--no-save", "--prefix", str(folder)]
    command.append(f"{PACKAGE}@{version}")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- all constants
    return folder / "node_modules" / PACKAGE


def rendered(table: Table) -> str:
    """Write a table with one class, event or group of defines a line."""
    lines = [f' "game_version": {json.dumps(table["game_version"])}']
    for section in ("globals", "classes", "events", "defines"):
        rows = [
            f"  {json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}"
            for name, value in sorted(table[section].items())
        ]
        lines.append(f' "{section}": {{\n' + ",\n".join(rows) + "\n }")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Write the tables, or say which of them are stale."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    parser.add_argument("--packages", nargs=2, type=Path, metavar=("V2_0", "V2_1"))
    arguments = parser.parse_args()
    stale = []
    with tempfile.TemporaryDirectory() as temporary:
        for at, (line, version) in enumerate(PACKAGE_VERSIONS.items()):
            folder = Path(temporary) / line
            package = arguments.packages[at] if arguments.packages else fetched(version, folder)
            output = OUTPUT_FOLDER / f"api-{line}.json"
            text = rendered(extract(package))
            if not arguments.check:
                output.write_text(text, encoding="utf-8")
            elif not output.is_file() or output.read_text(encoding="utf-8") != text:
                stale.append(output)
    for output in stale:
        sys.stderr.write(f'stale: "{output}"; run scripts/extract_api.py\n')
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
