--- What a force has made and used on its surface. Owns `storage.production`.
local contract = require("contract")

local production = { name = "production" }

local pack = string.pack
local SECTIONS = contract.SECTIONS

function production.on_init()
  --- Counts as told last, by item code.
  ---@type table<integer, { made: table<integer, integer>, used: table<integer, integer> }>
  storage.production = {}
end

--- Begins with nothing made: the statistics of a new surface are empty.
---@param number integer
function production.open(number)
  storage.production[number] = { made = {}, used = {} }
end

---@param number integer
function production.close(number)
  storage.production[number] = nil
end

--- Tells the counts that changed and notes which they are.
---@param counts table<string, integer>
---@param last table<integer, integer>
---@param section string
---@param writer Writer
---@return table<integer, boolean> changed item codes
local function tell_changed(counts, last, section, writer)
  local order, items, changed = {}, contract.ITEMS, {}
  local now = {}
  for name, count in pairs(counts) do
    local code = items[name]
    if code and last[code] ~= count then
      order[#order + 1] = code
      now[code] = count
    end
  end
  table.sort(order)
  local format = SECTIONS[section].format
  for _, code in ipairs(order) do
    changed[code] = true
    if writer.put(section, pack(format, code, now[code])) then
      last[code] = now[code]
    end
  end
  return changed
end

--- Reads the statistics into a frame; tells which item codes were made since the last one.
---@param environment Environment
---@param with_used boolean
---@param writer Writer
---@return table<integer, boolean>
function production.tell(environment, with_used, writer)
  local held = storage.production[environment.number]
  local statistics = environment.force.get_item_production_statistics(environment.surface)
  local changed = tell_changed(statistics.input_counts, held.made, "produced", writer)
  if with_used then
    tell_changed(statistics.output_counts, held.used, "consumed", writer)
  end
  return changed
end

return production
