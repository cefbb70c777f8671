--- Gives every handler of the mod to the game, guarded: an uncaught error would end a real server.
--- Used by control.lua alone, once, while the game loads the mod.
local dispatch = {}

--- A handler that fails in every tick must not fill the disk: later failures of it are not logged.
local MAX_LOGGED_FAILURES = 20

local PREFIX = "[factorio_fast] "

--- Failures by the name of the handler; only logging depends on it, so it need not survive a save.
local failures = {}

---@param name string
---@param why any
local function report(name, why)
  local count = (failures[name] or 0) + 1
  failures[name] = count
  if count <= MAX_LOGGED_FAILURES then
    log(PREFIX .. "failed in " .. name .. ": " .. tostring(why))
  end
end

---@param why any
---@return string
local function traced(why)
  return debug.traceback(tostring(why), 2)
end

--- Makes a function that never raises; a failure is logged.
---@param name string
---@param handler function
---@return function
function dispatch.guarded(name, handler)
  return function(argument)
    local ok, why = xpcall(handler, traced, argument)
    if not ok then
      report(name, why)
    end
  end
end

--- Makes one function of the handlers that modules have under a key, called in the order of the modules.
---@param modules Script[]
---@param key string
---@return function?
local function joined(modules, key)
  local handlers = {}
  for _, module in ipairs(modules) do
    if module[key] then
      handlers[#handlers + 1] = dispatch.guarded(module.name .. "." .. key, module[key])
    end
  end
  if #handlers == 0 then
    return nil
  end
  return function(argument)
    for _, handler in ipairs(handlers) do
      handler(argument)
    end
  end
end

--- Groups the handlers of a list that modules have by what calls them: an event, a number of ticks.
---@param modules Script[]
---@param list string
---@param key string
---@return table[] groups in the order in which they come first
local function grouped(modules, list, key)
  local groups, by_key = {}, {}
  for _, module in ipairs(modules) do
    for index, entry in ipairs(module[list] or {}) do
      local group = by_key[entry[key]]
      if not group then
        group = { key = entry[key], handlers = {} }
        by_key[entry[key]] = group
        groups[#groups + 1] = group
      end
      local name = module.name .. "." .. list .. "[" .. index .. "]"
      group.handlers[#group.handlers + 1] = dispatch.guarded(name, entry.handler)
    end
  end
  return groups
end

---@param group table
---@return function
local function caller(group)
  local handlers = group.handlers
  if #handlers == 1 then
    return handlers[1]
  end
  return function(event)
    for _, handler in ipairs(handlers) do
      handler(event)
    end
  end
end

--- Registers everything that the modules handle.
---@param modules Script[]
function dispatch.register(modules)
  script.on_init(joined(modules, "on_init"))
  script.on_load(joined(modules, "on_load"))
  script.on_configuration_changed(joined(modules, "on_configuration_changed"))
  for _, group in ipairs(grouped(modules, "events", "event")) do
    script.on_event(group.key, caller(group))
  end
  for _, group in ipairs(grouped(modules, "on_nth_tick", "ticks")) do
    script.on_nth_tick(group.key, caller(group))
  end
  for _, module in ipairs(modules) do
    for _, command in ipairs(module.commands or {}) do
      local name = module.name .. ".commands." .. command.name
      commands.add_command(command.name, command.help, dispatch.guarded(name, command.handler))
    end
  end
end

return dispatch
