//! Building by code: entities by the tile of their north-western corner, belts along lines, all relative to an origin.

use factorio_fast::prototypes::vanilla;
use factorio_fast::sim::World;
use factorio_fast::sim::entity::EntityRef;
use factorio_fast::sim::position::TilePos;
use factorio_fast::sim::sandbox::settings::Settings;
use factorio_fast::sim::sandbox::{self, supplies};

/// Much more than is ever mined.
const ORE_AMOUNT: u64 = 1_000_000;

/// A place to build on.
pub(crate) struct Yard {
    pub(crate) world: World,
    origin: (i32, i32),
}

impl Yard {
    /// Makes an empty yard, its middle at the origin, in which every recipe may be used.
    pub(crate) fn new(width: i64, height: i64) -> Self {
        let mut world = sandbox::create(width, height, 1, "grass-1").expect("the size is allowed");
        sandbox::enable_all_recipes(&mut world);
        Self {
            world,
            origin: (0, 0),
        }
    }

    /// Counts coordinates from this tile from now on.
    pub(crate) fn set_origin(&mut self, x: i32, y: i32) {
        self.origin = (x, y);
    }

    /// Puts an entity with its north-western corner on a tile.
    pub(crate) fn put(&mut self, name: &str, (x, y): (i32, i32), direction: &str) -> EntityRef {
        self.put_with(name, (x, y), direction, &Settings::default())
    }

    /// Puts a machine that is set to a recipe.
    pub(crate) fn put_making(&mut self, name: &str, place: (i32, i32), recipe: &str) -> EntityRef {
        let settings = Settings {
            recipe: Some(recipe.to_owned()),
            ..Settings::default()
        };
        self.put_with(name, place, "north", &settings)
    }

    /// Puts an entity with settings.
    pub(crate) fn put_with(
        &mut self,
        name: &str,
        (x, y): (i32, i32),
        direction: &str,
        settings: &Settings,
    ) -> EntityRef {
        let prototype = &vanilla()[vanilla().entity(name).expect("the entity exists")];
        let (mut width, mut height) = (prototype.tile_width, prototype.tile_height);
        if matches!(direction, "east" | "west") {
            (width, height) = (height, width);
        }
        let x = f64::from(self.origin.0 + x) + f64::from(width) / 2.0;
        let y = f64::from(self.origin.1 + y) + f64::from(height) / 2.0;
        sandbox::place(&mut self.world, name, (x, y), direction, settings)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Lays belts along a line of corners; each corner turns the way the line goes on. Returns first and last belt.
    pub(crate) fn belts(&mut self, kind: &str, corners: &[(i32, i32)]) -> [EntityRef; 2] {
        let mut ends: Option<[EntityRef; 2]> = None;
        for (leg, pair) in corners.windows(2).enumerate() {
            let (from, to) = (pair[0], pair[1]);
            let (dx, dy) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
            let direction = match (dx, dy) {
                (1, 0) => "east",
                (-1, 0) => "west",
                (0, 1) => "south",
                _ => "north",
            };
            let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
            let is_last = leg + 2 == corners.len();
            for step in 0..length + i32::from(is_last) {
                let place = (from.0 + dx * step, from.1 + dy * step);
                let belt = self.put(kind, place, direction);
                ends = Some([ends.map_or(belt, |[first, _]| first), belt]);
            }
        }
        ends.expect("a line has two corners")
    }

    /// Covers an area with a resource.
    pub(crate) fn ore(&mut self, name: &str, (left, top): (i32, i32), (right, bottom): (i32, i32)) {
        let corner = |x: i32, y: i32| {
            let (x, y) = (self.origin.0 + x, self.origin.1 + y);
            (f64::from(x), f64::from(y))
        };
        let area = (corner(left, top), corner(right, bottom));
        sandbox::set_resource(&mut self.world, name, area, ORE_AMOUNT).expect("it is on the map");
    }

    /// Covers an area with water.
    pub(crate) fn water(&mut self, (left, top): (i32, i32), (right, bottom): (i32, i32)) {
        let corner = |x: i32, y: i32| {
            let (x, y) = (self.origin.0 + x, self.origin.1 + y);
            (f64::from(x), f64::from(y))
        };
        let area = (corner(left, top), corner(right, bottom));
        sandbox::set_tiles(&mut self.world, "water", area).expect("it is on the map");
    }

    /// Says whether nothing stands on a tile.
    pub(crate) fn is_free(&self, (x, y): (i32, i32)) -> bool {
        let tile = TilePos::new(self.origin.0 + x, self.origin.1 + y);
        self.world.entity_at(tile).is_none()
    }

    /// Keeps a belt full.
    pub(crate) fn keep_full(&mut self, belt: EntityRef, item: &str) {
        supplies::keep_full(&mut self.world, belt, item, None).expect("it is a belt");
    }

    /// Keeps a belt empty.
    pub(crate) fn keep_empty(&mut self, belt: EntityRef) {
        supplies::keep_empty(&mut self.world, belt).expect("it is a belt");
    }
}
