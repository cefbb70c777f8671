#!/bin/sh
# Shows that the wheel in dist/ stands alone: plain pip, no extras, no Rust, outside the source tree, one episode's first steps,
# and a simulated server with the mod.
#
#   try_wheel.sh PYTHON
set -eu
cd "$(dirname "$0")/.."
wheel=$(ls "$PWD"/dist/factorio_fast-*.whl)
venv=$PWD/build/venv-wheel
"$1" -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel"
cd /
env -i PATH=/usr/bin:/bin HOME="${HOME:-/}" "$venv/bin/python" -W error - <<'END'
import gymnasium

import factorio_fast

env = gymnasium.make("FactorioFast/MovementBasic-v0")
env.reset(seed=1)
env.action_space.seed(1)
for _ in range(10):
    env.step(env.action_space.sample())
env.close()
print("factorio_fast", factorio_fast.__version__, "runs from", factorio_fast.__path__[0])
END
# The simulated server and the mod are in the wheel, too.
env -i PATH=/usr/bin:/bin HOME="${HOME:-/}" FACTORIO_FAST_STATE="$venv/state" "$venv/bin/factorio-fast" \
    doctor --factorio sim-server
rm -rf "$venv"
