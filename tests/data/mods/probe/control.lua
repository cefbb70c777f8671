-- What the tests of the simulated server need of a mod; nothing else uses it.

local ticking = require("ticking")

script.on_init(function()
  storage.inits = 1
  storage.loads = 0
end)

script.on_event(defines.events.on_tick, ticking.on_tick)

remote.add_interface("probe", {
  add = function(a, b)
    return a + b
  end,
  fail = function()
    error("on purpose")
  end,
  crash_next_tick = function()
    storage.crashes = true
  end,
})

commands.add_command("probe", "Answers with what it was given", function(command)
  rcon.print("tick " .. command.tick .. ": " .. tostring(command.parameter))
end)

commands.add_command("echo", "Answers with what it was given", function(command)
  rcon.print(command.parameter)
end)

commands.add_command("big", "Answers with so many bytes", function(command)
  rcon.print(string.rep("x", tonumber(command.parameter) - 1))
end)

commands.add_command("send", "Sends datagrams: PORT COUNT", function(command)
  local port, count = string.match(command.parameter, "^(%d+) (%d+)$")
  for number = 1, tonumber(count) do
    helpers.send_udp(tonumber(port), { "", "datagram " .. number })
  end
end)

commands.add_command("receive", "Asks for datagrams", function()
  helpers.recv_udp(0)
end)

if defines.events.on_udp_packet_received then
  script.on_event(defines.events.on_udp_packet_received, function(event)
    storage.received = (storage.received or "") .. event.payload
  end)
end

log("probe is loaded")
