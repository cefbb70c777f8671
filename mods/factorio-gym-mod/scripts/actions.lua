--- Commands for a character without a player. Owns no state.
---
--- Whoever sends a command has checked it on a mirror; here only what the game itself would refuse is refused, with a
--- code of the contract, and a refusal changes nothing.
local characters = require("scripts.characters")
local codes = require("scripts.codes")
local contract = require("contract")
local ground = require("scripts.ground")
local names = require("prototypes")
local research = require("scripts.research")
local tracking = require("scripts.tracking")
local undergrounds = require("scripts.undergrounds")

local actions = {}

local REJECTED = contract.REJECTED
--- The game's queue of research is no longer.
local MAX_QUEUED = 7

---@alias Refusal integer a code of contract.REJECTED

--- Finds an entity in reach; ghosts are none.
---@param environment Environment
---@param character CharacterRecord
---@param unit integer
---@return Record?, Refusal?
local function reachable(environment, character, unit)
  local record = tracking.record(environment.number, unit)
  if not record then
    return nil, REJECTED["no-target"]
  end
  if not record.entity.valid then
    tracking.remove(environment.number, record)
    return nil, REJECTED["no-target"]
  end
  if record.type == "entity-ghost" then
    return nil, REJECTED["wrong-target"]
  end
  local entity = character.entity
  if not characters.reaches(entity.position, record.box, entity.reach_distance) then
    return nil, REJECTED["out-of-reach"]
  end
  return record
end

--- Gives the first item that mining an entity yields.
---@param entity LuaEntity
---@return string?
local function product_of(entity)
  if entity.type == "item-entity" then
    return entity.stack.name
  end
  for _, product in ipairs(entity.prototype.mineable_properties.products or {}) do
    if product.type == "item" then
      return product.name
    end
  end
  return nil
end

--- Lets the character mine something that is in reach.
---@param character CharacterRecord
---@param entity LuaEntity
---@param box number[]
---@param reach number
---@return Refusal?
local function mine(character, entity, box, reach)
  if not characters.reaches(character.entity.position, box, reach) then
    return REJECTED["out-of-reach"]
  end
  if not entity.minable then
    return REJECTED["wrong-target"]
  end
  local product = product_of(entity)
  if product and not characters.inventory(character).can_insert({ name = product, count = 1 }) then
    return REJECTED["full"]
  end
  local target = { entity = entity, product = product, box = box, reach = reach }
  return not characters.mine(character, target) and REJECTED["wrong-target"] or nil
end

--- Finds what lies or grows at a place.
---@param environment Environment
---@param type string
---@param position { [1]: number, [2]: number }
---@return LuaEntity?
local function at(environment, type, position)
  local filter = { type = type, position = position, limit = 1 }
  return environment.surface.find_entities_filtered(filter)[1]
end

---@param entity LuaEntity
---@return number[]
local function point_of(entity)
  local position = entity.position
  return { position.x, position.y, position.x, position.y }
end

--- What each command does; `command` is as `requests` parsed it.
---@type table<string, fun(environment: Environment, character: CharacterRecord, command: table): Refusal?>
local deeds = {}

function deeds.walk(_, character, command)
  characters.walk(character, command.eighths)
end

function deeds.stop(_, character)
  characters.stop_mining(character)
end

function deeds.mine_entity(environment, character, command)
  local record, refusal = reachable(environment, character, command.unit)
  if not record then
    return refusal
  end
  local why = mine(character, record.entity, record.box, character.entity.reach_distance)
  if not why then
    tracking.watch(environment.number, record.unit)
  end
  return why
end

function deeds.mine_resource(environment, character, command)
  local entity = at(environment, "resource", { command.x + 0.5, command.y + 0.5 })
  if not entity then
    return REJECTED["no-target"]
  end
  local refusal = mine(character, entity, point_of(entity), character.entity.resource_reach_distance)
  if not refusal then
    ground.watch_hand(environment.number, entity)
  end
  return refusal
end

function deeds.mine_pile(environment, character, command)
  local entity = at(environment, "item-entity", { command.x / 256, command.y / 256 })
  if not entity then
    return REJECTED["no-target"]
  end
  return mine(character, entity, point_of(entity), character.entity.reach_distance)
end

--- Takes the ghosts away over which something is to be built, fulfilled or not, as building by hand does.
---@param environment Environment
---@param entity LuaEntity
local function remove_ghosts_under(environment, entity)
  local box = entity.bounding_box
  local tiles = {
    math.floor(box.left_top.x),
    math.floor(box.left_top.y),
    math.ceil(box.right_bottom.x) - 1 / 512,
    math.ceil(box.right_bottom.y) - 1 / 512,
  }
  local ghosts = {}
  tracking.each_in(environment.number, tiles, function(record)
    if record.type == "entity-ghost" then
      ghosts[#ghosts + 1] = record
    end
  end)
  for _, record in ipairs(ghosts) do
    if record.entity.valid then
      record.entity.destroy()
    end
    tracking.remove(environment.number, record)
  end
end

--- Takes a new thing in, unless an event has done so already.
---@param environment Environment
---@param entity LuaEntity
local function adopt(environment, entity)
  local record = tracking.find(environment.number, entity) or tracking.add(environment, entity, false)
  if record then
    ground.watch_drill(environment, record)
  end
end

function deeds.build(environment, character, command)
  local name, surface, force = names.PROTOTYPES[command.prototype + 1], environment.surface, environment.force
  local prototype = prototypes.entity[name]
  local item = prototype and prototype.items_to_place_this and prototype.items_to_place_this[1]
  if not item then
    return REJECTED["wrong-item"]
  end
  local inventory = characters.inventory(character)
  if inventory.get_item_count(item.name) < item.count then
    return REJECTED["missing-item"]
  end
  local position, direction = { command.x / 256, command.y / 256 }, codes.SIXTEENTHS[command.direction]
  local box = { position[1], position[2], position[1], position[2] }
  if not characters.reaches(character.entity.position, box, character.entity.build_distance) then
    return REJECTED["out-of-reach"]
  end
  local is_free = surface.can_place_entity({
    name = name,
    position = position,
    direction = direction,
    force = force,
    build_check_type = defines.build_check_type.manual,
  })
  local entity = is_free and surface.create_entity({
    name = name,
    position = position,
    direction = direction,
    force = force,
    type = undergrounds.new_end(surface, name, prototype.type, position, direction),
    fast_replace = true,
    character = character.entity,
    raise_built = true,
  })
  if not entity then
    return REJECTED["no-space"]
  end
  inventory.remove({ name = item.name, count = item.count })
  remove_ghosts_under(environment, entity)
  adopt(environment, entity)
  return nil
end

function deeds.insert(environment, character, command)
  local record, refusal = reachable(environment, character, command.unit)
  if not record then
    return refusal
  end
  local item, inventory = codes.ITEM_NAMES[command.item], characters.inventory(character)
  if not prototypes.item[item] then
    return REJECTED["wrong-item"]
  end
  local count = math.min(command.count, prototypes.item[item].stack_size, inventory.get_item_count(item))
  if count == 0 then
    return REJECTED["missing-item"]
  end
  local inserted = record.entity.insert({ name = item, count = count })
  if inserted == 0 then
    return REJECTED["full"]
  end
  inventory.remove({ name = item, count = inserted })
  return nil
end

--- Which inventory a hand takes from, by type.
local TAKEN_FROM = {
  ["container"] = defines.inventory.chest,
  ["logistic-container"] = defines.inventory.chest,
  ["infinity-container"] = defines.inventory.chest,
  ["cargo-landing-pad"] = defines.inventory.cargo_landing_pad_main,
  ["furnace"] = defines.inventory.crafter_output,
  ["assembling-machine"] = defines.inventory.crafter_output,
  ["ammo-turret"] = defines.inventory.turret_ammo,
}

function deeds.take(environment, character, command)
  local record, refusal = reachable(environment, character, command.unit)
  if not record then
    return refusal
  end
  local from = TAKEN_FROM[record.type] and record.entity.get_inventory(TAKEN_FROM[record.type])
  if not from then
    return REJECTED["wrong-target"]
  end
  local wanted, left = command.item and codes.ITEM_NAMES[command.item], command.count or math.huge
  local inventory, found, taken = characters.inventory(character), false, 0
  -- What is taken out leaves from any slot that holds it, so the slots are read before the first is touched.
  local stacks = {}
  for place = 1, #from do
    local stack = from[place]
    if stack.valid_for_read and (not wanted or stack.name == wanted) then
      stacks[#stacks + 1] = { name = stack.name, count = stack.count }
    end
  end
  for _, stack in ipairs(stacks) do
    if left > 0 then
      found = true
      local name, count = stack.name, math.min(stack.count, left)
      local given = inventory.insert({ name = name, count = count })
      if given > 0 then
        from.remove({ name = name, count = given })
        left, taken = left - given, taken + given
      end
    end
  end
  if taken > 0 then
    return nil
  end
  return found and REJECTED["full"] or REJECTED["empty"]
end

function deeds.craft(environment, character, command)
  local name = names.RECIPES[command.recipe + 1]
  local recipe = environment.force.recipes[name]
  if not recipe then
    return REJECTED["no-recipe"]
  end
  if not recipe.enabled then
    return REJECTED["recipe-locked"]
  end
  local started = character.entity.begin_crafting({ count = command.count, recipe = name, silent = true })
  return started == 0 and REJECTED["missing-ingredients"] or nil
end

function deeds.set_recipe(environment, character, command)
  local record, refusal = reachable(environment, character, command.unit)
  if not record then
    return refusal
  end
  local name = names.RECIPES[command.recipe + 1]
  local recipe = environment.force.recipes[name]
  if record.type ~= "assembling-machine" then
    return REJECTED["wrong-target"]
  end
  if not (recipe and recipe.enabled) then
    return REJECTED["recipe-locked"]
  end
  -- The game raises where the machine cannot make it.
  local ok, returned = pcall(record.entity.set_recipe, name)
  if not ok then
    return REJECTED["wrong-target"]
  end
  for _, stack in ipairs(returned) do
    local given = characters.inventory(character).insert(stack)
    if given < stack.count then
      environment.surface.spill_item_stack({
        position = record.entity.position,
        stack = { name = stack.name, count = stack.count - given, quality = stack.quality },
        force = environment.force,
        allow_belts = false,
      })
    end
  end
  return nil
end

--- Takes note of how a thing stands now.
---@param environment Environment
---@param record Record
local function look_again(environment, record)
  local direction = codes.SIXTEENTH_OF[record.entity.direction] or 0
  if direction ~= record.direction then
    record.direction = direction
    tracking.touch(environment.number, record)
  end
end

--- Looks at a thing that was turned; the other end of an underground belt turns with it.
---@param environment Environment
---@param turned Record
local function look_at_turned(environment, turned)
  look_again(environment, turned)
  if turned.type ~= "underground-belt" then
    return
  end
  local reach, box = undergrounds.reach(turned.name), turned.box
  local around = { box[1] - reach, box[2] - reach, box[3] + reach, box[4] + reach }
  tracking.each_in(environment.number, around, function(record)
    if record.name == turned.name and record.type == turned.type and record.entity.valid then
      look_again(environment, record)
    end
  end)
end

function deeds.rotate(environment, character, command)
  local record, refusal = reachable(environment, character, command.unit)
  if not record then
    return refusal
  end
  if not record.entity.rotate() then
    return REJECTED["wrong-target"]
  end
  look_at_turned(environment, record)
  return nil
end

function deeds.ghost(environment, _, command)
  local name, surface = names.PROTOTYPES[command.prototype + 1], environment.surface
  local position, direction = { command.x / 256, command.y / 256 }, codes.SIXTEENTHS[command.direction]
  local is_free = prototypes.entity[name]
    and surface.can_place_entity({
      name = "entity-ghost",
      inner_name = name,
      position = position,
      direction = direction,
      force = environment.force,
      build_check_type = defines.build_check_type.manual_ghost,
    })
  local ghost = is_free
    and surface.create_entity({
      name = "entity-ghost",
      inner_name = name,
      position = position,
      direction = direction,
      force = environment.force,
      raise_built = true,
    })
  if not ghost then
    return REJECTED["no-space"]
  end
  adopt(environment, ghost)
  return nil
end

function deeds.remove_ghost(environment, _, command)
  local record = tracking.record(environment.number, command.unit)
  if not (record and record.entity.valid) then
    return REJECTED["no-target"]
  end
  if record.type ~= "entity-ghost" then
    return REJECTED["wrong-target"]
  end
  record.entity.destroy()
  tracking.remove(environment.number, record)
  return nil
end

--- Says why a technology cannot be researched now.
---@param technology LuaTechnology
---@return Refusal?
local function research_refusal(technology)
  if technology.researched or not technology.enabled then
    return REJECTED["wrong-target"]
  end
  for _, needed in pairs(technology.prerequisites) do
    if not needed.researched then
      return REJECTED["recipe-locked"]
    end
  end
  return nil
end

--- Researches a technology from now on; what was being researched keeps its progress and comes after it.
function deeds.research(environment, _, command)
  local force, name = environment.force, names.TECHNOLOGIES[command.technology + 1]
  local technology = force.technologies[name]
  local refusal = technology and research_refusal(technology)
  if not technology or refusal then
    return refusal or REJECTED["no-target"]
  end
  local before, after = {}, { name }
  for place, queued in ipairs(force.research_queue) do
    before[place] = queued.name
    if queued.name ~= name then
      after[#after + 1] = queued.name
    end
  end
  if #after > MAX_QUEUED then
    return REJECTED["queue-full"]
  end
  force.research_queue = after
  local current = force.current_research
  if not (current and current.name == name) then
    -- The game does not research it in labs.
    force.research_queue = before
    return REJECTED["wrong-target"]
  end
  research.touch(environment.number)
  return nil
end

--- Commands that a dead character may be given.
local FOR_THE_DEAD = { stop = true, ghost = true, remove_ghost = true, research = true }

--- Carries out a command, or refuses it with a code.
---@param environment Environment
---@param command table
---@return Refusal?
function actions.execute(environment, command)
  local character = characters.of(environment.number)
  if not character.entity.valid then
    local is_allowed = FOR_THE_DEAD[command.deed] or (command.deed == "walk" and not command.eighths)
    if not is_allowed then
      return REJECTED["dead"]
    end
    if command.deed == "walk" or command.deed == "stop" then
      return nil
    end
  end
  return deeds[command.deed](environment, character, command)
end

return actions
