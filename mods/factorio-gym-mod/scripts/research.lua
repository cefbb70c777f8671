--- What a force has researched and may craft. Owns `storage.research`.
---
--- The mirror knows what set-up granted, so nothing is read until something changes.
local codes = require("scripts.codes")
local contract = require("contract")
local environments = require("scripts.environments")
local names = require("prototypes")

local research = { name = "research" }

local pack = string.pack
local SECTIONS = contract.SECTIONS

---@class Research
---@field is_stale boolean technologies or recipes changed
---@field states table<integer, { level: integer, progress: number }> by technology, as read last
---@field was_told boolean something has changed since set-up
---@field technologies string packed records as told last
---@field recipes string packed records as told last

function research.on_init()
  ---@type table<integer, Research>
  storage.research = {}
end

--- Begins with what set-up grants.
---@param number integer
function research.open(number)
  storage.research[number] = { is_stale = false, was_told = false, states = {}, technologies = "", recipes = "" }
end

---@param number integer
function research.close(number)
  storage.research[number] = nil
end

--- Takes note that something changed.
---@param number integer
function research.touch(number)
  if storage.research[number] then
    storage.research[number].is_stale = true
  end
end

--- Takes what there is now as what set-up granted.
---@param number integer
function research.settle(number)
  storage.research[number].is_stale = false
end

--- Reads how far a technology is.
---@param technology LuaTechnology
---@return integer levels, number progress
local function state_of(technology)
  local levels = technology.level - technology.prototype.level
  if technology.researched then
    return levels + 1, 1
  end
  return levels, technology.saved_progress
end

---@param environment Environment
---@param held Research
local function read_all(environment, held)
  held.states = {}
  for place, name in ipairs(names.TECHNOLOGIES) do
    local technology = environment.force.technologies[name]
    if technology then
      local level, progress = state_of(technology)
      if level > 0 or progress > 0 then
        held.states[place] = { level = level, progress = progress }
      end
    end
  end
end

---@param environment Environment
---@return string[]
local function enabled_recipes(environment)
  local records, format = {}, SECTIONS.recipes.format
  for place, name in ipairs(names.RECIPES) do
    local recipe = environment.force.recipes[name]
    if recipe and recipe.enabled then
      records[#records + 1] = pack(format, place - 1)
    end
  end
  return records
end

--- Reads what labs work on now.
---@param environment Environment
---@param held Research
local function read_current(environment, held)
  local technology = environment.force.current_research
  local index = technology and codes.TECHNOLOGY_INDEX[technology.name]
  if index then
    local level = state_of(technology)
    held.states[index + 1] = { level = level, progress = environment.force.research_progress }
  end
end

--- Packs what is researched or in progress, in name order.
---@param held Research
---@return string[]
local function packed(held)
  local records, format = {}, SECTIONS.technologies.format
  for place = 1, #names.TECHNOLOGIES do
    local state = held.states[place]
    if state then
      records[#records + 1] = pack(format, place - 1, state.level, state.progress)
    end
  end
  return records
end

--- Tells a list that changed, if there is room; lists that are empty were never anything else.
---@param section string
---@param records string[]
---@param last string
---@param writer Writer
---@return string last, boolean is_told
local function tell_list(section, records, last, writer)
  if #records == 0 then
    return last, true
  end
  local now = writer.put_changed(section, records, last, "")
  return now, now == table.concat(records)
end

--- Reads research into a frame, where there was any since set-up.
---@param environment Environment
---@param writer Writer
function research.tell(environment, writer)
  local held = storage.research[environment.number]
  if not (held.is_stale or held.was_told) then
    return
  end
  local recipes_told = true
  if held.is_stale then
    read_all(environment, held)
    held.recipes, recipes_told = tell_list("recipes", enabled_recipes(environment), held.recipes, writer)
  end
  read_current(environment, held)
  local technologies_told
  held.technologies, technologies_told = tell_list("technologies", packed(held), held.technologies, writer)
  held.is_stale = not (recipes_told and technologies_told)
  held.was_told = true
end

---@param event { research: LuaTechnology?, force: LuaForce? }
local function on_changed(event)
  local force = event.force or (event.research and event.research.force)
  local environment = force and environments.of_force(force)
  if environment then
    research.touch(environment.number)
  end
end

research.events = {
  { event = defines.events.on_research_finished, handler = on_changed },
  { event = defines.events.on_research_started, handler = on_changed },
  { event = defines.events.on_research_cancelled, handler = on_changed },
  { event = defines.events.on_research_reversed, handler = on_changed },
}

return research
