--- Brings what an older version of the mod stored up to date. Owns `storage.version`.
---
--- What is stored belongs to episodes, and an episode of another version cannot be gone on with: every step ends in
--- beginning anew, and whoever is connected is told so by its next request.
local characters = require("scripts.characters")
local clock = require("scripts.clock")
local contract = require("contract")
local environments = require("scripts.environments")
local frames = require("scripts.frames")
local ground = require("scripts.ground")
local production = require("scripts.production")
local requests = require("scripts.requests")
local research = require("scripts.research")
local tracking = require("scripts.tracking")
local transfers = require("scripts.transfers")
local units = require("scripts.units")

local migrations = { name = "migrations" }

--- Raised whenever what is stored changes its form; the contract's version changes it always.
local VERSION = contract.VERSION * 100

--- All that store something.
local OWNERS = {
  clock,
  transfers,
  environments,
  tracking,
  ground,
  characters,
  production,
  research,
  units,
  frames,
  requests,
}

--- Gives the surfaces of episodes back, whatever the storage says of them.
local function delete_surfaces()
  local names, prefix = {}, contract.COMMAND .. "-"
  for _, surface in pairs(game.surfaces) do
    if surface.name:sub(1, #prefix) == prefix then
      names[#names + 1] = surface.name
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    game.delete_surface(name)
  end
end

--- Makes the storage as in a new game.
local function begin_anew()
  delete_surfaces()
  for _, owner in ipairs(OWNERS) do
    owner.on_init()
  end
end

--- Steps from each version to the next; each may run again without harm.
---@type table<integer, fun()>
local STEPS = {
  [VERSION] = begin_anew,
}

function migrations.on_init()
  storage.version = VERSION
end

function migrations.on_configuration_changed()
  local from = storage.version or 0
  for version = from + 1, VERSION do
    if STEPS[version] then
      STEPS[version]()
    end
  end
  storage.version = VERSION
end

return migrations
