//! Whether footprints overlap, without a grid: the cost is the number of rows covered, wherever they are.

/// Tiles that an entity takes: `left` to `left + width`, `top` to `top + height`, ends excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footprint {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Finds two footprints that share a tile, given with the index of their owner; of several pairs the north-western one.
pub(super) fn first_overlap(footprints: &[(usize, Footprint)]) -> Option<(usize, usize)> {
    let mut spans: Vec<(i32, i32, i32, usize)> = footprints
        .iter()
        .flat_map(|(owner, area)| {
            (area.top..area.top + area.height)
                .map(move |row| (row, area.left, area.left + area.width, *owner))
        })
        .collect();
    spans.sort_unstable();
    // Sorted by their start, two spans of a row can only overlap if some neighbours do.
    spans.windows(2).find_map(|pair| {
        let ((row, _, end, owner), (next_row, start, _, next_owner)) = (pair[0], pair[1]);
        (row == next_row && start < end).then(|| (owner.min(next_owner), owner.max(next_owner)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(left: i32, top: i32, width: i32, height: i32) -> Footprint {
        Footprint {
            left,
            top,
            width,
            height,
        }
    }

    #[test]
    fn neighbours_that_touch_do_not_overlap() {
        let row = [
            (0, area(0, 0, 3, 3)),
            (1, area(3, 0, 1, 1)),
            (2, area(0, 3, 2, 2)),
            (3, area(-1, 2, 1, 1)),
        ];
        assert_eq!(first_overlap(&row), None);
    }

    #[test]
    fn one_shared_tile_is_an_overlap() {
        assert_eq!(
            first_overlap(&[(7, area(2, 2, 1, 1)), (4, area(0, 0, 3, 3))]),
            Some((4, 7))
        );
    }

    #[test]
    fn a_small_one_inside_a_large_one_overlaps() {
        assert_eq!(
            first_overlap(&[(0, area(0, 0, 9, 9)), (1, area(4, 4, 1, 1))]),
            Some((0, 1))
        );
    }
}
