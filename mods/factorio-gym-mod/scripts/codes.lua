--- Numbers of names and names of numbers, as the contract has them. Knows no state; may be used at any time.
local contract = require("contract")
local names = require("prototypes")

local codes = {}

--- Turns a list into a map from each entry to its place, from 0.
---@param list string[]
---@return table<string, integer>
local function places(list)
  local map = {}
  for place, entry in ipairs(list) do
    map[entry] = place - 1
  end
  return map
end

---@param map table<string, integer>
---@return table<integer, string>
local function inverted(map)
  local result = {}
  for key, value in pairs(map) do
    result[value] = key
  end
  return result
end

codes.PROTOTYPE_INDEX = places(names.PROTOTYPES)
codes.RECIPE_INDEX = places(names.RECIPES)
codes.TECHNOLOGY_INDEX = places(names.TECHNOLOGIES)
codes.ITEM_NAMES = inverted(contract.ITEMS)

--- Directions by their number in eighths, clockwise from north.
codes.EIGHTHS = {
  [0] = defines.direction.north,
  defines.direction.northeast,
  defines.direction.east,
  defines.direction.southeast,
  defines.direction.south,
  defines.direction.southwest,
  defines.direction.west,
  defines.direction.northwest,
}

--- Directions by their number in sixteenths, clockwise from north.
codes.SIXTEENTHS = {
  [0] = defines.direction.north,
  defines.direction.northnortheast,
  defines.direction.northeast,
  defines.direction.eastnortheast,
  defines.direction.east,
  defines.direction.eastsoutheast,
  defines.direction.southeast,
  defines.direction.southsoutheast,
  defines.direction.south,
  defines.direction.southsouthwest,
  defines.direction.southwest,
  defines.direction.westsouthwest,
  defines.direction.west,
  defines.direction.westnorthwest,
  defines.direction.northwest,
  defines.direction.northnorthwest,
}

--- Numbers in sixteenths by direction.
codes.SIXTEENTH_OF = inverted(codes.SIXTEENTHS)

local statuses, of = contract.STATUSES, defines.entity_status

--- Status classes by the game's status; what is not here counts as normal.
codes.STATUS_OF = {
  [of.working] = statuses["working"],
  [of.preparing_rocket_for_launch] = statuses["working"],
  [of.launching_rocket] = statuses["working"],
  [of.no_fuel] = statuses["no-fuel"],
  [of.no_power] = statuses["no-power"],
  [of.not_plugged_in_electric_network] = statuses["no-power"],
  [of.recharging_after_power_outage] = statuses["no-power"],
  [of.low_power] = statuses["low-power"],
  [of.no_ingredients] = statuses["no-ingredients"],
  [of.item_ingredient_shortage] = statuses["no-ingredients"],
  [of.fluid_ingredient_shortage] = statuses["no-ingredients"],
  [of.no_input_fluid] = statuses["no-ingredients"],
  [of.low_input_fluid] = statuses["no-ingredients"],
  [of.missing_required_fluid] = statuses["no-ingredients"],
  [of.missing_science_packs] = statuses["no-ingredients"],
  [of.low_temperature] = statuses["no-ingredients"],
  [of.no_ammo] = statuses["no-ingredients"],
  [of.no_recipe] = statuses["no-recipe"],
  [of.recipe_not_researched] = statuses["no-recipe"],
  [of.no_research_in_progress] = statuses["no-recipe"],
  [of.full_output] = statuses["full"],
  [of.full_burnt_result_output] = statuses["full"],
  [of.not_enough_space_in_output] = statuses["full"],
  [of.waiting_for_space_in_destination] = statuses["full"],
  [of.waiting_to_launch_rocket] = statuses["full"],
  [of.no_minable_resources] = statuses["no-resources"],
  [of.waiting_for_source_items] = statuses["waiting-for-source"],
  [of.broken] = statuses["disabled"],
  [of.disabled] = statuses["disabled"],
  [of.disabled_by_control_behavior] = statuses["disabled"],
  [of.disabled_by_script] = statuses["disabled"],
  [of.frozen] = statuses["disabled"],
  [of.marked_for_deconstruction] = statuses["disabled"],
  [of.paused] = statuses["disabled"],
}

--- Gives a coordinate in 1/256 tile, in which the game keeps positions.
---@param tiles number
---@return integer
function codes.subtiles(tiles)
  return math.floor(tiles * 256 + 0.5)
end

return codes
