//! Lines against those that are made anew, and the order that lanes must keep.
//!
//! Numbers of lines mean nothing, so lines and lanes are named by their downstream belts.

use super::lane::SPACING;
use super::{Belts, End};
use crate::sim::verify::Findings;

/// Where a lane ends, by the downstream belt of what it runs into.
#[derive(Debug, PartialEq)]
enum NamedEnd {
    Stop,
    Loop,
    Lane(u32, u32),
    Side(u32, u32, i32, u32),
    Splitter(u32, u8),
}

/// A lane with its neighbours, by names that do not depend on history.
#[derive(Debug, PartialEq)]
struct NamedTrack {
    length: i32,
    speed: i32,
    end: NamedEnd,
    feeders: Vec<(u32, u32)>,
    is_awake: bool,
}

impl Belts {
    /// Compares what follows from the belts with what a restored copy has.
    pub(in crate::sim) fn check_caches(&self, rebuilt: &Self, findings: &mut Findings) {
        findings.require(self.changed.is_empty() && self.displaced.is_empty(), || {
            "belts are not settled".to_owned()
        });
        findings.require_equal(
            || "belts by tile".to_owned(),
            &self.by_tile,
            &rebuilt.by_tile,
        );
        findings.require_equal(
            || "the number of underground belts".to_owned(),
            &self.n_undergrounds,
            &rebuilt.n_undergrounds,
        );
        findings.require_equal(
            || "the lanes that are awake".to_owned(),
            &self.awake_heads(),
            &rebuilt.awake_heads(),
        );
        for (index, tile) in self.tiles.iter() {
            let Some(other) = rebuilt.tiles.get(index) else {
                findings.add(|| format!("belt {index} is gone after a restore"));
                continue;
            };
            findings.require_equal(
                || format!("shape, speed, mate and lanes of belt {index}"),
                &(tile.shape, tile.speed, tile.mate, tile.spots),
                &(other.shape, other.speed, other.mate, other.spots),
            );
            let (Some(line), Some(other_line)) = (tile.line, other.line) else {
                findings.add(|| format!("belt {index} is on no line"));
                continue;
            };
            findings.require_equal(
                || format!("the line of belt {index}"),
                &self.lines[line as usize].belts,
                &rebuilt.lines[other_line as usize].belts,
            );
            if self.lines[line as usize].belts.first() == Some(&index) {
                for side in 0..2 {
                    findings.require_equal(
                        || format!("lane {side} of the line of belt {index}"),
                        &self.named_track(line * 2 + side),
                        &rebuilt.named_track(other_line * 2 + side),
                    );
                }
            }
        }
        for (index, splitter) in self.splitters.iter() {
            let fronts = |belts: &Self, lines: [u32; 2]| lines.map(|line| belts.front_of(line));
            if let Some(other) = rebuilt.splitters.get(index) {
                findings.require_equal(
                    || format!("the lines of splitter {index}"),
                    &(
                        fronts(self, splitter.in_lines),
                        fronts(self, splitter.out_lines),
                    ),
                    &(
                        fronts(rebuilt, other.in_lines),
                        fronts(rebuilt, other.out_lines),
                    ),
                );
            }
        }
    }

    fn front_of(&self, line: u32) -> Option<u32> {
        self.lines.get(line as usize)?.belts.first().copied()
    }

    fn named(&self, track: u32) -> (u32, u32) {
        (self.front_of(track / 2).unwrap_or(u32::MAX), track % 2)
    }

    fn named_track(&self, index: u32) -> NamedTrack {
        let track = &self.tracks[index as usize];
        NamedTrack {
            length: track.length,
            speed: track.speed,
            end: match track.end {
                End::Stop => NamedEnd::Stop,
                End::Loop => NamedEnd::Loop,
                End::Lane(next) => {
                    let (front, side) = self.named(next);
                    NamedEnd::Lane(front, side)
                }
                End::Side { lane, entry, belt } => {
                    let (front, side) = self.named(lane);
                    NamedEnd::Side(front, side, entry, belt)
                }
                End::Splitter { splitter, side } => NamedEnd::Splitter(splitter, side),
            },
            feeders: track
                .feeders
                .iter()
                .map(|feeder| self.named(*feeder))
                .collect(),
            is_awake: track.awake != 0,
        }
    }

    /// Checks that items lie on their lanes in order, and no closer than the game allows.
    ///
    /// Moving keeps [`SPACING`]; putting an item on keeps it to the item ahead only, and where belts change their shape
    /// items keep their shares of the way. So items may lie closer, and then the lane must know it.
    pub(in crate::sim) fn check_lanes(&self, findings: &mut Findings) {
        for (number, track) in self.tracks.iter().enumerate() {
            let positions = track.lane.positions();
            let (first, last) = (positions.first(), positions.last());
            findings.require(
                first.is_none_or(|first| *first >= 0)
                    && last.is_none_or(|last| *last < track.length),
                || {
                    format!(
                        "lane {number} of {} has items off it: {positions:?}",
                        track.length
                    )
                },
            );
            for pair in positions.windows(2) {
                findings.require(pair[0] <= pair[1], || {
                    format!("lane {number} is out of order: {pair:?}")
                });
                findings.require(
                    pair[1] - pair[0] >= SPACING || track.lane.knows_squash(),
                    || format!("lane {number} does not know that items are close: {pair:?}"),
                );
            }
        }
    }

    /// Counts the lanes that move.
    #[cfg(test)]
    pub(in crate::sim) fn awake_count(&self) -> usize {
        self.awake_heads().len()
    }

    /// Counts the places where three items of a lane, one behind the other, lie within less than `SPACING`.
    ///
    /// Putting items on cannot bring that about: each keeps its distance to the one ahead.
    #[cfg(test)]
    pub(in crate::sim) fn count_crowds(&self) -> usize {
        let crowds = self.tracks.iter().map(|track| {
            let triples = track.lane.positions().windows(3);
            triples
                .filter(|triple| triple[2] - triple[0] < SPACING)
                .count()
        });
        crowds.sum()
    }
}
