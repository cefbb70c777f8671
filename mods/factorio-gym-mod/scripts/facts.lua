--- Makes the payload of a frame: what of an environment changed since the last one. Owns no state.
local characters = require("scripts.characters")
local clock = require("scripts.clock")
local contract = require("contract")
local ground = require("scripts.ground")
local machines = require("scripts.machines")
local power = require("scripts.power")
local production = require("scripts.production")
local research = require("scripts.research")
local tracking = require("scripts.tracking")
local units = require("scripts.units")
local writers = require("scripts.writer")

local facts = {}

--- Entities that one frame reads with all in scope; the next one goes on where it stopped.
local MAX_ENTITIES_PER_SCAN = 16384
--- Things without anything to read are looked at once in so many frames.
local FRAMES_PER_SWEEP = 64
--- Health is told in this part of a point.
local HEALTH_SCALE = 256
--- Chunks are this wide.
local CHUNK_TILES = 32
--- A player sees this many chunks round the own one.
local SEEN_CHUNKS = 3

local pack = string.pack
local SECTIONS, FULL_HEALTH = contract.SECTIONS, contract.FULL_HEALTH
local NORMAL, DAMAGED = contract.STATUSES["normal"], contract.STATUSES["damaged"]

--- Gives the tiles that a character's picture shows: left, top, and where they end.
---@param character CharacterRecord
---@return number[]
local function window_of(character)
  local left = math.floor(character.x / 256) - contract.CENTER_CELL
  local top = math.floor(character.y / 256) - contract.CENTER_CELL
  return { left, top, left + contract.MAP_SIDE, top + contract.MAP_SIDE }
end

---@param coordinate number
---@return integer
local function chunk_of(coordinate)
  return math.floor(coordinate / CHUNK_TILES)
end

--- Lets the force know what a player in the character's place would see.
---@param environment Environment
---@param character CharacterRecord
local function chart(environment, character)
  local x, y = chunk_of(character.x / 256), chunk_of(character.y / 256)
  if environment.charted_x == x and environment.charted_y == y then
    return
  end
  environment.charted_x, environment.charted_y = x, y
  local low_x, low_y = (x - SEEN_CHUNKS) * CHUNK_TILES, (y - SEEN_CHUNKS) * CHUNK_TILES
  local side = (2 * SEEN_CHUNKS + 1) * CHUNK_TILES - 1
  environment.force.chart(environment.surface, { { low_x, low_y }, { low_x + side, low_y + side } })
end

--- Makes the question whether a place may be told of: everything, unless play is fair.
---@param environment Environment
---@param character CharacterRecord
---@param method "is_chunk_charted"|"is_chunk_visible"
---@return fun(position: MapPosition): boolean
local function sight(environment, character, method)
  if not clock.is_fair() then
    return function()
      return true
    end
  end
  local answers = {}
  local col, row = chunk_of(character.x / 256), chunk_of(character.y / 256)
  return function(position)
    local x, y = chunk_of(position.x), chunk_of(position.y)
    local key = x .. "," .. y
    if answers[key] == nil then
      local is_near = math.abs(x - col) <= SEEN_CHUNKS and math.abs(y - row) <= SEEN_CHUNKS
      answers[key] = is_near or environment.force[method](environment.surface, { x, y })
    end
    return answers[key]
  end
end

--- Reads the health of what may have been hurt.
---@param environment Environment
---@param record Record
---@return integer
local function health_of(environment, record)
  if not environment.has_enemies or tracking.is_natural(record.type) then
    return FULL_HEALTH
  end
  local health = record.entity.health
  if not health or health >= record.entity.max_health then
    return FULL_HEALTH
  end
  return math.floor(health * HEALTH_SCALE)
end

--- Tells a ghost that the mirror does not have.
---@param record Record
---@param writer Writer
local function tell_ghost(record, writer)
  if record.is_known and not record.is_stale then
    return
  end
  local format = SECTIONS.ghosts.format
  local packed = pack(format, record.unit, record.prototype, record.x, record.y, record.direction)
  if writer.put("ghosts", packed) then
    record.is_known, record.is_new, record.is_stale = true, false, false
  end
end

--- Tells an entity, where something of it changed.
---@param environment Environment
---@param record Record
---@param writer Writer
local function tell_entity(environment, record, writer)
  if record.type == "entity-ghost" then
    tell_ghost(record, writer)
    return
  end
  local status, contents, recipe = machines.read(record, writer)
  local health = health_of(environment, record)
  if status == NORMAL and health ~= FULL_HEALTH then
    status = DAMAGED
  end
  -- What has nothing to read stands there as it was set up: only that it is hurt has to be told.
  local is_as_set_up = record.status == nil and record.is_known and not machines.is_read(record.type)
  local is_same = record.status == status
    and record.contents == contents
    and record.health == health
    and record.recipe == recipe
  if not record.is_stale and (is_same or (is_as_set_up and health == FULL_HEALTH)) then
    return
  end
  local packed = pack(
    SECTIONS.entities.format,
    record.unit,
    record.code,
    record.prototype,
    record.x,
    record.y,
    record.direction,
    status,
    contents,
    health,
    recipe
  )
  if writer.put("entities", packed) then
    record.status, record.contents, record.health, record.recipe = status, contents, health, recipe
    record.is_known, record.is_new, record.is_stale = true, false, false
  end
end

--- Tells a thing, or takes note that it is gone.
---@param environment Environment
---@param record Record
---@param writer Writer
local function tell(environment, record, writer)
  if record.entity.valid then
    tell_entity(environment, record, writer)
  else
    tracking.remove(environment.number, record)
  end
end

--- Tells the things in a window.
---
--- What has nothing to read can only be hurt or go: by the enemy, or by hands, whose target is watched. Everything in
--- view is looked at now and then all the same, since other scripts may take things away.
---@param environment Environment
---@param view View
---@param window number[]
---@param writer Writer
local function tell_window(environment, view, window, writer)
  local is_in = tracking.is_in
  for _, record in ipairs(view.machines) do
    if is_in(record, window) then
      tell(environment, record, writer)
    end
  end
  if environment.has_enemies or environment.frame % FRAMES_PER_SWEEP == 0 then
    for _, record in ipairs(view.statics) do
      if is_in(record, window) then
        tell(environment, record, writer)
      end
    end
  end
  local watched = tracking.watched(environment.number)
  if watched then
    tell(environment, watched, writer)
  end
end

--- Tells what makes things outside the window, wherever it stands.
---@param environment Environment
---@param window number[]
---@param writer Writer
local function tell_makers(environment, window, writer)
  for _, record in ipairs(tracking.makers(environment.number)) do
    if not tracking.is_in(record, window) then
      tell(environment, record, writer)
    end
  end
end

--- Tells everything on the surface that may be known, as many things as one scan reads.
---@param environment Environment
---@param may_know fun(position: MapPosition): boolean
---@param writer Writer
local function tell_all(environment, may_know, writer)
  local held = tracking.of(environment.number)
  local last = held.next - 1
  local unit = environment.scan_from or 1
  local count, read = 0, 0
  while count < last and read < MAX_ENTITIES_PER_SCAN do
    if unit > last then
      unit = 1
    end
    local record = held.records[unit]
    if record then
      read = read + 1
      if may_know({ x = record.x / 256, y = record.y / 256 }) then
        tell(environment, record, writer)
        if record.entity.valid and machines.is_read(record.type) then
          machines.tell_fluids(record, writer)
        end
      end
    end
    unit, count = unit + 1, count + 1
  end
  environment.scan_from = count < last and unit or nil
end

--- Tells what appeared since the last frame, wherever it is, and what is gone.
---@param environment Environment
---@param writer Writer
local function tell_news(environment, writer)
  local held = tracking.of(environment.number)
  local news = held.news
  held.news = {}
  for _, unit in ipairs(news) do
    local record = held.records[unit]
    if record and (record.is_new or record.is_stale) then
      tell(environment, record, writer)
      if (record.is_new or record.is_stale) and record.entity.valid then
        held.news[#held.news + 1] = unit
      end
    end
  end
  local removed = held.removed
  held.removed = {}
  table.sort(removed)
  for _, unit in ipairs(removed) do
    if not writer.put("removed", pack(SECTIONS.removed.format, unit)) then
      held.removed[#held.removed + 1] = unit
    end
  end
end

--- Makes the payload of an environment's next frame.
---@param environment Environment
---@param scope Scope
---@return string
function facts.payload(environment, scope)
  local number, with_all = environment.number, scope == "a"
  local writer = writers.new()
  local character = characters.of(number)
  characters.locate(character)
  if clock.is_fair() then
    chart(environment, character)
  end
  local window = window_of(character)
  local view = tracking.near(number, window, machines.is_read)
  tell_window(environment, view, window, writer)
  if scope == "m" then
    tell_makers(environment, window, writer)
  elseif with_all then
    tell_all(environment, sight(environment, character, "is_chunk_charted"), writer)
  end
  tell_news(environment, writer)
  local made = production.tell(environment, with_all, writer)
  ground.tell_resources(environment, character, made, writer)
  local box = not with_all and window or nil
  ground.tell_piles(environment, box, writer)
  if environment.has_enemies then
    local area = box and { { box[1], box[2] }, { box[3], box[4] } }
    units.tell(environment, area, sight(environment, character, "is_chunk_visible"), writer)
  end
  research.tell(environment, writer)
  characters.tell(character, power.satisfaction(number, view.poles, window), writer)
  return writer.payload()
end

return facts
