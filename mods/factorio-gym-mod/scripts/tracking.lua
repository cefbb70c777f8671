--- Entities and ghosts that are told of: their numbers, where they are, which of them are in view. Owns
--- `storage.tracking`.
---
--- Records are looked up by number; a grid of buckets finds those in a window without asking the game. Lists of what is
--- in view are kept outside storage and made again whenever something came, went, or the window moved.
local codes = require("scripts.codes")
local environments = require("scripts.environments")
local names = require("prototypes")

local tracking = { name = "tracking" }

--- Side of a bucket in tiles.
local BUCKET_TILES = 16
--- Keys of buckets: columns are this far apart.
local KEY_STRIDE = 65536

--- Things that nobody owns: they are only ever whole or gone.
local NATURAL_TYPES = { tree = true, ["simple-entity"] = true }
--- What the enemy's structures are.
local ENEMY_TYPES = { ["unit-spawner"] = true, turret = true }

--- Types of what makes things: whoever pays for machines at work wants to know of them wherever they stand.
local MAKER_TYPES = {
  ["assembling-machine"] = true,
  ["furnace"] = true,
  ["mining-drill"] = true,
  ["rocket-silo"] = true,
}

---@class Tracking
---@field next integer number of the next entity or ghost
---@field records table<integer, Record> by number
---@field by_unit_number table<integer, integer> the game's numbers to ours
---@field buckets table<integer, integer[]> numbers of what touches a bucket
---@field makers Record[] what makes things, and some of what did
---@field watched integer? number of what hands mined last
---@field news integer[] numbers of what appeared or was turned since the last frame
---@field removed integer[] numbers of what went since the last frame
---@field version integer rises with every change of what there is

function tracking.on_init()
  storage.tracking = {
    ---@type table<integer, Tracking>
    environments = {},
    --- What the game's notices of destroyed objects are about: registration to { environment, unit }.
    ---@type table<integer, { number: integer, unit: integer }>
    registrations = {},
  }
end

--- Begins with nothing.
---@param number integer
function tracking.open(number)
  tracking.close(number)
  storage.tracking.environments[number] = {
    next = 1,
    records = {},
    by_unit_number = {},
    buckets = {},
    makers = {},
    news = {},
    removed = {},
    version = 0,
  }
end

--- Forgets an environment.
---@param number integer
function tracking.close(number)
  storage.tracking.environments[number] = nil
end

---@param number integer
---@return Tracking
function tracking.of(number)
  return storage.tracking.environments[number]
end

--- Finds a record by its number.
---@param number integer
---@param unit integer
---@return Record?
function tracking.record(number, unit)
  return storage.tracking.environments[number].records[unit]
end

--- Says whether things of a type belong to nobody.
---@param type string
---@return boolean
function tracking.is_natural(type)
  return NATURAL_TYPES[type] == true
end

--- Says whether things of a type are the enemy's.
---@param type string
---@return boolean
function tracking.is_enemy(type)
  return ENEMY_TYPES[type] == true
end

---@param box number[]
---@param visit fun(key: integer)
local function each_bucket(box, visit)
  local floor = math.floor
  for row = floor(box[2] / BUCKET_TILES), floor(box[4] / BUCKET_TILES) do
    for col = floor(box[1] / BUCKET_TILES), floor(box[3] / BUCKET_TILES) do
      visit(col * KEY_STRIDE + row)
    end
  end
end

--- Takes an entity or a ghost in and gives it the next number; what the contract has no number for is passed over.
---@param environment Environment
---@param entity LuaEntity
---@param is_known boolean whether the mirror has it already, as after set-up
---@return Record?
function tracking.add(environment, entity, is_known)
  local type = entity.type
  local name = type == "entity-ghost" and entity.ghost_name or entity.name
  local index = codes.PROTOTYPE_INDEX[name]
  if not index then
    return nil
  end
  local held = storage.tracking.environments[environment.number]
  local position, box = entity.position, entity.bounding_box
  ---@type Record
  local record = {
    unit = held.next,
    entity = entity,
    prototype = index,
    name = name,
    type = type,
    code = names.ENTITY_CODES[index + 1],
    x = codes.subtiles(position.x),
    y = codes.subtiles(position.y),
    direction = codes.SIXTEENTH_OF[entity.direction] or 0,
    box = { box.left_top.x, box.left_top.y, box.right_bottom.x, box.right_bottom.y },
    is_known = is_known,
    is_new = not is_known,
    is_stale = false,
  }
  held.next = record.unit + 1
  held.records[record.unit] = record
  held.version = held.version + 1
  each_bucket(record.box, function(key)
    local bucket = held.buckets[key]
    if not bucket then
      bucket = {}
      held.buckets[key] = bucket
    end
    bucket[#bucket + 1] = record.unit
  end)
  if MAKER_TYPES[type] then
    held.makers[#held.makers + 1] = record
  end
  if not is_known then
    held.news[#held.news + 1] = record.unit
  end
  if not NATURAL_TYPES[type] then
    record.unit_number = entity.unit_number
    if record.unit_number then
      held.by_unit_number[record.unit_number] = record.unit
    end
    local registration = script.register_on_object_destroyed(entity)
    storage.tracking.registrations[registration] = { number = environment.number, unit = record.unit }
  end
  if ENEMY_TYPES[type] then
    environment.has_enemies = true
  end
  return record
end

--- Takes note that something is gone.
---@param number integer
---@param record Record
function tracking.remove(number, record)
  local held = storage.tracking.environments[number]
  if held.records[record.unit] ~= record then
    return
  end
  held.records[record.unit] = nil
  if record.unit_number then
    held.by_unit_number[record.unit_number] = nil
  end
  held.version = held.version + 1
  -- What came and went between two frames is not told of.
  if not record.is_new then
    held.removed[#held.removed + 1] = record.unit
  end
end

--- Lists what makes things.
---@param number integer
---@return Record[]
function tracking.makers(number)
  local held = storage.tracking.environments[number]
  local makers = {}
  for _, record in ipairs(held.makers) do
    if held.records[record.unit] then
      makers[#makers + 1] = record
    end
  end
  if #makers < #held.makers then
    held.makers = makers
  end
  return makers
end

--- Takes note that something of a thing changed that is not read: the next frame tells it, wherever it is.
---@param number integer
---@param record Record
function tracking.touch(number, record)
  local news = storage.tracking.environments[number].news
  record.is_stale = true
  news[#news + 1] = record.unit
end

--- Calls `visit` with every record that touches a box in tiles, in the order of the grid.
---@param number integer
---@param box number[]
---@param visit fun(record: Record)
function tracking.each_in(number, box, visit)
  local held = storage.tracking.environments[number]
  local seen = {}
  each_bucket(box, function(key)
    local bucket = held.buckets[key]
    if not bucket then
      return
    end
    local kept = 0
    for place = 1, #bucket do
      local unit = bucket[place]
      local record = held.records[unit]
      bucket[place] = nil
      if record then
        kept = kept + 1
        bucket[kept] = unit
        local other = record.box
        local touches = other[1] <= box[3] and other[3] >= box[1] and other[2] <= box[4] and other[4] >= box[2]
        if touches and not seen[unit] then
          seen[unit] = true
          visit(record)
        end
      end
    end
  end)
end

--- Tiles round a window of which the things are known too: a list of what is near lasts while a character walks so far.
local VIEW_MARGIN_TILES = 8

--- What is near a window: what has something to read, what only stands there, and poles.
---@class View
---@field held Tracking
---@field version integer
---@field box number[] the tiles that it is of
---@field machines Record[]
---@field statics Record[]
---@field poles Record[]

--- Views by environment; made again from storage after a load.
---@type table<integer, View>
local views = {}

---@param view View
---@param held Tracking
---@param window number[]
---@return boolean
local function is_current(view, held, window)
  if view.held ~= held or view.version ~= held.version then
    return false
  end
  local box = view.box
  return box[1] <= window[1] and box[2] <= window[2] and box[3] >= window[3] and box[4] >= window[4]
end

--- Lists the things near a window of tiles; not all of them are in it.
---@param number integer
---@param window number[] left, top, right, bottom in tiles
---@param is_read fun(type: string): boolean
---@return View
function tracking.near(number, window, is_read)
  local held = storage.tracking.environments[number]
  local view = views[number]
  if view and is_current(view, held, window) then
    return view
  end
  local margin = VIEW_MARGIN_TILES
  local box = { window[1] - margin, window[2] - margin, window[3] + margin, window[4] + margin }
  view = { held = held, version = held.version, box = box, machines = {}, statics = {}, poles = {} }
  tracking.each_in(number, box, function(record)
    local list = is_read(record.type) and view.machines or view.statics
    list[#list + 1] = record
    if record.type == "electric-pole" then
      view.poles[#view.poles + 1] = record
    end
  end)
  views[number] = view
  return view
end

--- Says whether any of a thing is in a window of tiles.
---@param record Record
---@param window number[]
---@return boolean
function tracking.is_in(record, window)
  local box = record.box
  -- A thing that ends where the window begins is not in it.
  return box[1] < window[3] and box[3] > window[1] and box[2] < window[4] and box[4] > window[2]
end

--- Asks for a thing to be looked at in the next frames, wherever it is, until another one is.
---@param number integer
---@param unit integer
function tracking.watch(number, unit)
  storage.tracking.environments[number].watched = unit
end

--- Gives the record of what is watched.
---@param number integer
---@return Record?
function tracking.watched(number)
  local held = storage.tracking.environments[number]
  return held.watched and held.records[held.watched]
end

---@param event EventData.on_object_destroyed
local function on_object_destroyed(event)
  local registration = storage.tracking.registrations[event.registration_number]
  if not registration then
    return
  end
  storage.tracking.registrations[event.registration_number] = nil
  local held = storage.tracking.environments[registration.number]
  local record = held and held.records[registration.unit]
  -- The number may belong to a thing of a later episode by now.
  if record and not record.entity.valid then
    tracking.remove(registration.number, record)
  end
end

--- Finds the record of an entity.
---@param number integer
---@param entity LuaEntity
---@return Record?
function tracking.find(number, entity)
  local held = storage.tracking.environments[number]
  local unit_number = entity.unit_number
  local unit = held and unit_number and held.by_unit_number[unit_number]
  return unit and held.records[unit] or nil
end

---@param entity LuaEntity
---@return Environment?, Record?
local function known(entity)
  local environment = environments.of_surface(entity.surface)
  return environment, environment and tracking.find(environment.number, entity) or nil
end

---@param event { entity: LuaEntity }
local function on_entity_died(event)
  local environment, record = known(event.entity)
  if environment and record then
    tracking.remove(environment.number, record)
  end
end

---@param entity LuaEntity?
local function appeared(entity)
  if not (entity and entity.valid) then
    return
  end
  local environment, record = known(entity)
  if environment and not record then
    tracking.add(environment, entity, false)
  end
end

---@param event { entity: LuaEntity }
local function on_built(event)
  appeared(event.entity)
end

---@param event { ghost: LuaEntity? }
local function on_post_entity_died(event)
  appeared(event.ghost)
end

tracking.events = {
  { event = defines.events.on_object_destroyed, handler = on_object_destroyed },
  { event = defines.events.on_entity_died, handler = on_entity_died },
  { event = defines.events.on_post_entity_died, handler = on_post_entity_died },
  { event = defines.events.on_robot_built_entity, handler = on_built },
  { event = defines.events.on_built_entity, handler = on_built },
  { event = defines.events.script_raised_built, handler = on_built },
  { event = defines.events.script_raised_revive, handler = on_built },
  { event = defines.events.on_biter_base_built, handler = on_built },
}

return tracking
