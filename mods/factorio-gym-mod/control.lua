local dispatch = require("lib.dispatch")

dispatch.register({
  require("scripts.migrations"),
  require("scripts.clock"),
  require("scripts.transfers"),
  require("scripts.environments"),
  require("scripts.tracking"),
  require("scripts.ground"),
  require("scripts.characters"),
  require("scripts.production"),
  require("scripts.research"),
  require("scripts.units"),
  require("scripts.frames"),
  require("scripts.requests"),
})
