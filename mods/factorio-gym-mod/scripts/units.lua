--- Enemies that move. Owns `storage.units`.
local codes = require("scripts.codes")
local contract = require("contract")

local units = { name = "units" }

--- Health is told in this part of a point.
local HEALTH_SCALE = 256

local pack = string.pack
local FORMAT = contract.SECTIONS.units.format

---@class Units
---@field next integer
---@field numbers table<integer, integer> the game's numbers to ours

function units.on_init()
  ---@type table<integer, Units>
  storage.units = {}
end

---@param number integer
function units.open(number)
  storage.units[number] = { next = 1, numbers = {} }
end

---@param number integer
function units.close(number)
  storage.units[number] = nil
end

--- Reads the enemies in an area, or on the whole surface, into a frame.
---@param environment Environment
---@param area BoundingBox?
---@param may_see fun(position: MapPosition): boolean
---@param writer Writer
function units.tell(environment, area, may_see, writer)
  local held = storage.units[environment.number]
  local found = environment.surface.find_entities_filtered({
    type = "unit",
    force = "enemy",
    area = area,
    limit = contract.SECTIONS.units.max_records,
  })
  local order = {}
  for place, unit in ipairs(found) do
    order[place] = { number = unit.unit_number, entity = unit }
  end
  table.sort(order, function(a, b)
    return a.number < b.number
  end)
  for _, seen in ipairs(order) do
    local entity, position = seen.entity, seen.entity.position
    local index = codes.PROTOTYPE_INDEX[entity.name]
    if index and may_see(position) then
      if not held.numbers[seen.number] then
        held.numbers[seen.number] = held.next
        held.next = held.next + 1
      end
      local x, y = codes.subtiles(position.x), codes.subtiles(position.y)
      local health = math.floor(entity.health * HEALTH_SCALE)
      writer.put("units", pack(FORMAT, held.numbers[seen.number], index, x, y, health))
    end
  end
end

return units
