//! Where offshore pumps may stand: the rules of the prototype about the tiles under and before it.

use std::sync::OnceLock;

use serde_json::Value;

use crate::prototypes::{EntityPrototypeId, SubtileBox, subtiles, vanilla};
use crate::sim::position::{Direction, MapPos, Rect, SUBTILES, TilePos};
use crate::sim::terrain::Terrain;

/// One of a prototype's `tile_buildability_rules`.
#[derive(Clone, Debug)]
struct Rule {
    area: SubtileBox,
    /// Every tile of the area must have one of these layers.
    required_layers: u32,
    /// No tile of the area may have one of these.
    colliding_layers: u32,
}

/// Says whether the ground suits an entity; most prototypes have no such rules.
pub fn suits_ground(
    terrain: &Terrain,
    prototype: EntityPrototypeId,
    position: MapPos,
    direction: Direction,
) -> bool {
    rules_of(prototype).iter().all(|rule| {
        let area = Rect::around(position, rule.area, direction.quarter_turns());
        tiles_of(&area).all(|tile| {
            let layers = terrain
                .tile(tile)
                .map_or(0, |tile| vanilla()[tile].collision.layers);
            layers & rule.required_layers != 0 && layers & rule.colliding_layers == 0
        })
    })
}

/// Says whether a prototype has rules about the ground.
pub fn has_ground_rules(prototype: EntityPrototypeId) -> bool {
    !rules_of(prototype).is_empty()
}

fn rules_of(prototype: EntityPrototypeId) -> &'static [Rule] {
    static RULES: OnceLock<Vec<Vec<Rule>>> = OnceLock::new();
    &RULES.get_or_init(|| {
        vanilla()
            .entities()
            .iter()
            .map(|entity| {
                entity
                    .raw
                    .get("tile_buildability_rules")
                    .and_then(Value::as_array)
                    .map_or_else(Vec::new, |rules| rules.iter().filter_map(read).collect())
            })
            .collect()
    })[prototype.index()]
}

fn read(rule: &Value) -> Option<Rule> {
    let corner = |index: usize| {
        let point = rule.get("area")?.get(index)?;
        Some((
            subtiles(point.get(0)?.as_f64()?),
            subtiles(point.get(1)?.as_f64()?),
        ))
    };
    let ((left, top), (right, bottom)) = (corner(0)?, corner(1)?);
    Some(Rule {
        area: SubtileBox {
            left,
            top,
            right,
            bottom,
        },
        required_layers: layers(rule.get("required_tiles")),
        colliding_layers: layers(rule.get("colliding_tiles")),
    })
}

fn layers(mask: Option<&Value>) -> u32 {
    let Some(named) = mask
        .and_then(|mask| mask.get("layers"))
        .and_then(Value::as_object)
    else {
        return 0;
    };
    vanilla()
        .collision_layers()
        .iter()
        .enumerate()
        .filter(|(_, layer)| named.contains_key(*layer))
        .fold(0, |bits, (bit, _)| bits | 1 << bit)
}

/// Walks the tiles that an area overlaps; a tile that it only touches does not count.
fn tiles_of(area: &Rect) -> impl Iterator<Item = TilePos> + use<> {
    let columns = area.left.div_euclid(SUBTILES)..=(area.right - 1).div_euclid(SUBTILES);
    let rows = area.top.div_euclid(SUBTILES)..=(area.bottom - 1).div_euclid(SUBTILES);
    rows.flat_map(move |y| columns.clone().map(move |x| TilePos { x, y }))
}
