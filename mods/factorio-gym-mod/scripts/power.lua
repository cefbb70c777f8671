--- How well the electric networks in view are supplied. Owns no state: what belongs to which network is looked up again
--- whenever something was built or went.
local tracking = require("scripts.tracking")

local power = {}

--- Consumers of a network that are asked; all of its consumers get the same share.
local MAX_PROBES = 4
--- Types that may take electricity as others do; what is served first, as laser turrets are, says nothing of the rest.
local CONSUMER_TYPES = {
  ["assembling-machine"] = true,
  ["beacon"] = true,
  ["furnace"] = true,
  ["inserter"] = true,
  ["lab"] = true,
  ["lamp"] = true,
  ["mining-drill"] = true,
  ["pump"] = true,
  ["radar"] = true,
  ["roboport"] = true,
  ["rocket-silo"] = true,
}

--- Consumers by network, by environment.
---@type table<integer, { held: Tracking, version: integer, consumers: table<integer, Record[]> }>
local known = {}

---@param number integer
---@return table<integer, Record[]>
local function consumers_of(number)
  local held, last = tracking.of(number), known[number]
  if last and last.held == held and last.version == held.version then
    return last.consumers
  end
  local consumers = {}
  for unit = 1, held.next - 1 do
    local record = held.records[unit]
    if record and CONSUMER_TYPES[record.type] and record.entity.valid then
      local network = record.entity.electric_buffer_size and record.entity.electric_network_id
      local list = network and consumers[network]
      if network and not list then
        list = {}
        consumers[network] = list
      end
      if list and #list < MAX_PROBES then
        list[#list + 1] = record
      end
    end
  end
  known[number] = { held = held, version = held.version, consumers = consumers }
  return consumers
end

--- Gives the share of its demand that the worst-off network with a pole in a window meets; 1 where there is none.
---@param number integer
---@param poles Record[] that are near the window
---@param window number[] left, top, right, bottom in tiles
---@return number
function power.satisfaction(number, poles, window)
  local worst, consumers, seen = 1, nil, {}
  for _, pole in ipairs(poles) do
    local x, y = pole.x / 256, pole.y / 256
    local is_in = x >= window[1] and x < window[3] and y >= window[2] and y < window[4]
    if is_in and pole.entity.valid then
      local network = pole.entity.electric_network_id
      consumers = consumers or consumers_of(number)
      for _, consumer in ipairs(network and not seen[network] and consumers[network] or {}) do
        local entity = consumer.entity
        if entity.valid then
          worst = math.min(worst, entity.energy / entity.electric_buffer_size)
        end
      end
      if network then
        seen[network] = true
      end
    end
  end
  return worst
end

return power
