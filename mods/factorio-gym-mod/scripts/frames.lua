--- Frames: their numbers, their datagrams, and the last one of each environment. Owns `storage.frames`.
local clock = require("scripts.clock")
local contract = require("contract")
local environments = require("scripts.environments")
local facts = require("scripts.facts")

local frames = { name = "frames" }

local MAX_FRAGMENT_BYTES = contract.MAX_DATAGRAM_BYTES - contract.HEADER.bytes

--- What frames may tell of: what is in view; that and what makes things; everything.
---@alias Scope "w"|"m"|"a"
frames.SCOPES = { w = true, m = true, a = true }

---@class Frame
---@field episode integer
---@field step integer
---@field tick integer
---@field payload string

function frames.on_init()
  --- The last frame of each environment.
  ---@type table<integer, Frame>
  storage.frames = {}
end

--- Forgets the last frame of an environment.
---@param number integer
function frames.close(number)
  storage.frames[number] = nil
end

--- Makes the next frame of an environment.
---@param environment Environment
---@param scope Scope
function frames.make(environment, scope)
  local payload = facts.payload(environment, scope)
  storage.frames[environment.number] = {
    episode = environment.episode,
    step = environment.frame,
    tick = game.tick,
    payload = payload,
  }
  environment.frame = environment.frame + 1
end

--- Gives the last frame of an environment.
---@param number integer
---@return Frame?
function frames.last(number)
  return storage.frames[number]
end

--- Sends the last frame of an environment in datagrams.
---@param number integer
function frames.send(number)
  local frame, port = storage.frames[number], clock.udp_port()
  local payload, header = frame.payload, contract.HEADER.format
  local fragments = math.max(1, math.ceil(#payload / MAX_FRAGMENT_BYTES))
  for fragment = 0, fragments - 1 do
    local piece = payload:sub(fragment * MAX_FRAGMENT_BYTES + 1, (fragment + 1) * MAX_FRAGMENT_BYTES)
    local head = string.pack(
      header,
      contract.MAGIC,
      contract.VERSION,
      number,
      frame.episode,
      frame.step,
      frame.tick,
      fragment,
      fragments,
      #piece
    )
    helpers.send_udp(port, head .. piece, 0)
  end
end

--- Gives the last frame of an environment as a text.
---@param number integer
---@return string
function frames.encoded(number)
  local text = helpers.encode_string(storage.frames[number].payload)
  if not text then
    error("the game could not encode a frame of " .. #storage.frames[number].payload .. " bytes")
  end
  return text
end

--- Lists the environments that have been closed since their last frame was made.
---@param numbers integer[]
---@return integer? the first of them
function frames.first_missing(numbers)
  for _, number in ipairs(numbers) do
    if not (environments.get(number) and storage.frames[number]) then
      return number
    end
  end
  return nil
end

return frames
