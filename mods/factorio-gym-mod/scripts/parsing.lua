--- Reads the text of requests. Owns no state, changes nothing, and takes any text.
---
--- What cannot be read gives `nil` and the reason.
local contract = require("contract")
local names = require("prototypes")

local parsing = {}

--- Map positions lie within this, in 1/256 tile: no map of ours is larger, and `string.pack` takes no more.
local MAX_POSITION = 2 ^ 30
--- Tiles lie within this.
local MAX_TILE = 2 ^ 15 - 1
--- Numbers of things, and counts.
local MAX_COUNT = 2 ^ 32 - 1
--- A request that is wrong is quoted up to here.
local MAX_QUOTED = 60

--- Reads a whole number within limits.
---@param text string?
---@param low number
---@param high number
---@return integer?
function parsing.whole(text, low, high)
  if not (text and #text <= 20 and text:find("^-?%d+$")) then
    return nil
  end
  local value = tonumber(text)
  return value >= low and value <= high and value or nil
end

--- Cuts a text at spaces.
---@param text string
---@return string[]
function parsing.words(text)
  local words = {}
  for word in text:gmatch("%S+") do
    words[#words + 1] = word
  end
  return words
end

--- Makes a text fit for a reply: short, on one line.
---@param text string
---@return string
function parsing.quoted(text)
  local short = #text > MAX_QUOTED and text:sub(1, MAX_QUOTED) .. "..." or text
  return '"' .. short:gsub("%c", "?") .. '"'
end

--- Fields of commands: what each reads of its word.
local FIELDS = {
  count = { 1, MAX_COUNT },
  direction = { 0, 15 },
  eighths = { 0, 7 },
  item = { 1, 255 },
  prototype = { 0, #names.PROTOTYPES - 1 },
  recipe = { 0, #names.RECIPES - 1 },
  technology = { 0, #names.TECHNOLOGIES - 1 },
  tile_x = { -MAX_TILE, MAX_TILE },
  tile_y = { -MAX_TILE, MAX_TILE },
  unit = { 1, MAX_COUNT },
  x = { -MAX_POSITION, MAX_POSITION },
  y = { -MAX_POSITION, MAX_POSITION },
}

--- Commands by their letters: what they do, and their fields in order; the optional ones come together or not at all.
local COMMANDS = {
  ["S"] = { deed = "stop" },
  ["W"] = { deed = "walk", "eighths" },
  ["M e"] = { deed = "mine_entity", "unit" },
  ["M r"] = { deed = "mine_resource", "tile_x", "tile_y" },
  ["M p"] = { deed = "mine_pile", "x", "y" },
  ["B"] = { deed = "build", "prototype", "x", "y", "direction" },
  ["I"] = { deed = "insert", "unit", "item", "count" },
  ["T"] = { deed = "take", "unit", optional = { "item", "count" } },
  ["C"] = { deed = "craft", "recipe", "count" },
  ["P"] = { deed = "set_recipe", "unit", "recipe" },
  ["O"] = { deed = "rotate", "unit" },
  ["G"] = { deed = "ghost", "prototype", "x", "y", "direction" },
  ["U"] = { deed = "remove_ghost", "unit" },
  ["R"] = { deed = "research", "technology" },
}

--- Names under which fields are handed on, where these differ.
local HANDED_ON = { tile_x = "x", tile_y = "y" }

---@param into table
---@param field string
---@param word string?
---@return boolean
local function read_field(into, field, word)
  local limits = FIELDS[field]
  local value = parsing.whole(word, limits[1], limits[2])
  into[HANDED_ON[field] or field] = value
  return value ~= nil
end

--- Reads one command.
---@param text string
---@return table?
function parsing.command(text)
  local words = parsing.words(text)
  local letter, first = words[1], 2
  if letter == "M" then
    letter, first = letter .. " " .. (words[2] or ""), 3
  end
  local form = letter and COMMANDS[letter]
  if not form then
    return nil
  end
  local command = { deed = form.deed }
  if form.deed == "walk" and words[2] == "-" and #words == 2 then
    return command
  end
  local fields = {}
  for _, field in ipairs(form) do
    fields[#fields + 1] = field
  end
  if form.optional and #words - first + 1 > #form then
    for _, field in ipairs(form.optional) do
      fields[#fields + 1] = field
    end
  end
  if #words - first + 1 ~= #fields then
    return nil
  end
  for place, field in ipairs(fields) do
    if not read_field(command, field, words[first + place - 1]) then
      return nil
    end
  end
  return command
end

--- Cuts a text at a separator.
---@param text string
---@param separator string one character
---@return string[]
local function pieces(text, separator)
  local found = {}
  for piece in (text .. separator):gmatch("(.-)%" .. separator) do
    found[#found + 1] = piece
  end
  return found
end

--- Reads the commands of a step: `ENV:CMD,CMD,...;ENV:...`, or `-`.
---@param text string
---@return { number: integer, commands: table[] }[]?, ErrorKind?, string?
function parsing.orders(text)
  local orders, seen = {}, {}
  if text == "-" then
    return orders
  end
  for _, part in ipairs(pieces(text, ";")) do
    local head, list = part:match("^(%d+):(.+)$")
    local number = parsing.whole(head, 1, contract.MAX_ENVIRONMENTS)
    if not number or seen[number] then
      return nil, "bad-request", "no environment, or one that came before: " .. parsing.quoted(part)
    end
    seen[number] = true
    local commands = {}
    for _, each in ipairs(pieces(list, ",")) do
      local command = parsing.command(each)
      if not command then
        return nil, "bad-request", "no command: " .. parsing.quoted(each)
      end
      if #commands == contract.MAX_COMMANDS_PER_STEP then
        return nil, "limit", "an environment takes at most " .. contract.MAX_COMMANDS_PER_STEP .. " commands in a step"
      end
      commands[#commands + 1] = command
    end
    orders[#orders + 1] = { number = number, commands = commands }
  end
  return orders
end

--- Reads a list of environments: `1,2,5`; `*` is `nil`.
---@param text string
---@return integer[]?, ErrorKind?, string?
function parsing.numbers(text)
  local numbers, seen = {}, {}
  for _, piece in ipairs(pieces(text, ",")) do
    local number = parsing.whole(piece, 1, contract.MAX_ENVIRONMENTS)
    if not number or seen[number] then
      return nil, "bad-request", "no environment, or one that came before: " .. parsing.quoted(piece)
    end
    seen[number] = true
    numbers[#numbers + 1] = number
  end
  return numbers
end

return parsing
