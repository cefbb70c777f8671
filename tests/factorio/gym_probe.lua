--- Provokes on purpose what factorio-gym-mod takes care never to do; for tests of a real game.

commands.add_command("probe-fail", "Raises an error in a command's handler.", function()
  error("on purpose")
end)

commands.add_command("probe-send", "PORT BYTES: sends a datagram.", function(command)
  local port, bytes = string.match(command.parameter or "", "^(%d+) (%d+)$")
  local ok, reason = pcall(helpers.send_udp, tonumber(port), string.rep("x", tonumber(bytes)))
  rcon.print(ok and "sent" or tostring(reason))
end)

commands.add_command("probe-echo", "TEXT: its length.", function(command)
  rcon.print(tostring(#(command.parameter or "")) .. " " .. tostring(game.tick))
end)
