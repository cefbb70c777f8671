--- Which end of an underground belt a new one is: a script must say so where a player's hand finds out by itself.
---
--- The other end is looked for by place: the member that names it is called differently in 2.0 and 2.1.
local undergrounds = {}

--- Steps along the directions in which belts run.
local STEPS = {
  [defines.direction.north] = { 0, -1 },
  [defines.direction.east] = { 1, 0 },
  [defines.direction.south] = { 0, 1 },
  [defines.direction.west] = { -1, 0 },
}

--- Finds the nearest underground belt of a kind along a line.
---@param surface LuaSurface
---@param name string
---@param position { [1]: number, [2]: number }
---@param step { [1]: number, [2]: number }
---@param tiles integer how far to look
---@return LuaEntity?, integer? distance
local function nearest(surface, name, position, step, tiles)
  for distance = 1, tiles do
    local place = { position[1] + step[1] * distance, position[2] + step[2] * distance }
    local found = surface.find_entities_filtered({ position = place, name = name, limit = 1 })[1]
    if found then
      return found, distance
    end
  end
  return nil, nil
end

--- Gives how far apart the ends of an underground belt may be.
---@param name string
---@return integer
function undergrounds.reach(name)
  return prototypes.entity[name].max_underground_distance
end

--- Says whether an underground belt built here leads up, as the exit of one that waits for it, or down; `nil` for what
--- is no underground belt.
---@param surface LuaSurface
---@param name string
---@param type string
---@param position { [1]: number, [2]: number }
---@param direction defines.direction
---@return "input"|"output"|nil
function undergrounds.new_end(surface, name, type, position, direction)
  local step = STEPS[direction]
  if type ~= "underground-belt" or not step then
    return nil
  end
  local reach = undergrounds.reach(name)
  local behind, distance = nearest(surface, name, position, { -step[1], -step[2] }, reach)
  if not behind or behind.belt_to_ground_type ~= "input" or behind.direction ~= direction then
    return "input"
  end
  local ahead = nearest(surface, name, position, step, reach - distance)
  local is_taken = ahead and ahead.belt_to_ground_type == "output" and ahead.direction == direction
  return is_taken and "input" or "output"
end

return undergrounds
