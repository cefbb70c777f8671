//! Solar panels and the day that they follow; electric energy interfaces, which know no night.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::prototypes::vanilla;

/// A solar panel; networks only count them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Solar {
    /// Slot of its entity.
    pub slot: u32,
    /// Energy that it gives in a tick of full sun.
    pub joules_per_tick: f64,
    /// Whether it gives that at night too: an electric energy interface.
    pub is_steady: bool,
}

/// Share of the day after noon at which it begins to grow dark (the game's `LuaSurface::dusk` of nauvis).
const DUSK: f64 = 0.25;
/// Share of the day at which it is dark (`evening`).
const EVENING: f64 = 0.45;
/// Share of the day at which it begins to grow light (`morning`).
const MORNING: f64 = 0.55;
/// Share of the day at which it is light (`dawn`).
const DAWN: f64 = 0.75;

/// Gives the ticks of a day.
pub fn day_ticks() -> u64 {
    use std::sync::OnceLock;
    static TICKS: OnceLock<u64> = OnceLock::new();
    *TICKS.get_or_init(|| {
        vanilla()
            .rule("nauvis")
            .and_then(|nauvis| nauvis.get("surface_properties")?.get("day-night-cycle"))
            .and_then(Value::as_u64)
            .expect("the data has the length of the day")
    })
}

/// Gives the share of full sun at a tick; tick 0 is noon.
pub fn sunlight(tick: u64) -> f64 {
    let daytime = (tick % day_ticks()) as f64 / day_ticks() as f64;
    if !(DUSK..DAWN).contains(&daytime) {
        1.0
    } else if daytime < EVENING {
        (EVENING - daytime) / (EVENING - DUSK)
    } else if daytime < MORNING {
        0.0
    } else {
        (daytime - MORNING) / (DAWN - MORNING)
    }
}
