--- Resource tiles that something mines, and items that lie about. Owns `storage.ground`.
---
--- The mirror knows every amount from set-up; only mining changes one, so only what a drill or a hand mines is read.
local codes = require("scripts.codes")
local contract = require("contract")
local tracking = require("scripts.tracking")

local ground = { name = "ground" }

--- Keys of tiles: columns are this far apart.
local KEY_STRIDE = 65536
--- No drill mines two items in fewer ticks, whatever modules and beacons it has.
local MIN_MINING_TICKS = 10
--- Items that may lie in one view; more are not told of.
local MAX_PILES = contract.SECTIONS.piles.max_records

local pack = string.pack
local SECTIONS = contract.SECTIONS

---@class Ground
---@field tiles table<integer, ResourceRecord> tiles that are mined, by place
---@field drills { unit: integer, keys: integer[], product: integer? }[]
---@field mined integer[] places of tiles that hands have mined since the last frame
---@field piles table<integer, string> packed records as told last, by place
---@field next integer number of the first thing that was not looked at for drills
---@field tick integer when it was read last

function ground.on_init()
  ---@type table<integer, Ground>
  storage.ground = {}
end

---@param number integer
function ground.open(number)
  storage.ground[number] = { tiles = {}, drills = {}, mined = {}, piles = {}, next = 1, tick = game.tick }
end

---@param number integer
function ground.close(number)
  storage.ground[number] = nil
end

---@param x number
---@param y number
---@return integer
local function key_of(x, y)
  return x * KEY_STRIDE + y
end

--- Takes a resource tile in; what it holds now counts as told.
---@param held Ground
---@param entity LuaEntity
---@return integer?
local function watch(held, entity)
  local code = contract.RESOURCES[entity.name]
  if not code then
    return nil
  end
  local position = entity.position
  local x, y = math.floor(position.x), math.floor(position.y)
  local key = key_of(x, y)
  if not held.tiles[key] then
    held.tiles[key] = { entity = entity, x = x, y = y, code = code, amount = entity.amount }
  end
  return key
end

--- Takes note that hands mine a resource tile.
---@param number integer
---@param entity LuaEntity
function ground.watch_hand(number, entity)
  local held = storage.ground[number]
  local key = watch(held, entity)
  local mined = held.mined
  if key and mined[#mined] ~= key then
    mined[#mined + 1] = key
  end
end

--- Gives the code of what a resource yields as an item, 0 where it yields none.
---@param entity LuaEntity
---@return integer
local function product_of(entity)
  for _, product in ipairs(entity.prototype.mineable_properties.products or {}) do
    if product.type == "item" then
      return contract.ITEMS[product.name] or 0
    end
  end
  return 0
end

--- Takes in the tiles that a drill mines; other things, and those that are known, are passed over.
---@param environment Environment
---@param record Record
function ground.watch_drill(environment, record)
  if record.type ~= "mining-drill" or record.is_watched then
    return
  end
  record.is_watched = true
  local held = storage.ground[environment.number]
  local x, y = record.x / 256, record.y / 256
  local radius = prototypes.entity[record.name].get_mining_drill_radius()
  local found = environment.surface.find_entities_filtered({
    type = "resource",
    area = { { x - radius, y - radius }, { x + radius, y + radius } },
  })
  local drill = { unit = record.unit, keys = {}, product = nil }
  for _, entity in ipairs(found) do
    local key = watch(held, entity)
    if key then
      drill.keys[#drill.keys + 1] = key
      local product = product_of(entity)
      -- A drill that yields several things, or fluids, is read whatever was made.
      drill.product = (drill.product == nil or drill.product == product) and product or 0
    end
  end
  held.drills[#held.drills + 1] = drill
end

--- Takes in the tiles of all drills that have appeared since it was called last.
---@param environment Environment
function ground.watch_drills(environment)
  local held, tracked = storage.ground[environment.number], tracking.of(environment.number)
  for unit = held.next, tracked.next - 1 do
    local record = tracked.records[unit]
    if record and record.entity.valid then
      ground.watch_drill(environment, record)
    end
  end
  held.next = tracked.next
end

--- Tells a tile, if it changed.
---@param held Ground
---@param key integer
---@param writer Writer
local function tell_tile(held, key, writer)
  local tile = held.tiles[key]
  if not tile then
    return
  end
  local amount = tile.entity.valid and tile.entity.amount or 0
  if amount == tile.amount then
    return
  end
  if writer.put("resources", pack(SECTIONS.resources.format, tile.x, tile.y, tile.code, amount)) then
    tile.amount = amount
    if amount == 0 then
      held.tiles[key] = nil
    end
  end
end

--- Says whether a drill may have mined something since it was read last.
---@param record Record?
---@param drill table
---@param made table<integer, boolean>
---@param ticks integer
---@return boolean
local function may_have_mined(record, drill, made, ticks)
  if not (record and record.entity.valid) then
    return true
  end
  local product = drill.product
  if product and product ~= 0 and not made[product] then
    return false
  end
  local before, progress = record.progress, record.entity.mining_progress or 0
  record.progress = progress
  return before == nil or ticks >= MIN_MINING_TICKS or progress < before or product == 0
end

--- Reads the resource tiles that changed into a frame.
---@param environment Environment
---@param character CharacterRecord
---@param made table<integer, boolean> item codes of which some were made since the last frame
---@param writer Writer
function ground.tell_resources(environment, character, made, writer)
  local held = storage.ground[environment.number]
  local ticks = game.tick - held.tick
  held.tick = game.tick
  ground.watch_drills(environment)
  local kept = {}
  for _, drill in ipairs(held.drills) do
    local record = tracking.record(environment.number, drill.unit)
    if may_have_mined(record, drill, made, ticks) then
      for _, key in ipairs(drill.keys) do
        tell_tile(held, key, writer)
      end
    end
    if record and record.entity.valid then
      kept[#kept + 1] = drill
    end
  end
  held.drills = kept
  local mined = held.mined
  for _, key in ipairs(mined) do
    tell_tile(held, key, writer)
  end
  -- What is still being mined is read again the next time.
  held.mined = character.mining and { mined[#mined] } or {}
end

--- Reads the items that lie in an area, or on the whole surface, into a frame.
---@param environment Environment
---@param box number[]? tiles
---@param writer Writer
function ground.tell_piles(environment, box, writer)
  local held, format = storage.ground[environment.number], SECTIONS.piles.format
  local found = environment.surface.find_entities_filtered({
    type = "item-entity",
    area = box and { { box[1], box[2] }, { box[3], box[4] } },
    limit = MAX_PILES,
  })
  local now, order = {}, {}
  for _, entity in ipairs(found) do
    local stack, position = entity.stack, entity.position
    local code = contract.ITEMS[stack.name]
    if code then
      local x, y = codes.subtiles(position.x), codes.subtiles(position.y)
      local key = y * 2 ^ 26 + x
      now[key] = pack(format, x, y, code, stack.count)
      order[#order + 1] = key
    end
  end
  if #order == 0 and next(held.piles) == nil then
    return
  end
  for key, last in pairs(held.piles) do
    local x, y = string.unpack("<i4i4", last)
    local is_here = not box or (x >= box[1] * 256 and x < box[3] * 256 and y >= box[2] * 256 and y < box[4] * 256)
    if is_here and not now[key] then
      order[#order + 1] = key
    end
  end
  table.sort(order)
  for _, key in ipairs(order) do
    local last, record = held.piles[key], now[key]
    if record == nil then
      local x, y = string.unpack("<i4i4", last)
      if writer.put("piles", pack(format, x, y, 0, 0)) then
        held.piles[key] = nil
      end
    elseif record ~= last and writer.put("piles", record) then
      held.piles[key] = record
    end
  end
end

return ground
