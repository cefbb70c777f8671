--- Long texts that come in parts, in any order. Owns `storage.transfers`.
local contract = require("contract")

local transfers = { name = "transfers" }

---@class Transfer
---@field id string
---@field parts integer
---@field received integer
---@field bytes integer
---@field data table<integer, string> by part

function transfers.on_init()
  --- The one that was touched longest ago comes first.
  ---@type Transfer[]
  storage.transfers = {}
end

--- Forgets all that has come.
function transfers.clear()
  storage.transfers = {}
end

---@param id string
---@return integer?
local function place_of(id)
  for place, transfer in ipairs(storage.transfers) do
    if transfer.id == id then
      return place
    end
  end
  return nil
end

--- Takes a part; the same part again replaces it.
---@param id string
---@param part integer from 1
---@param parts integer
---@param data string
---@return boolean?, ErrorKind?, string?
function transfers.put(id, part, parts, data)
  local open = storage.transfers
  local place = place_of(id)
  local transfer = place and table.remove(open, place)
  if not transfer or transfer.parts ~= parts then
    transfer = { id = id, parts = parts, received = 0, bytes = 0, data = {} }
  end
  local before = transfer.data[part]
  local bytes = transfer.bytes + #data - (before and #before or 0)
  if bytes > contract.MAX_TRANSFER_BYTES then
    return nil, "limit", "a transfer has at most " .. contract.MAX_TRANSFER_BYTES .. " bytes: " .. id
  end
  transfer.bytes = bytes
  transfer.received = transfer.received + (before and 0 or 1)
  transfer.data[part] = data
  while #open >= contract.MAX_TRANSFERS do
    table.remove(open, 1)
  end
  open[#open + 1] = transfer
  return true
end

--- Gives what a whole transfer says, and forgets it where that is no JSON.
---@param id string
---@return any value, ErrorKind?, string?
function transfers.read(id)
  local place = place_of(id)
  if not place then
    return nil, "bad-request", "no transfer has this id: " .. id
  end
  local transfer = storage.transfers[place]
  if transfer.received < transfer.parts then
    local text = "only " .. transfer.received .. " of " .. transfer.parts .. " parts have come: " .. id
    return nil, "bad-request", text
  end
  local text = helpers.decode_string(table.concat(transfer.data, "", 1, transfer.parts))
  local value = text and helpers.json_to_table(text)
  if value == nil then
    table.remove(storage.transfers, place)
    return nil, "bad-request", "the transfer is no packed JSON text: " .. id
  end
  return value
end

--- Forgets a transfer.
---@param id string
function transfers.drop(id)
  local place = place_of(id)
  if place then
    table.remove(storage.transfers, place)
  end
end

return transfers
