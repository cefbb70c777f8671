--- The clock of the server and how frames leave it. Owns `storage.clock`.
local clock = { name = "clock" }

--- The discard port: whether a datagram may be sent at all is tried there.
local PROBED_PORT = 9

--- The game does not run slower.
local MIN_SPEED = 0.01

---@class Clock
---@field udp_port integer where frames go; 0: they are replies
---@field fair_play boolean
---@field target integer the tick at which the last step is over

function clock.on_init()
  ---@type Clock
  storage.clock = { udp_port = 0, fair_play = false, target = 0 }
end

--- Pauses the game and sets how it runs when it does.
---@param wanted { udp_port: integer, speed: number, fair_play: boolean }
function clock.configure(wanted)
  game.tick_paused = true
  game.ticks_to_run = 0
  game.speed = math.max(wanted.speed, MIN_SPEED)
  game.autosave_enabled = false
  storage.clock.udp_port = wanted.udp_port
  storage.clock.fair_play = wanted.fair_play
  storage.clock.target = game.tick
end

--- Lets the game run for some ticks; it pauses by itself afterwards.
---@param ticks integer
---@return integer the tick at which it will have
function clock.run(ticks)
  game.tick_paused = true
  game.ticks_to_run = ticks
  storage.clock.target = game.tick + ticks
  return storage.clock.target
end

--- Says whether the last step is over.
---@return boolean
function clock.is_idle()
  return game.tick >= storage.clock.target
end

---@return integer
function clock.udp_port()
  return storage.clock.udp_port
end

---@return boolean
function clock.is_fair()
  return storage.clock.fair_play
end

--- Says whether the server was started with a socket for scripts: sending raises without.
---@return boolean
function clock.has_udp()
  return (pcall(helpers.send_udp, PROBED_PORT, "", 0))
end

return clock
