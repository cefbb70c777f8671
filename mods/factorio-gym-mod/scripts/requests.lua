--- The console command: requests in, one line out. Owns `storage.requests`.
---
--- Whatever a request says, it is answered with one line; what is refused has changed nothing.
local actions = require("scripts.actions")
local clock = require("scripts.clock")
local contract = require("contract")
local environments = require("scripts.environments")
local frames = require("scripts.frames")
local parsing = require("scripts.parsing")
local setup = require("scripts.setup")
local transfers = require("scripts.transfers")

local requests = { name = "requests" }

local PREFIX = "[factorio_fast] "
--- Ids of transfers.
local MAX_ID_CHARACTERS = 64
--- Numbers of episodes, and the sequence.
local MAX_NUMBER = 2 ^ 32 - 1
local MAX_PORT = 65535

--- Replies are kept of this many numbered requests, for the same requests once more.
local MAX_KEPT_REPLIES = 64

function requests.on_init()
  storage.requests = {
    --- The number of the last request that was carried out.
    sequence = 0,
    --- Replies by number.
    ---@type table<integer, string>
    replies = {},
    --- The last look: its number, and the environments whose frames it made. Replies to looks before it are not kept.
    ---@type { sequence: integer, numbers: integer[] }
    look = { sequence = 0, numbers = {} },
  }
end

--- What an error is told as.
---@param kind ErrorKind
---@param text string
---@return string
local function failure(kind, text)
  return "error " .. kind .. " " .. text
end

---@param text string
---@return string
local function bad(text)
  return failure("bad-request", text)
end

--- Writes a text as JSON.
---@param text string
---@return string
local function json_text(text)
  return '"' .. text:gsub('[%c"\\]', "?") .. '"'
end

--- The requests by their verbs; each gets its words and the whole text behind the verb, and gives the reply.
---@type table<string, fun(words: string[], rest: string): string>
local verbs = {}

function verbs.hello()
  local open = {}
  for place, environment in ipairs(environments.all()) do
    local form = '{"number":%d,"episode":%d,"frame":%d}'
    open[place] = string.format(form, environment.number, environment.episode, environment.frame)
  end
  local fields = {
    '"mod_version":' .. json_text(script.active_mods[script.mod_name] or ""),
    '"game_version":' .. json_text(helpers.game_version),
    '"contract_version":' .. contract.VERSION,
    '"contract_hash":' .. json_text(contract.HASH),
    '"has_udp":' .. tostring(clock.has_udp()),
    '"sequence":' .. string.format("%d", storage.requests.sequence),
    '"tick":' .. string.format("%d", game.tick),
    '"max_environments":' .. contract.MAX_ENVIRONMENTS,
    '"environments":[' .. table.concat(open, ",") .. "]",
  }
  return "ok {" .. table.concat(fields, ",") .. "}"
end

function verbs.configure(_, rest)
  local settings = helpers.json_to_table(rest)
  if type(settings) ~= "table" then
    return bad("no JSON object: " .. parsing.quoted(rest))
  end
  local port, speed, is_fair = settings.udp_port, settings.speed, settings.fair_play
  if type(port) ~= "number" or port % 1 ~= 0 or port < 0 or port > MAX_PORT then
    return bad("udp_port is 0 to " .. MAX_PORT)
  end
  if type(speed) ~= "number" or not (speed > 0 and speed < math.huge) then
    return bad("speed is a number above 0")
  end
  if type(is_fair) ~= "boolean" then
    return bad("fair_play is true or false")
  end
  if port > 0 and not clock.has_udp() then
    return bad("the server was started without --enable-lua-udp, so udp_port can only be 0")
  end
  for _, environment in ipairs(environments.all()) do
    setup.close(environment.number)
    frames.close(environment.number)
  end
  transfers.clear()
  clock.configure({ udp_port = port, speed = speed, fair_play = is_fair })
  requests.on_init()
  return "ok"
end

function verbs.put(words)
  local id = words[1]
  local parts = parsing.whole(words[3], 1, contract.MAX_TRANSFER_PARTS)
  local part = parts and parsing.whole(words[2], 1, parts)
  if #words ~= 4 or not part or #id > MAX_ID_CHARACTERS then
    return bad("put ID PART PARTS DATA, with at most " .. contract.MAX_TRANSFER_PARTS .. " parts")
  end
  local ok, kind, text = transfers.put(id, part, parts, words[4])
  return ok and "ok" or failure(kind, text)
end

--- Requests that are numbered, by their verbs; each gives the reply, and whether it has been carried out.
---@type table<string, fun(words: string[], rest: string): string, boolean>
local numbered = {}

function numbered.reset(words)
  local number = parsing.whole(words[2], 1, contract.MAX_ENVIRONMENTS)
  local episode = parsing.whole(words[3], 0, MAX_NUMBER)
  if #words ~= 4 or not number or not episode then
    return bad("reset SEQ ENV EPISODE ID, with ENV from 1 to " .. contract.MAX_ENVIRONMENTS), false
  end
  local map, kind, text = transfers.read(words[4])
  if map == nil then
    return failure(kind, text), false
  end
  local counts
  counts, kind, text = setup.execute(number, episode, map)
  if not counts then
    if kind == "setup" then
      frames.close(number)
    end
    return failure(kind, text), false
  end
  frames.close(number)
  transfers.drop(words[4])
  return string.format("ok %d %s", game.tick, counts), true
end

--- Gives the reason why orders cannot be carried out.
---@param orders { number: integer, commands: table[] }[]
---@return string?
local function fault_of(orders)
  for _, order in ipairs(orders) do
    if not environments.get(order.number) then
      return "environment " .. order.number .. " was not set up"
    end
  end
  return nil
end

function numbered.step(words, rest)
  local ticks = parsing.whole(words[2], 0, contract.MAX_TICKS_PER_STEP)
  local text = rest:match("^%S+%s+%S+%s+(.+)$")
  if not ticks or not text then
    return bad("step SEQ TICKS ACTIONS, with at most " .. contract.MAX_TICKS_PER_STEP .. " ticks"), false
  end
  local orders, kind, why = parsing.orders(text)
  if not orders then
    return failure(kind, why), false
  end
  local fault = fault_of(orders)
  if fault then
    return failure("no-environment", fault), false
  end
  local refusals = {}
  for _, order in ipairs(orders) do
    local environment = environments.get(order.number)
    for place, command in ipairs(order.commands) do
      local code = actions.execute(environment, command)
      if code then
        refusals[#refusals + 1] = string.format("%d/%d/%d", order.number, place - 1, code)
      end
    end
  end
  local target = clock.run(ticks)
  return string.format("ok %d %s", target, #refusals > 0 and table.concat(refusals, ";") or "-"), true
end

--- Reads which environments a look is at.
---@param text string?
---@return integer[]?, ErrorKind?, string?
local function looked_at(text)
  local numbers, kind, why = {}, nil, nil
  if text == "*" then
    for place, environment in ipairs(environments.all()) do
      numbers[place] = environment.number
    end
    return numbers
  end
  numbers, kind, why = parsing.numbers(text or "")
  for _, number in ipairs(numbers or {}) do
    if not environments.get(number) then
      return nil, "no-environment", "environment " .. number .. " was not set up"
    end
  end
  return numbers, kind, why
end

---@param numbers integer[]
local function send(numbers)
  for _, number in ipairs(numbers) do
    frames.send(number)
  end
end

function numbered.look(words)
  local scope = words[2]
  if #words ~= 3 or not frames.SCOPES[scope] then
    return bad("look SEQ SCOPE ENVS, with SCOPE w, m or a"), false
  end
  local numbers, kind, why = looked_at(words[3])
  if not numbers then
    return failure(kind, why), false
  end
  for _, number in ipairs(numbers) do
    frames.make(environments.get(number), scope)
  end
  local held = storage.requests
  held.replies[held.look.sequence] = nil
  held.look = { sequence = held.sequence + 1, numbers = numbers }
  if clock.udp_port() > 0 then
    send(numbers)
    return string.format("ok %d udp", game.tick), true
  end
  local parts = {}
  for place, number in ipairs(numbers) do
    parts[place] = string.format(" %d=", number) .. frames.encoded(number)
  end
  return string.format("ok %d rcon", game.tick) .. table.concat(parts), true
end

--- Gives the reply to a request that was carried out before; frames that went as datagrams go again.
---@param sequence integer
---@return string?
local function reply_again(sequence)
  local held = storage.requests
  local reply = held.replies[sequence]
  local numbers = held.look.numbers
  if reply and sequence == held.look.sequence and clock.udp_port() > 0 and not frames.first_missing(numbers) then
    send(numbers)
  end
  return reply
end

--- Carries out a request that is numbered, once however often it comes.
---@param verb string
---@param words string[]
---@param rest string
---@return string
local function once(verb, words, rest)
  local held = storage.requests
  local sequence = parsing.whole(words[1], 1, MAX_NUMBER)
  local reply = sequence and reply_again(sequence)
  if reply then
    return reply
  end
  if sequence ~= held.sequence + 1 then
    return failure("out-of-sequence", string.format("%d", held.sequence))
  end
  -- Nothing is done while the ticks of a step run: what resets then would be ticked with the others.
  if not clock.is_idle() then
    return string.format("wait %d", game.tick)
  end
  local is_done
  reply, is_done = numbered[verb](words, rest)
  if is_done then
    held.sequence = sequence
    held.replies[sequence] = reply
    held.replies[sequence - MAX_KEPT_REPLIES] = nil
  end
  return reply
end

function verbs.again(words)
  local number = parsing.whole(words[1], 1, contract.MAX_ENVIRONMENTS)
  local step = parsing.whole(words[2], 0, MAX_NUMBER)
  if #words ~= 2 or not number or not step then
    return bad("again ENV FRAME")
  end
  local frame = environments.get(number) and frames.last(number)
  if not frame or frame.step ~= step then
    return failure("no-environment", "frame " .. words[2] .. " of environment " .. number .. " is not kept")
  end
  return string.format("ok %d ", frame.tick) .. frames.encoded(number)
end

function verbs.close(words)
  local number = parsing.whole(words[1], 1, contract.MAX_ENVIRONMENTS)
  if #words ~= 1 or not number then
    return bad("close ENV, with ENV from 1 to " .. contract.MAX_ENVIRONMENTS)
  end
  setup.close(number)
  frames.close(number)
  return "ok"
end

--- Gives the reply to a request.
---@param text string
---@return string
local function reply_to(text)
  local verb, rest = text:match("^%s*(%S+)%s*(.*)$")
  if numbered[verb] then
    return once(verb, parsing.words(rest), rest)
  end
  if verbs[verb] then
    return verbs[verb](parsing.words(rest), rest)
  end
  return bad("no request: " .. parsing.quoted(verb or ""))
end

---@param why any
---@return string
local function traced(why)
  return debug.traceback(tostring(why), 2)
end

--- Answers a request; a player's is not, since it would move episodes that others play.
---@param command CustomCommandData
local function on_command(command)
  if command.player_index then
    return
  end
  local ok, reply = xpcall(reply_to, traced, command.parameter or "")
  if not ok then
    log(PREFIX .. "failed: " .. tostring(reply))
    reply = failure("internal", parsing.quoted(tostring(reply):match("^[^\n]*")))
  end
  rcon.print(reply)
end

requests.commands = {
  { name = contract.COMMAND, help = "factorio_fast: requests of environments", handler = on_command },
}

return requests
