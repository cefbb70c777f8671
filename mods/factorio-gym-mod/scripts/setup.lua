--- Set-up operations: the explicit list that a scenario and a seed were lowered to. Owns no state; used by requests.
local characters = require("scripts.characters")
local codes = require("scripts.codes")
local contract = require("contract")
local environments = require("scripts.environments")
local ground = require("scripts.ground")
local production = require("scripts.production")
local research = require("scripts.research")
local tracking = require("scripts.tracking")
local undergrounds = require("scripts.undergrounds")
local units = require("scripts.units")

local setup = {}

--- Tiles that one call paints; a whole map goes in several.
local MAX_TILES_PER_CALL = 16384
--- Sides of a map.
local MAX_SIDE = 2048
--- Seeds of maps have 32 bits.
local MAX_SEED = 2 ^ 32 - 1
--- What is on a surface but no entity of the mirror.
local UNCOUNTED_TYPES = {
  "arrow",
  "beam",
  "character",
  "character-corpse",
  "corpse",
  "entity-ghost",
  "explosion",
  "fire",
  "fish",
  "item-entity",
  "particle-source",
  "projectile",
  "resource",
  "smoke-with-trigger",
  "speech-bubble",
  "sticker",
  "stream",
  "tile-ghost",
  "unit",
}

--- Covers an area with a tile.
---@param surface LuaSurface
---@param left integer
---@param top integer
---@param width integer
---@param height integer
---@param tile string
local function paint(surface, left, top, width, height, tile)
  local tiles = {}
  for y = top, top + height - 1 do
    for x = left, left + width - 1 do
      tiles[#tiles + 1] = { name = tile, position = { x, y } }
      if #tiles == MAX_TILES_PER_CALL then
        surface.set_tiles(tiles, false, false, true, false)
        tiles = {}
      end
    end
  end
  if #tiles > 0 then
    surface.set_tiles(tiles, false, false, true, false)
  end
end

--- Covers the map with its ground, where the game did not.
---@param environment Environment
---@param tile string
local function paint_ground(environment, tile)
  local left, top = environment.left, environment.top
  local width, height = environment.width, environment.height
  local area = { { left, top }, { left + width, top + height } }
  local surface = environment.surface
  if surface.count_tiles_filtered({ area = area, name = tile }) < width * height then
    paint(surface, left, top, width, height, tile)
  end
end

---@param environment Environment
---@param type string
---@return LuaForce|string
local function force_of(environment, type)
  if tracking.is_natural(type) then
    return "neutral"
  end
  return tracking.is_enemy(type) and "enemy" or environment.force
end

--- Puts items where the game puts them; all must go in.
---@param entity LuaEntity
---@param items table<string, integer>
local function fill(entity, items)
  local order = {}
  for item in pairs(items) do
    order[#order + 1] = item
  end
  table.sort(order)
  for _, item in ipairs(order) do
    local inserted = entity.insert({ name = item, count = items[item] })
    if inserted < items[item] then
      error(entity.name .. " takes " .. inserted .. " of " .. items[item] .. " " .. item, 0)
    end
  end
end

--- The operations by their letters; each gets the environment and the operation.
---@type table<string, fun(environment: Environment, op: table)>
local operations = {}

function operations.t(environment, op)
  paint(environment.surface, op[2], op[3], op[4], op[5], op[6])
end

function operations.r(environment, op)
  local create, tiles = environment.surface.create_entity, op[3]
  for place = 1, #tiles, 3 do
    local created = create({
      name = op[2],
      position = { tiles[place] + 0.5, tiles[place + 1] + 0.5 },
      amount = tiles[place + 2],
      force = "neutral",
      enable_tree_removal = false,
      enable_cliff_removal = false,
    })
    if not created then
      error("no room for " .. op[2] .. " at " .. tiles[place] .. ", " .. tiles[place + 1], 0)
    end
  end
end

function operations.e(environment, op)
  local name, position = op[2], { op[3] / 256, op[4] / 256 }
  local type = prototypes.entity[name].type
  local direction = codes.SIXTEENTHS[op[5]]
  local entity = environment.surface.create_entity({
    name = name,
    position = position,
    direction = direction,
    force = force_of(environment, type),
    type = undergrounds.new_end(environment.surface, name, type, position, direction),
    raise_built = false,
    create_build_effect_smoke = false,
  })
  if not entity then
    error("no room for " .. name .. " at " .. position[1] .. ", " .. position[2], 0)
  end
  if op[7] ~= 0 then
    entity.set_recipe(op[7])
  end
  if op[6] ~= 0 then
    fill(entity, op[6])
  end
  tracking.add(environment, entity, true)
end

function operations.g(environment, op)
  local ghost = environment.surface.create_entity({
    name = "entity-ghost",
    inner_name = op[2],
    position = { op[3] / 256, op[4] / 256 },
    direction = codes.SIXTEENTHS[op[5]],
    force = environment.force,
    raise_built = false,
  })
  if not ghost then
    error("no room for the ghost of " .. op[2], 0)
  end
  tracking.add(environment, ghost, true)
end

function operations.c(environment, op)
  local position = { op[2] / 256, op[3] / 256 }
  local entity = environment.surface.create_entity({
    name = "character",
    position = position,
    force = environment.force,
    raise_built = false,
  })
  if not entity then
    error("the character cannot stand at " .. position[1] .. ", " .. position[2], 0)
  end
  characters.adopt(environment, entity)
end

function operations.i(environment, op)
  local given = characters.give(environment.number, { name = op[2], count = op[3] })
  if given < op[3] then
    error("the character's inventory has room for " .. given .. " of " .. op[3] .. " " .. op[2], 0)
  end
end

function operations.k(environment, op)
  local technology = environment.force.technologies[op[2]]
  if not technology then
    error("no technology has this name: " .. tostring(op[2]), 0)
  end
  technology.researched = true
end

--- Says what is wrong with a transfer, before anything is changed.
---@param map any
---@return string?
local function fault_of(map)
  local function is_whole(value, low, high)
    return type(value) == "number" and value % 1 == 0 and value >= low and value <= high
  end
  if type(map) ~= "table" or type(map.ops) ~= "table" or type(map.tile) ~= "string" then
    return "a set-up has ops, a tile, a seed, a width and a height"
  end
  if not (is_whole(map.width, 1, MAX_SIDE) and is_whole(map.height, 1, MAX_SIDE)) then
    return "a map has sides of 1 to " .. MAX_SIDE .. " tiles"
  end
  if not is_whole(map.seed, 0, MAX_SEED) then
    return "a seed is a whole number from 0 to " .. MAX_SEED
  end
  if not prototypes.tile[map.tile] then
    return "no tile has this name: " .. map.tile
  end
  for place, op in ipairs(map.ops) do
    if type(op) ~= "table" or not operations[op[1]] then
      return "set-up operation " .. place - 1 .. " is none"
    end
  end
  return nil
end

--- Counts what is on the surface, as the mirror counts it.
---@param environment Environment
---@return string
local function counts_of(environment)
  local surface = environment.surface
  local entities = surface.count_entities_filtered({ type = UNCOUNTED_TYPES, invert = true })
  local ghosts = surface.count_entities_filtered({ type = "entity-ghost" })
  local tiles = surface.count_entities_filtered({ type = "resource" })
  local sum = 0
  for _, amount in pairs(surface.get_resource_counts()) do
    sum = sum + amount
  end
  return string.format("%d,%d,%d,%d", entities, ghosts, tiles, sum)
end

--- Forgets all that is known of an environment, and gives its surface back.
---@param number integer
function setup.close(number)
  environments.close(number)
  for _, module in ipairs({ tracking, ground, characters, production, research, units }) do
    module.close(number)
  end
end

--- Begins an episode. Where an operation cannot be done the environment is closed.
---@param number integer
---@param episode integer
---@param map any
---@return string? counts, ErrorKind?, string?
function setup.execute(number, episode, map)
  local fault = fault_of(map)
  if fault then
    return nil, "bad-request", fault
  end
  local place = -1
  local ok, result = pcall(function()
    setup.close(number)
    local environment = environments.open(number, episode, map)
    for _, module in ipairs({ tracking, ground, characters, production, research, units }) do
      module.open(number)
    end
    paint_ground(environment, map.tile)
    for index, op in ipairs(map.ops) do
      place = index - 1
      operations[op[1]](environment, op)
    end
    place = #map.ops
    if not characters.of(number) then
      error("no operation makes a character", 0)
    end
    ground.watch_drills(environment)
    research.settle(number)
    return counts_of(environment)
  end)
  if not ok then
    setup.close(number)
    return nil, "setup", "set-up operation " .. place .. ": " .. tostring(result)
  end
  return result
end

--- The most environments that can be open.
setup.MAX_ENVIRONMENTS = contract.MAX_ENVIRONMENTS

return setup
