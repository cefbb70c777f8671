-- Replaces what stock Lua 5.2 has and the game's Lua does otherwise. Run once in a new state, as
-- `prelude(host)`; it returns nothing, and scripts see only the globals that it sets.
local host = ...

local raw_next, raw_pairs, raw_load = next, pairs, load
local raw_pcall, raw_xpcall = pcall, xpcall
local getmetatable, rawlen, type, select, error = getmetatable, rawlen, type, select, error
local setmetatable, rawget = setmetatable, rawget
local sort = table.sort
local draw, shuffled = host.draw, host.shuffled
local check_budget, error_value = host.check_budget, host.error_value
local has_pairs, object_order = host.has_pairs, host.object_order

-- Errors.

-- A failure that is the end of the instructions goes on through every pcall.
local function settle(ok, ...)
  if ok then
    return true, ...
  end
  check_budget()
  return false, error_value((...))
end

function pcall(...)
  return settle(raw_pcall(...))
end

function xpcall(f, handler, ...)
  return settle(raw_xpcall(f, function(message)
    return handler(error_value(message))
  end, ...))
end

-- Chunks of text only. An environment given as nil is not one that is left out.
function load(chunk, name, _, ...)
  local f, message = raw_load(chunk, name, "t", ...)
  if f == nil then
    check_budget()
    return nil, error_value(message)
  end
  return f
end

-- Order.

local function object_before(a, b)
  return object_order(a) < object_order(b)
end

local function keys_of(t)
  local numbers, strings, objects, others = {}, {}, {}, {}
  local n, s, o, r = 0, 0, 0, 0
  local has_false, has_true = false, false
  for key in raw_next, t do
    local kind = type(key)
    if kind == "number" then
      n = n + 1
      numbers[n] = key
    elseif kind == "string" then
      s = s + 1
      strings[s] = key
    elseif kind == "boolean" then
      has_true = has_true or key
      has_false = has_false or not key
    elseif kind == "userdata" then
      o = o + 1
      objects[o] = key
    else
      r = r + 1
      others[r] = key
    end
  end
  if n > 1 then
    sort(numbers)
  end
  if s > 1 then
    sort(strings)
  end
  local count = n
  for i = 1, s do
    numbers[count + i] = strings[i]
  end
  count = count + s
  if has_false then
    count = count + 1
    numbers[count] = false
  end
  if has_true then
    count = count + 1
    numbers[count] = true
  end
  if o > 1 then
    sort(objects, object_before)
  end
  for i = 1, o do
    numbers[count + i] = objects[i]
  end
  count = count + o
  for i = 1, r do
    numbers[count + i] = others[i]
  end
  count = count + r
  if shuffled then
    for i = count, 2, -1 do
      local j = draw(i)
      numbers[i], numbers[j] = numbers[j], numbers[i]
    end
  end
  return numbers, count
end

function pairs(t)
  if type(t) ~= "table" or (getmetatable(t) ~= nil and has_pairs(t)) then
    return raw_pairs(t)
  end
  local keys, count = keys_of(t)
  local at = 0
  local function following(table)
    while at < count do
      at = at + 1
      local key = keys[at]
      -- What the loop has removed meanwhile is passed over.
      local value = rawget(table, key)
      if value ~= nil then
        return key, value
      end
    end
    return nil
  end
  return following, t, nil
end

-- The keys of the tables that `next` walks, and the place of each key.
local walks = setmetatable({}, { __mode = "k" })

local function start_walk(t)
  local keys, count = keys_of(t)
  local places = {}
  for i = 1, count do
    places[keys[i]] = i
  end
  local walk = { keys = keys, count = count, places = places }
  walks[t] = walk
  return walk
end

function next(t, key)
  if type(t) ~= "table" then
    return raw_next(t, key)
  end
  local walk, place
  if key == nil then
    if raw_next(t) == nil then
      return nil
    end
    walk, place = start_walk(t), 0
  else
    walk = walks[t] or start_walk(t)
    place = walk.places[key]
    if place == nil then
      walk = start_walk(t)
      place = walk.places[key]
      if place == nil then
        error("invalid key to 'next'", 2)
      end
    end
  end
  for i = place + 1, walk.count do
    local following = walk.keys[i]
    local value = rawget(t, following)
    if value ~= nil then
      return following, value
    end
  end
  return nil
end

function table_size(t)
  local count = 0
  for _ in raw_next, t do
    count = count + 1
  end
  return count
end

-- Kept from Lua 5.1, as in the game.
unpack = table.unpack

-- Not in the game, or not to be relied on.
collectgarbage, dofile, loadfile, loadstring, coroutine = nil, nil, nil, nil, nil
