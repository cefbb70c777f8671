//! Steam power: offshore pumps, boilers fed with coal by a belt, two engines for each boiler.

use factorio_fast::sim::entity::EntityRef;
use factorio_fast::sim::sandbox::settings::Settings;

use super::yard::Yard;

/// Builds a pump at (0, 0) on a lake of its own and boilers in a row to the east, each with two engines in the south.
///
/// The boilers stand on row 5, the belt that feeds them runs on row 3 from the east end to the west; its first belt is
/// at column `3 * n_boilers + 1`. At most 20 boilers go to one pump.
pub(crate) fn build(yard: &mut Yard, n_boilers: i32, belt: &str) -> EntityRef {
    yard.water((-3, -6), (4, 0));
    yard.put("offshore-pump", (0, 0), "north");
    for y in 1..6 {
        yard.put("pipe", (0, y), "north");
    }
    // Without it, electric drills that dig the coal would never begin.
    let first_fuel = Settings {
        items: vec![("coal".to_owned(), 20)],
        ..Settings::default()
    };
    for boiler in 0..n_boilers {
        let x = 1 + 3 * boiler;
        // It faces south: water passes on the north side, steam comes out in the south.
        yard.put_with("boiler", (x, 5), "south", &first_fuel);
        yard.put("steam-engine", (x, 7), "north");
        yard.put("steam-engine", (x, 12), "north");
        yard.put("burner-inserter", (x + 1, 4), "north");
    }
    for x in (2..=3 * n_boilers + 1).step_by(6) {
        yard.put("medium-electric-pole", (x, 17), "north");
    }
    for x in (4..=3 * n_boilers + 1).step_by(16) {
        yard.put("substation", (x, 18), "north");
    }
    let [first, _] = yard.belts(belt, &[(3 * n_boilers + 1, 3), (1, 3)]);
    first
}
