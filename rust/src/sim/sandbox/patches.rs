//! Where resources lie: tiles of one kind that are near each other, as the game's map joins them.

use super::super::drill::resource_facts;
use super::super::position::TilePos;
use super::super::terrain::Resource;
use super::super::world::World;
use super::names;
use crate::contract::codes::RESOURCE_NAMES;
use crate::error::Result;
use crate::prototypes::vanilla;

/// Tiles this near belong together unless the prototype says otherwise (`resource_patch_search_radius`).
const SEARCH_RADIUS: i32 = 3;

/// Tiles of one resource that lie together.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchReport {
    pub name: &'static str,
    /// Sum over the tiles.
    pub amount: u64,
    /// The middle, weighted by the amounts, in tiles.
    pub position: (f64, f64),
    /// The smallest area round it, right and bottom excluded.
    pub area: ((i32, i32), (i32, i32)),
    /// Middles and amounts of the tiles in row order.
    pub tiles: Vec<((f64, f64), u32)>,
}

/// Lists the patches of the map, of one resource or of all, nearest to the spawn point first.
///
/// # Errors
/// `UnknownName` for what is no resource.
pub fn patches(world: &World, name: Option<&str>) -> Result<Vec<PatchReport>> {
    let wanted = name.map(names::resource_code).transpose()?;
    let area = world.terrain.area();
    let mut is_seen = vec![false; (area.width * area.height) as usize];
    let mut found = Vec::new();
    for tile in area.tiles() {
        let Some(resource) = world.terrain.resource(tile) else {
            continue;
        };
        let is_wanted = wanted.is_none_or(|wanted| wanted == resource.code);
        if is_wanted && world.terrain.index(tile).is_some_and(|at| !is_seen[at]) {
            found.push(report(collect(world, tile, resource.code, &mut is_seen)));
        }
    }
    let (x, y) = super::tiles_of(world.spawn);
    let from_spawn = |patch: &PatchReport| {
        let (dx, dy) = (patch.position.0 - x, patch.position.1 - y);
        dx * dx + dy * dy
    };
    found.sort_by(|one, other| from_spawn(one).total_cmp(&from_spawn(other)));
    Ok(found)
}

/// Collects the tiles that hang together with one, in row order.
fn collect(
    world: &World,
    first: TilePos,
    code: u8,
    is_seen: &mut [bool],
) -> Vec<(TilePos, Resource)> {
    let radius = search_radius(code);
    let mut tiles = Vec::new();
    let mut open = vec![first];
    while let Some(tile) = open.pop() {
        let Some(resource) = world.terrain.resource(tile).filter(|it| it.code == code) else {
            continue;
        };
        let Some(at) = world.terrain.index(tile) else {
            continue;
        };
        if std::mem::replace(&mut is_seen[at], true) {
            continue;
        }
        tiles.push((tile, resource));
        for dy in -radius..=radius {
            for dx in -radius..=radius {
                let near = tile.offset(dx, dy);
                if world.terrain.index(near).is_some_and(|at| !is_seen[at])
                    && world.grid.cell(near).has_resource()
                {
                    open.push(near);
                }
            }
        }
    }
    tiles.sort_unstable_by_key(|(tile, _)| (tile.y, tile.x));
    tiles
}

fn search_radius(code: u8) -> i32 {
    resource_facts(code)
        .and_then(|facts| {
            vanilla()[facts.prototype]
                .raw
                .get("resource_patch_search_radius")?
                .as_i64()
        })
        .map_or(SEARCH_RADIUS, |radius| radius as i32)
}

fn report(tiles: Vec<(TilePos, Resource)>) -> PatchReport {
    let amount = tiles.iter().map(|(_, it)| u64::from(it.amount)).sum();
    let weighted = |part: fn(TilePos) -> i32| {
        let sum: f64 = tiles
            .iter()
            .map(|(tile, it)| (f64::from(part(*tile)) + 0.5) * f64::from(it.amount))
            .sum();
        sum / amount as f64
    };
    let (xs, ys) = (
        tiles.iter().map(|(tile, _)| tile.x),
        tiles.iter().map(|(tile, _)| tile.y),
    );
    let least = |values: &mut dyn Iterator<Item = i32>| values.min().unwrap_or(0);
    let most = |values: &mut dyn Iterator<Item = i32>| values.max().unwrap_or(0) + 1;
    PatchReport {
        name: tiles
            .first()
            .and_then(|(_, it)| RESOURCE_NAMES.get(usize::from(it.code).checked_sub(1)?))
            .copied()
            .unwrap_or_default(),
        amount,
        position: (weighted(|tile| tile.x), weighted(|tile| tile.y)),
        area: (
            (least(&mut xs.clone()), least(&mut ys.clone())),
            (most(&mut xs.clone()), most(&mut ys.clone())),
        ),
        tiles: tiles
            .into_iter()
            .map(|(tile, it)| (super::tiles_of(tile.center()), it.amount))
            .collect(),
    }
}
