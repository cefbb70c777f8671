local ticking = {}

function ticking.on_tick()
  if storage.crashes then
    error("on purpose")
  end
end

return ticking
