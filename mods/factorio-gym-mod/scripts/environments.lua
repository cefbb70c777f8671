--- Environments: a surface and a force each. Owns `storage.environments`.
---
--- A surface is made anew for every episode, since only the game can leave nothing of the old one; forces are few, so
--- each environment keeps its own and resets it.
local contract = require("contract")

local environments = { name = "environments" }

--- Chunks are this wide.
local CHUNK_TILES = 32

function environments.on_init()
  storage.environments = {
    --- Numbers to environments; `false` where there is none, so that the list has no holes.
    ---@type (Environment|false)[]
    list = {},
    --- Surfaces that were made, so that no two have one name.
    made = 0,
  }
  for number = 1, contract.MAX_ENVIRONMENTS do
    storage.environments.list[number] = false
  end
end

--- Makes the settings of a map that is as empty as the game allows.
---@param map SetupMap
---@return MapGenSettings
local function map_settings(map)
  local nothing = { treat_missing_as_default = false, settings = {} }
  local ground = { [map.tile] = { frequency = 1, size = 1, richness = 1 } }
  return {
    seed = map.seed,
    width = map.width,
    height = map.height,
    starting_area = 0,
    default_enable_all_autoplace_controls = false,
    cliff_settings = { name = "cliff", cliff_elevation_0 = 1024, cliff_elevation_interval = 1024, richness = 0 },
    autoplace_settings = {
      entity = nothing,
      decorative = nothing,
      tile = { treat_missing_as_default = false, settings = ground },
    },
  }
end

---@param number integer
---@return string
local function name_of(number)
  return contract.COMMAND .. "-" .. number
end

--- Gives the surface back; the game takes it away at the end of its update.
---@param environment Environment
local function delete_surface(environment)
  if environment.surface.valid then
    game.delete_surface(environment.surface)
  end
end

--- Gives an environment an empty map and a force that has done nothing.
---@param number integer
---@param episode integer
---@param map SetupMap
---@return Environment
function environments.open(number, episode, map)
  local held = storage.environments
  if held.list[number] then
    delete_surface(held.list[number])
    held.list[number] = false
  end
  local name = name_of(number)
  local force = game.forces[name] or game.create_force(name)
  force.reset()
  force.create_ghost_on_entity_death = false
  local surface_name
  repeat
    held.made = held.made + 1
    surface_name = name .. "-" .. held.made
  until not game.surfaces[surface_name]
  local surface = game.create_surface(surface_name, map_settings(map))
  local radius = math.ceil(math.max(map.width, map.height) / 2 / CHUNK_TILES)
  surface.request_to_generate_chunks({ 0, 0 }, radius)
  surface.force_generate_chunk_requests()
  ---@type Environment
  local environment = {
    number = number,
    episode = episode,
    frame = 0,
    surface = surface,
    force = force,
    left = -math.floor(map.width / 2),
    top = -math.floor(map.height / 2),
    width = map.width,
    height = map.height,
    has_enemies = false,
  }
  held.list[number] = environment
  return environment
end

--- Gives an environment's surface back and lets its force forget everything.
---@param number integer
function environments.close(number)
  local environment = storage.environments.list[number]
  if not environment then
    return
  end
  delete_surface(environment)
  if environment.force.valid then
    environment.force.reset()
  end
  storage.environments.list[number] = false
end

---@param number integer
---@return Environment?
function environments.get(number)
  return storage.environments.list[number] or nil
end

--- Lists the environments that are open, by number.
---@return Environment[]
function environments.all()
  local open = {}
  for _, environment in ipairs(storage.environments.list) do
    if environment then
      open[#open + 1] = environment
    end
  end
  return open
end

--- Finds the environment to which a surface belongs.
---@param surface LuaSurface
---@return Environment?
function environments.of_surface(surface)
  for _, environment in ipairs(storage.environments.list) do
    if environment and environment.surface == surface then
      return environment
    end
  end
  return nil
end

--- Finds the environment to which a force belongs.
---@param force LuaForce
---@return Environment?
function environments.of_force(force)
  for _, environment in ipairs(storage.environments.list) do
    if environment and environment.force == force then
      return environment
    end
  end
  return nil
end

return environments
