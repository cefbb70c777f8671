--- Characters without players: what they were told to do, what they carry. Owns `storage.characters`.
local codes = require("scripts.codes")
local contract = require("contract")
local environments = require("scripts.environments")

local characters = { name = "characters" }

--- New characters look south.
local SOUTH = 4
--- Health is told in this part of a point.
local HEALTH_SCALE = 256
--- More crafts that wait are told as this many.
local MAX_TOLD_CRAFTS = 65535

--- What is told of a character of which nothing is known.
---@type CharacterState
local NOBODY = { health = 0, mining = 0, crafting = 0, crafts = 0, occupied = 0, slots = 0, inventory = {}, queue = {} }

--- Orders to walk, made once: they are written in every tick.
local WALK = {}
for eighths = 0, 7 do
  WALK[eighths] = { walking = true, direction = codes.EIGHTHS[eighths] }
end

local pack = string.pack
local FORMATS = contract.SECTIONS

function characters.on_init()
  ---@type table<integer, CharacterRecord>
  storage.characters = {}
end

--- Begins without a character.
---@param number integer
function characters.open(number)
  storage.characters[number] = nil
end

--- Forgets an environment's character.
---@param number integer
function characters.close(number)
  storage.characters[number] = nil
end

--- Takes a new character in.
---@param environment Environment
---@param entity LuaEntity
function characters.adopt(environment, entity)
  local position = entity.position
  storage.characters[environment.number] = {
    entity = entity,
    facing = SOUTH,
    x = codes.subtiles(position.x),
    y = codes.subtiles(position.y),
    inventory = "",
    crafting = "",
  }
end

---@param number integer
---@return CharacterRecord?
function characters.of(number)
  return storage.characters[number]
end

--- Main inventories of characters, looked up once.
---@type table<CharacterRecord, LuaInventory>
local inventories = setmetatable({}, { __mode = "k" })

--- Gives the main inventory of a living character.
---@param character CharacterRecord
---@return LuaInventory
function characters.inventory(character)
  local inventory = inventories[character]
  if not (inventory and inventory.valid) then
    inventory = character.entity.get_main_inventory()
    inventories[character] = inventory
  end
  return inventory
end

--- Puts items into a character's main inventory and returns how many had room.
---@param number integer
---@param stack ItemStackIdentification
---@return integer
function characters.give(number, stack)
  local character = storage.characters[number]
  if not character then
    error("there is no character yet", 0)
  end
  return characters.inventory(character).insert(stack)
end

--- Lets a character walk, or stand still.
---@param character CharacterRecord
---@param eighths integer?
function characters.walk(character, eighths)
  character.walking = eighths
  if eighths then
    character.facing = eighths
    character.entity.walking_state = WALK[eighths]
  else
    character.entity.walking_state = { walking = false, direction = codes.EIGHTHS[character.facing] }
  end
end

---@param entity LuaEntity
---@param thing LuaEntity
local function choose(entity, thing)
  entity.selected = thing
end

--- Has the game mine what a character aims at.
---@param character CharacterRecord
---@param thing LuaEntity
---@return boolean whether the game takes it as a target
local function aim(character, thing)
  local entity = character.entity
  -- Not every version lets a character without a player be told; pointing there does the same, unless things overlap.
  pcall(choose, entity, thing)
  if entity.selected ~= thing then
    entity.update_selected_entity(thing.position)
  end
  if entity.selected ~= thing then
    return false
  end
  entity.mining_state = { mining = true, position = thing.position }
  return true
end

--- Lets a character mine until told otherwise.
---@param character CharacterRecord
---@param target MiningTarget
---@return boolean
function characters.mine(character, target)
  character.mining = aim(character, target.entity) and target or nil
  return character.mining ~= nil
end

--- Lets a character stop mining.
---@param character CharacterRecord
function characters.stop_mining(character)
  character.mining = nil
  character.entity.mining_state = { mining = false }
end

--- Says whether a box in tiles is within some tiles of a character.
---@param position MapPosition
---@param box number[]
---@param reach number
---@return boolean
function characters.reaches(position, box, reach)
  local dx = math.max(box[1] - position.x, 0, position.x - box[3])
  local dy = math.max(box[2] - position.y, 0, position.y - box[4])
  return dx * dx + dy * dy <= reach * reach
end

--- Says whether a target can still be mined.
---@param character CharacterRecord
---@param target MiningTarget
---@return boolean
local function is_minable(character, target)
  if not target.entity.valid then
    return false
  end
  if not characters.reaches(character.entity.position, target.box, target.reach) then
    return false
  end
  local product = target.product
  return product == nil or characters.inventory(character).can_insert({ name = product, count = 1 })
end

--- Holds a character to its orders: walking states last for a tick, and mining ends by itself.
---@param character CharacterRecord
local function hold(character)
  local entity = character.entity
  if not entity.valid then
    return
  end
  if character.walking then
    entity.walking_state = WALK[character.walking]
  end
  local target = character.mining
  if target and not entity.mining_state.mining then
    if not (is_minable(character, target) and aim(character, target.entity)) then
      character.mining = nil
    end
  end
end

local function on_tick()
  for number = 1, contract.MAX_ENVIRONMENTS do
    local character = storage.characters[number]
    if character and (character.walking or character.mining) then
      hold(character)
    end
  end
end

--- Packs what a character carries, by item code.
---@param contents ItemWithQualityCounts[]
---@return string[]
local function packed_inventory(contents)
  local counts, order, items = {}, {}, contract.ITEMS
  for _, stack in ipairs(contents) do
    local code = items[stack.name]
    if code then
      if not counts[code] then
        order[#order + 1] = code
      end
      counts[code] = (counts[code] or 0) + stack.count
    end
  end
  table.sort(order)
  local records, format = {}, FORMATS.inventory.format
  for place, code in ipairs(order) do
    records[place] = pack(format, code, counts[code])
  end
  return records
end

--- Packs the queue of crafts by hand.
---@param queue CraftingQueueItem[]?
---@return string[] records, integer crafts
local function packed_queue(queue)
  local records, crafts, format = {}, 0, FORMATS.crafting.format
  for _, item in ipairs(queue or {}) do
    local recipe = codes.RECIPE_INDEX[item.recipe]
    if recipe and #records < FORMATS.crafting.max_records then
      records[#records + 1] = pack(format, recipe, item.count)
    end
    crafts = crafts + item.count
  end
  return records, crafts
end

--- Reads what is told of a living character.
---@param character CharacterRecord
---@return CharacterState
local function state_of(character)
  local entity, inventory = character.entity, characters.inventory(character)
  local queue, crafts = packed_queue(entity.crafting_queue)
  local slots = #inventory
  return {
    health = math.floor(entity.health * HEALTH_SCALE),
    mining = character.mining and entity.character_mining_progress or 0,
    crafting = entity.crafting_queue_progress,
    crafts = math.min(crafts, MAX_TOLD_CRAFTS),
    occupied = slots - inventory.count_empty_stacks(),
    slots = slots,
    inventory = packed_inventory(inventory.get_contents()),
    queue = queue,
  }
end

--- Reads a character into a frame; of a dead one what it was when it died.
---@param character CharacterRecord
---@param satisfaction number of the electric networks in view
---@param writer Writer
function characters.tell(character, satisfaction, writer)
  local alive = character.entity.valid
  local state = alive and state_of(character) or character.last or NOBODY
  writer.put("character", pack(
    FORMATS.character.format,
    character.x,
    character.y,
    alive and state.health or 0,
    character.facing,
    alive and 1 or 0,
    state.mining,
    state.crafting,
    state.crafts,
    state.occupied,
    state.slots,
    satisfaction
  ))
  local none = pack(FORMATS.inventory.format, 0, 0)
  character.inventory = writer.put_changed("inventory", state.inventory, character.inventory, none)
  local idle = pack(FORMATS.crafting.format, contract.NO_CRAFT, 0)
  -- A queue is told of in every frame until it is empty, since its first order shrinks as it is worked on.
  local before = #state.queue > 0 and "" or character.crafting
  character.crafting = writer.put_changed("crafting", state.queue, before, idle)
end

--- Notes where a character is, for what depends on it.
---@param character CharacterRecord
function characters.locate(character)
  if character.entity.valid then
    local position = character.entity.position
    character.x, character.y = codes.subtiles(position.x), codes.subtiles(position.y)
  end
end

--- A character that dies is gone before anyone can look: its last state is kept.
---@param event EventData.on_entity_died
local function on_entity_died(event)
  local environment = event.entity.type == "character" and environments.of_surface(event.entity.surface)
  local character = environment and storage.characters[environment.number]
  if character and character.entity == event.entity then
    characters.locate(character)
    character.last = state_of(character)
  end
end

characters.events = {
  { event = defines.events.on_tick, handler = on_tick },
  { event = defines.events.on_entity_died, handler = on_entity_died },
}

return characters
