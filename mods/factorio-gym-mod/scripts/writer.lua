--- Collects the records of a frame, section by section, and keeps to the limits of the contract. Owns no state.
---
--- What a writer refuses is not lost: whoever offered it offers it again for the next frame.
local contract = require("contract")

local SECTIONS = contract.SECTIONS
--- Bytes before the records of a section.
local SECTION_HEAD_BYTES = 3

--- Names of the sections in the order of their numbers, which is that in the payload.
local ORDER = {}
for name, section in pairs(SECTIONS) do
  ORDER[section.id] = name
end

--- The payload of a frame is at most this long.
local MAX_PAYLOAD_BYTES = contract.MAX_FRAGMENTS * (contract.MAX_DATAGRAM_BYTES - contract.HEADER.bytes)

---@class Writer
---@field put fun(section: string, record: string): boolean takes a record, if there is room for it
---@field put_all fun(section: string, records: string[]): boolean takes all records, or none
---@field put_changed fun(section: string, records: string[], last: string, empty: string): string `empty` is the record
---  that says that the list is empty
---@field payload fun(): string

local writer = {}

--- Makes an empty writer.
---@return Writer
function writer.new()
  local left = MAX_PAYLOAD_BYTES - #ORDER * SECTION_HEAD_BYTES
  local taken = {}

  local function put_all(section, records)
    local count = #records
    if count == 0 then
      return true
    end
    local layout, list = SECTIONS[section], taken[section]
    if not list then
      list = {}
      taken[section] = list
    end
    local bytes = count * layout.bytes
    if bytes > left or #list + count > layout.max_records then
      return false
    end
    left = left - bytes
    for place = 1, count do
      list[#list + 1] = records[place]
    end
    return true
  end

  local one = {}
  local function put(section, record)
    one[1] = record
    return put_all(section, one)
  end

  --- Takes a list that is told whole whenever it changed; gives what is to be remembered as told.
  local function put_changed(section, records, last, empty)
    local now = table.concat(records)
    if now == last then
      return last
    end
    local told
    if #records > 0 then
      told = put_all(section, records)
    else
      told = put(section, empty)
    end
    return told and now or last
  end

  local function payload()
    local parts = {}
    for id, name in ipairs(ORDER) do
      local list = taken[name]
      if list and #list > 0 then
        parts[#parts + 1] = string.pack("<I1I2", id, #list)
        parts[#parts + 1] = table.concat(list)
      end
    end
    return table.concat(parts)
  end

  return { put = put, put_all = put_all, put_changed = put_changed, payload = payload }
end

return writer
