--- Reads what a machine does and holds, kind by kind. Owns no state; objects of the game that do not change are kept
--- outside storage and looked up again after a load.
local codes = require("scripts.codes")
local contract = require("contract")
local names = require("prototypes")

local machines = {}

local pack = string.pack
local ITEMS, STATUSES, SECTIONS = contract.ITEMS, contract.STATUSES, contract.SECTIONS
local NORMAL = STATUSES["normal"]
local HELD_FORMAT = SECTIONS.inventories.format
local inventory = defines.inventory

--- What an empty inventory holds.
local NOTHING = {}

--- Groups of slots.
local CONTENTS, FUEL, SOURCE, RESULT, MODULES = 1, 2, 3, 4, 5

--- Lanes of belts in the order in which their front items count; the hidden part of an underground belt is ahead.
local BELT_LINES = { { 1 }, { 2 } }
local UNDERGROUND_LINES = { { 3, 1 }, { 4, 2 } }
local SPLITTER_LINES = { { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 }, { 7 }, { 8 } }

---@class Reader
---@field has_status boolean?
---@field has_recipe boolean?
---@field slots { [1]: integer, [2]: defines.inventory|"fuel"|"modules" }[]? groups and what they are in the game
---@field contents (fun(record: Record, held: table, recipe: integer): integer)? gives an item code, 0 for nothing

--- Caches of what belongs to a record.
---@type table<Record, table>
local caches = setmetatable({}, { __mode = "k" })

---@param record Record
---@return table
local function cache_of(record)
  local cache = caches[record]
  if not cache then
    cache = {}
    caches[record] = cache
  end
  return cache
end

--- Gives the item code of what is held most; of equals the first by name, which is the first by code.
---@param held table<integer, integer>? counts by item code
---@return integer
local function most_held(held)
  local best, most = 0, 0
  for code, count in pairs(held or {}) do
    if count > most or (count == most and code < best) then
      best, most = code, count
    end
  end
  return best
end

---@param lanes integer[][]
---@return fun(record: Record): integer
local function front_of(lanes)
  return function(record)
    local cache = cache_of(record)
    local lines = cache.lines
    if not (lines and lines[1].valid) then
      lines = {}
      for _, lane in ipairs(lanes) do
        for _, index in ipairs(lane) do
          lines[#lines + 1] = record.entity.get_transport_line(index)
        end
      end
      cache.lines = lines
    end
    for place = 1, #lines do
      local line = lines[place]
      if #line > 0 then
        return ITEMS[line[1].name] or 0
      end
    end
    return 0
  end
end

--- Gives the code of the fluid in a pipe, tank or pump.
---@param record Record
---@return integer
local function fluid_of(record)
  local first = 0
  for name in pairs(record.entity.get_fluid_contents()) do
    local code = ITEMS[name] or 0
    first = (first == 0 or code < first) and code or first
  end
  return first
end

--- What resources yield, by name: item codes, 0 for fluids.
---@type table<string, integer>
local yields = {}

---@param name string
---@return integer
local function yield_of(name)
  local code = yields[name]
  if not code then
    code = 0
    for _, product in ipairs(prototypes.entity[name].mineable_properties.products or {}) do
      if product.type == "item" and code == 0 then
        code = ITEMS[product.name] or 0
      end
    end
    yields[name] = code
  end
  return code
end

---@param record Record
---@return integer
local function mined_by(record)
  local target = record.entity.mining_target
  return target and yield_of(target.name) or 0
end

---@param record Record
---@return integer
local function held_by(record)
  local stack = record.entity.held_stack
  return stack.valid_for_read and ITEMS[stack.name] or 0
end

---@param recipe integer 1 + its number, 0 for none
---@return integer
local function product_of(_, _, recipe)
  return names.PRODUCTS[recipe] or 0
end

--- A furnace shows what it makes; one that rests shows what it has made.
---@param record Record
---@param held table
---@param recipe integer
---@return integer
local function smelted_by(record, held, recipe)
  if record.entity.is_crafting() then
    return product_of(record, held, recipe)
  end
  return most_held(held[RESULT])
end

---@param group integer
---@return fun(record: Record, held: table): integer
local function most_of(group)
  return function(_, held)
    return most_held(held[group])
  end
end

local CRAFTER_SLOTS = {
  { FUEL, "fuel" },
  { SOURCE, inventory.crafter_input },
  { RESULT, inventory.crafter_output },
  { MODULES, "modules" },
}
local CHEST = { slots = { { CONTENTS, inventory.chest } }, contents = most_of(CONTENTS) }
local PIPE = { contents = fluid_of }
local PUMP = { has_status = true, contents = fluid_of }

--- How each type is read; types that are not here have nothing to read.
---@type table<string, Reader>
local READERS = {
  ["container"] = CHEST,
  ["logistic-container"] = CHEST,
  ["infinity-container"] = CHEST,
  ["cargo-landing-pad"] = { slots = { { CONTENTS, inventory.cargo_landing_pad_main } }, contents = most_of(CONTENTS) },
  ["furnace"] = { has_status = true, has_recipe = true, slots = CRAFTER_SLOTS, contents = smelted_by },
  ["assembling-machine"] = { has_status = true, has_recipe = true, slots = CRAFTER_SLOTS, contents = product_of },
  ["rocket-silo"] = {
    has_status = true,
    has_recipe = true,
    slots = {
      { CONTENTS, inventory.rocket_silo_rocket },
      { SOURCE, inventory.crafter_input },
      { RESULT, inventory.crafter_output },
      { MODULES, "modules" },
    },
    contents = product_of,
  },
  ["mining-drill"] = { has_status = true, slots = { { FUEL, "fuel" }, { MODULES, "modules" } }, contents = mined_by },
  ["inserter"] = { has_status = true, slots = { { FUEL, "fuel" } }, contents = held_by },
  ["lab"] = {
    has_status = true,
    slots = { { SOURCE, inventory.lab_input }, { MODULES, "modules" } },
    contents = most_of(SOURCE),
  },
  ["beacon"] = { has_status = true, slots = { { MODULES, "modules" } } },
  ["boiler"] = { has_status = true, slots = { { FUEL, "fuel" } } },
  ["generator"] = { has_status = true },
  ["ammo-turret"] = { has_status = true, slots = { { CONTENTS, inventory.turret_ammo } }, contents = most_of(CONTENTS) },
  ["electric-turret"] = { has_status = true },
  ["turret"] = { has_status = true },
  ["transport-belt"] = { contents = front_of(BELT_LINES) },
  ["underground-belt"] = { contents = front_of(UNDERGROUND_LINES) },
  ["splitter"] = { contents = front_of(SPLITTER_LINES) },
  ["pipe"] = PIPE,
  ["infinity-pipe"] = PIPE,
  ["pipe-to-ground"] = PIPE,
  ["storage-tank"] = PIPE,
  ["pump"] = PUMP,
  ["offshore-pump"] = PUMP,
}

--- Says whether there is anything to read of things of a type.
---@param type string
---@return boolean
function machines.is_read(type)
  return READERS[type] ~= nil
end

--- Gives an inventory, if the entity has it; that of a machine without a recipe has no slots yet.
---@param entity LuaEntity
---@param which defines.inventory|"fuel"|"modules"
---@return LuaInventory?
local function inventory_of(entity, which)
  local found
  if which == "fuel" then
    found = entity.get_fuel_inventory()
  elseif which == "modules" then
    found = entity.get_module_inventory()
    found = found and #found > 0 and found or nil
  else
    found = entity.get_inventory(which)
  end
  return found
end

---@param record Record
---@param reader Reader
---@return { group: integer, inventory: LuaInventory }[]
local function inventories_of(record, reader)
  local cache = cache_of(record)
  if not cache.inventories then
    local list = {}
    for _, slot in ipairs(reader.slots or {}) do
      local found = inventory_of(record.entity, slot[2])
      if found then
        list[#list + 1] = { group = slot[1], inventory = found }
      end
    end
    cache.inventories = list
  end
  return cache.inventories
end

--- Reads an inventory: counts by item code, and its packed records in the order of the codes.
---@param unit integer
---@param group integer
---@param from LuaInventory
---@return table<integer, integer>, string[]
local function read_inventory(unit, group, from)
  local contents = from.get_contents()
  if #contents == 0 then
    return NOTHING, NOTHING
  end
  local counts, order = {}, {}
  for _, stack in ipairs(contents) do
    local code = ITEMS[stack.name]
    if code then
      if not counts[code] then
        order[#order + 1] = code
      end
      counts[code] = (counts[code] or 0) + stack.count
    end
  end
  table.sort(order)
  for place, code in ipairs(order) do
    order[place] = pack(HELD_FORMAT, unit, group, code, counts[code])
  end
  return counts, order
end

--- Tells what a machine holds, where it changed; gives the counts by group.
---@param record Record
---@param reader Reader
---@param writer Writer
---@return table<integer, table<integer, integer>>
local function tell_inventories(record, reader, writer)
  local held = {}
  for _, entry in ipairs(inventories_of(record, reader)) do
    local group = entry.group
    local counts, records = read_inventory(record.unit, group, entry.inventory)
    held[group] = counts
    local groups = record.groups
    if not groups then
      groups = {}
      record.groups = groups
    end
    local last = groups[group] or ""
    if #records > 0 or last ~= "" then
      local none = #records == 0 and pack(HELD_FORMAT, record.unit, group, 0, 0) or ""
      groups[group] = writer.put_changed("inventories", records, last, none)
    end
  end
  return held
end

--- Gives 1 + the number of what a machine is set to make, or a furnace makes or has made; 0 for nothing.
---@param entity LuaEntity
---@return integer
local function recipe_of(entity)
  local recipe = entity.get_recipe()
  if recipe then
    return (codes.RECIPE_INDEX[recipe.name] or -1) + 1
  end
  local previous = entity.type == "furnace" and entity.previous_recipe
  local name = previous and previous.name
  if type(name) ~= "string" then
    name = name and name.name
  end
  return name and (codes.RECIPE_INDEX[name] or -1) + 1 or 0
end

--- Reads a machine: tells its inventories, and gives what its own record says.
---@param record Record
---@param writer Writer
---@return integer status, integer contents, integer recipe
function machines.read(record, writer)
  local reader = READERS[record.type]
  if not reader then
    return NORMAL, 0, 0
  end
  local entity = record.entity
  local status = reader.has_status and codes.STATUS_OF[entity.status] or NORMAL
  local recipe = reader.has_recipe and recipe_of(entity) or 0
  local held = reader.slots and tell_inventories(record, reader, writer) or {}
  local contents = reader.contents and reader.contents(record, held, recipe) or 0
  return status, contents, recipe
end

--- Tells the fluids in all boxes of a machine, where they changed.
---@param record Record
---@param writer Writer
function machines.tell_fluids(record, writer)
  local amounts, order = {}, {}
  for name, amount in pairs(record.entity.get_fluid_contents()) do
    local code = ITEMS[name]
    if code then
      amounts[code] = amount
      order[#order + 1] = code
    end
  end
  table.sort(order)
  local format, records = SECTIONS.fluids.format, {}
  for place, code in ipairs(order) do
    records[place] = pack(format, record.unit, code, amounts[code])
  end
  record.fluids = writer.put_changed("fluids", records, record.fluids or "", pack(format, record.unit, 0, 0))
end

return machines
