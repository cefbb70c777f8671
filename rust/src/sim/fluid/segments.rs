//! Segments: which boxes share one amount, and how amounts follow when pipes come and go.

use std::collections::BTreeSet;

use serde_json::Value;

use super::derived::{Link, NO_SYSTEM, System};
use super::{Content, Fluids, Part};
use crate::prototypes::{FlowDirection, FluidId, vanilla};
use crate::sim::entity::{Entity, footprint};
use crate::sim::slab::Slab;

/// What an observer may ask of the pool of a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SegmentInfo {
    pub content: Content,
    pub capacity: f64,
    /// Whether it is wider or higher than a pipeline may be: then nothing flows in or out.
    pub is_overextended: bool,
}

/// Reads a figure of the game's `utility-constants`.
pub(super) fn utility_constant(name: &str) -> f64 {
    vanilla()
        .rule("utility_constants")
        .and_then(|constants| constants.get(name))
        .and_then(Value::as_f64)
        .expect("the data has the constant")
}

/// Gives the longest side of the box round a segment, tiles.
pub(super) fn max_pipeline_extent_tiles() -> i32 {
    use std::sync::OnceLock;
    static EXTENT: OnceLock<i32> = OnceLock::new();
    *EXTENT.get_or_init(|| utility_constant("default_pipeline_extent") as i32)
}

/// Boxes that share an amount, on the way to become a segment.
struct Groups {
    /// By place in the list of boxes: another member, or itself for the first.
    parent: Vec<usize>,
    fluid: Vec<Option<FluidId>>,
}

impl Groups {
    fn root(&mut self, mut place: usize) -> usize {
        while self.parent[place] != place {
            self.parent[place] = self.parent[self.parent[place]];
            place = self.parent[place];
        }
        place
    }

    /// Joins two groups unless they hold different fluids.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return true;
        }
        if let (Some(one), Some(other)) = (self.fluid[a], self.fluid[b])
            && one != other
        {
            return false;
        }
        let (low, high) = (a.min(b), a.max(b));
        self.fluid[low] = self.fluid[low].or(self.fluid[high]);
        self.parent[high] = low;
        true
    }
}

impl Fluids {
    /// Makes a box a pool of its own.
    pub(super) fn isolate(&mut self, index: u32) {
        if let Some(fluid_box) = self.boxes.get_mut(index) {
            fluid_box.pool = index;
            fluid_box.set_capacity(fluid_box.volume);
            fluid_box.system = NO_SYSTEM;
        }
    }

    /// Reads the pool of a box.
    pub fn segment(&self, index: u32) -> Option<SegmentInfo> {
        let pool = self.pool(index)?;
        Some(SegmentInfo {
            content: pool.content,
            capacity: pool.capacity,
            is_overextended: pool.part == Part::Segment
                && self.is_overextended(&self.members(pool.pool)),
        })
    }

    /// Lists the boxes that share the pool of a box, in order.
    pub fn members(&self, index: u32) -> Vec<u32> {
        let mut members = self.reach(index, |fluids, box_, other| {
            fluids.boxes.get(box_).map(|known| known.pool)
                == fluids.boxes.get(other).map(|known| known.pool)
        });
        members.sort_unstable();
        members
    }

    /// Lists the pipe boxes that are reached from one over borders that `passes` allows.
    fn reach(&self, index: u32, passes: impl Fn(&Self, u32, u32) -> bool) -> Vec<u32> {
        let is_segment = |index: u32| matches!(self.boxes.get(index), Some(known) if known.part == Part::Segment);
        let mut found = vec![index];
        if !is_segment(index) {
            return found;
        }
        let mut seen = BTreeSet::from([index]);
        let mut next = 0;
        while let Some(here) = found.get(next).copied() {
            next += 1;
            for neighbour in self.derived.neighbours_of(here) {
                let other = neighbour.other.fluid_box;
                if is_segment(other) && passes(self, here, other) && seen.insert(other) {
                    found.push(other);
                }
            }
        }
        found
    }

    /// Gives every member of a segment its share by volume and makes it a pool of its own until the next settling.
    pub(super) fn dissolve(&mut self, index: u32) {
        let Some(pool) = self.pool(index) else {
            return;
        };
        let (content, capacity, lead) = (pool.content, pool.capacity, pool.pool);
        if pool.part != Part::Segment {
            return;
        }
        let members = self.members(lead);
        for member in &members {
            self.derived.mark_dirty(*member);
        }
        if members.len() < 2 {
            return;
        }
        for member in members {
            self.isolate(member);
            if let Some(fluid_box) = self.boxes.get_mut(member) {
                fluid_box.content = if content.fluid.is_some() {
                    Content {
                        amount: content.amount * (fluid_box.volume / capacity),
                        ..content
                    }
                } else {
                    Content::default()
                };
            }
        }
    }

    /// Says whether nothing changed since the last settling.
    pub fn is_settled(&self) -> bool {
        self.derived.dirty.is_empty()
    }

    /// Forms segments, links and systems anew where the structure changed.
    pub fn settle(&mut self) {
        if self.is_settled() {
            return;
        }
        let mut dirty = std::mem::take(&mut self.derived.dirty);
        dirty.sort_unstable();
        dirty.dedup();
        // All that hangs together is looked at again: a change may free two segments to merge.
        let mut touched = BTreeSet::new();
        for index in dirty {
            let is_segment =
                matches!(self.boxes.get(index), Some(known) if known.part == Part::Segment);
            if is_segment && !touched.contains(&index) {
                touched.extend(self.reach(index, |_, _, _| true));
            }
        }
        let touched: Vec<u32> = touched.into_iter().collect();
        let old_pools: Vec<u32> = touched
            .iter()
            .map(|index| self.boxes.get(*index).map_or(*index, |known| known.pool))
            .collect();
        let old_fluids: Vec<_> = touched.iter().map(|index| self.fluid(*index)).collect();
        for index in &touched {
            self.dissolve(*index);
        }
        self.group(&touched, &old_pools);
        for (index, old) in touched.iter().zip(old_fluids) {
            if self.fluid(*index) != old
                && let Some(fluid_box) = self.boxes.get(*index)
            {
                self.derived.restyled.push(fluid_box.owner);
            }
        }
        self.derived.dirty.clear();
        self.link();
    }

    /// Merges boxes that each hold their own share: those that were together first, then the rest in order.
    fn group(&mut self, touched: &[u32], old_pools: &[u32]) {
        let place_of = |index: u32| touched.binary_search(&index).ok();
        let mut borders = Vec::new();
        for (place, index) in touched.iter().enumerate() {
            for neighbour in self.derived.neighbours_of(*index) {
                if let Some(other) = place_of(neighbour.other.fluid_box)
                    && place < other
                {
                    borders.push((place, other));
                }
            }
        }
        let mut groups = Groups {
            parent: (0..touched.len()).collect(),
            fluid: touched.iter().map(|index| self.fluid(*index)).collect(),
        };
        self.apart
            .retain(|(low, _)| touched.binary_search(low).is_err());
        for were_together in [true, false] {
            for (a, b) in &borders {
                if (old_pools[*a] == old_pools[*b]) == were_together && !groups.join(*a, *b) {
                    self.apart.insert((touched[*a], touched[*b]));
                }
            }
        }
        let roots: Vec<usize> = (0..touched.len()).map(|place| groups.root(place)).collect();
        self.merge(touched, &roots);
    }

    /// Moves the shares of each group into its first member.
    fn merge(&mut self, touched: &[u32], roots: &[usize]) {
        for (place, index) in touched.iter().enumerate() {
            let root = touched[roots[place]];
            let Some(fluid_box) = self.boxes.get_mut(*index) else {
                continue;
            };
            fluid_box.pool = root;
            let volume = fluid_box.volume;
            if root == *index {
                fluid_box.set_capacity(volume);
                continue;
            }
            let content = std::mem::take(&mut fluid_box.content);
            if let Some(lead) = self.boxes.get_mut(root) {
                lead.set_capacity(lead.capacity + volume);
                if let Some(fluid) = content.fluid {
                    lead.content.add(fluid, content.amount, content.temperature);
                }
            }
        }
    }

    /// Computes all that is derived again, as after a restore: nothing flows by it.
    pub fn rebuild(&mut self, entities: &Slab<Entity>) {
        self.derived.clear();
        let mut by_owner: Vec<(u32, u8, u32)> = self
            .boxes
            .iter()
            .map(|(index, fluid_box)| (fluid_box.owner, fluid_box.number, index))
            .collect();
        by_owner.sort_unstable();
        for group in by_owner.chunk_by(|a, b| a.0 == b.0) {
            let slot = group[0].0;
            if let Some(entity) = entities.get(slot) {
                let boxes = group.iter().map(|(.., index)| *index).collect();
                self.derived.set_owner(
                    slot,
                    entity.prototype,
                    entity.position,
                    entity.direction,
                    boxes,
                );
            }
        }
        let indices: Vec<u32> = self.boxes.iter().map(|(index, _)| index).collect();
        for index in &indices {
            self.isolate(*index);
            if self.boxes.get(*index).is_some_and(|known| known.is_open) {
                self.connect(*index);
            }
        }
        let pipes: Vec<u32> = indices
            .into_iter()
            .filter(|index| matches!(self.boxes.get(*index), Some(known) if known.part == Part::Segment))
            .collect();
        let mut groups = Groups {
            parent: (0..pipes.len()).collect(),
            fluid: vec![None; pipes.len()],
        };
        for (place, index) in pipes.iter().enumerate() {
            for neighbour in self.derived.neighbours_of(*index) {
                let other = neighbour.other.fluid_box;
                let border = ((*index).min(other), (*index).max(other));
                if let Ok(other) = pipes.binary_search(&other)
                    && !self.apart.contains(&border)
                {
                    groups.join(place, other);
                }
            }
        }
        let roots: Vec<usize> = (0..pipes.len()).map(|place| groups.root(place)).collect();
        self.merge(&pipes, &roots);
        self.derived.dirty.clear();
        self.link();
    }

    fn is_overextended(&self, members: &[u32]) -> bool {
        let mut edges: Option<(i32, i32, i32, i32)> = None;
        for member in members {
            let Some(place) = self
                .boxes
                .get(*member)
                .and_then(|fluid_box| self.derived.place_of(fluid_box.owner))
            else {
                continue;
            };
            let area = footprint(place.prototype, place.position, place.direction);
            let own = (
                area.left,
                area.top,
                area.left + area.width,
                area.top + area.height,
            );
            edges = Some(edges.map_or(own, |known| {
                (
                    known.0.min(own.0),
                    known.1.min(own.1),
                    known.2.max(own.2),
                    known.3.max(own.3),
                )
            }));
        }
        edges.is_some_and(|(left, top, right, bottom)| {
            (right - left).max(bottom - top) > max_pipeline_extent_tiles()
        })
    }

    /// Lists the pools that are too long.
    fn overextended_pools(&self) -> BTreeSet<u32> {
        let mut extents: std::collections::BTreeMap<u32, Vec<u32>> =
            std::collections::BTreeMap::new();
        for (index, fluid_box) in self.boxes.iter() {
            if fluid_box.part == Part::Segment {
                extents.entry(fluid_box.pool).or_default().push(index);
            }
        }
        extents
            .into_iter()
            .filter(|(_, members)| self.is_overextended(members))
            .map(|(pool, _)| pool)
            .collect()
    }

    /// Lists the links between pools and gathers them in systems.
    fn link(&mut self) {
        let cut = self.overextended_pools();
        let mut links = Vec::new();
        for (index, fluid_box) in self.boxes.iter() {
            if fluid_box.part != Part::Segment {
                self.links_of_box(index, fluid_box.part, &cut, &mut links);
            }
        }
        self.form_systems(&links);
    }

    fn links_of_box(&self, index: u32, part: Part, cut: &BTreeSet<u32>, links: &mut Vec<Link>) {
        let (mut input, mut output) = (None, None);
        let is_pump = match part {
            Part::Pump(pump) => self
                .pumps
                .get(pump)
                .is_some_and(|pump| pump.source.is_none()),
            _ => false,
        };
        for neighbour in self.derived.neighbours_of(index) {
            let here = super::derived::Opening {
                fluid_box: index,
                connection: neighbour.connection,
            };
            let other = neighbour.other.fluid_box;
            let (Some(own), Some(theirs), Some(there)) = (
                self.connection(here),
                self.connection(neighbour.other),
                self.boxes.get(other),
            ) else {
                continue;
            };
            let goes_out = own.flow != FlowDirection::Input && theirs.flow != FlowDirection::Output;
            let comes_in = own.flow != FlowDirection::Output && theirs.flow != FlowDirection::Input;
            if cut.contains(&there.pool) || !(goes_out || comes_in) {
                continue;
            }
            if is_pump {
                if goes_out {
                    output = Some(there.pool);
                } else if !self.is_pump(there.part) {
                    // Where two pumps meet, the first pushes.
                    input = Some(there.pool);
                }
                continue;
            }
            if self.is_pump(there.part) || (there.part != Part::Segment && other < index) {
                continue;
            }
            links.push(match (goes_out, comes_in) {
                (true, true) => Link::Level {
                    from: index,
                    to: there.pool,
                    rate: self.levelling_rate(index, there.pool),
                },
                (true, false) => Link::Flow {
                    from: index,
                    to: there.pool,
                },
                _ => Link::Flow {
                    from: there.pool,
                    to: index,
                },
            });
        }
        if let Part::Pump(pump) = part {
            links.push(if is_pump {
                Link::Pump {
                    pump,
                    input,
                    output,
                }
            } else {
                Link::Source { pump }
            });
        }
    }

    /// Computes what flows between two pools for each unit of difference in fullness: no more than makes both equal.
    fn levelling_rate(&self, a: u32, b: u32) -> f64 {
        let capacity = |index| self.boxes.get(index).map_or(0.0, |known| known.capacity);
        let (a, b) = (capacity(a), capacity(b));
        super::flow::max_flow_per_tick().min(a * b / (a + b))
    }

    /// Says whether a box belongs to a pump that moves fluid from one side to the other.
    fn is_pump(&self, part: Part) -> bool {
        matches!(part, Part::Pump(pump) if self.pumps.get(pump).is_some_and(|pump| pump.source.is_none()))
    }

    fn form_systems(&mut self, links: &[Link]) {
        let n_boxes = self.boxes.iter().last().map_or(0, |(index, _)| index + 1) as usize;
        let mut groups = Groups {
            parent: (0..n_boxes).collect(),
            fluid: vec![None; n_boxes],
        };
        let pools_of = |link: &Link| -> [Option<u32>; 3] {
            match *link {
                Link::Flow { from, to } | Link::Level { from, to, .. } => {
                    [Some(from), Some(to), None]
                }
                Link::Pump {
                    pump,
                    input,
                    output,
                } => [
                    self.pumps.get(pump).map(|pump| pump.fluid_box),
                    input,
                    output,
                ],
                Link::Source { pump } => {
                    [self.pumps.get(pump).map(|pump| pump.fluid_box), None, None]
                }
            }
        };
        let mut firsts = Vec::with_capacity(links.len());
        for link in links {
            let mut pools = pools_of(link).into_iter().flatten();
            let first = pools.next().expect("a link has a pool") as usize;
            for other in pools {
                groups.join(first, other as usize);
            }
            firsts.push(first);
        }
        let mut order: Vec<(usize, usize)> = firsts
            .into_iter()
            .enumerate()
            .map(|(number, first)| (groups.root(first), number))
            .collect();
        order.sort_unstable();
        self.derived.links.clear();
        self.derived.systems.clear();
        let mut number_of = vec![NO_SYSTEM; n_boxes];
        for group in order.chunk_by(|a, b| a.0 == b.0) {
            let first = self.derived.links.len() as u32;
            number_of[group[0].0] = self.derived.systems.len() as u32;
            self.derived
                .links
                .extend(group.iter().map(|(_, number)| links[*number]));
            self.derived.systems.push(System {
                first,
                end: self.derived.links.len() as u32,
                is_awake: true,
            });
        }
        let indices: Vec<u32> = self.boxes.iter().map(|(index, _)| index).collect();
        for index in indices {
            let system = number_of[groups.root(index as usize)];
            if let Some(fluid_box) = self.boxes.get_mut(index) {
                fluid_box.system = system;
            }
        }
    }
}
