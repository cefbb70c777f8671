//! The frame: the binary layout in which a server's facts travel, by UDP in fragments or whole by RCON.
//!
//! Little endian throughout, packed without padding, in the notation of Lua's `string.pack`.
//! A payload is a run of sections; each is a section id (u8), a record count (u16) and the records.
//! Only layouts are defined here; the codec lives in `protocol`.

/// First four bytes of every datagram: "FFG1" read as a little-endian u32.
pub const MAGIC: u32 = u32::from_le_bytes(*b"FFG1");
/// A datagram is at most this long, header included (a safe size below what every platform's loopback takes).
pub const MAX_DATAGRAM_BYTES: usize = 3_900;
/// A frame has at most this many fragments, the most that its header can count: 987,360 bytes of payload.
///
/// What would need more waits for the next frame, as what is beyond a section's limit does.
pub const MAX_FRAGMENTS: usize = 255;
/// Payload bytes of one fragment.
pub const MAX_FRAGMENT_PAYLOAD_BYTES: usize = MAX_DATAGRAM_BYTES - HEADER_BYTES;

/// Health of an entity that is whole, in place of a number.
pub const FULL_HEALTH: u32 = u32::MAX;
/// Recipe of the one record that says that the crafting queue is empty.
pub const NO_CRAFT: u16 = u16::MAX;

/// A field of the header or of a record: name, `string.pack` letter, bytes, meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub pack: &'static str,
    pub size: usize,
    pub meaning: &'static str,
}

const fn field(
    name: &'static str,
    pack: &'static str,
    size: usize,
    meaning: &'static str,
) -> Field {
    Field {
        name,
        pack,
        size,
        meaning,
    }
}

/// The header of a datagram.
pub const HEADER: [Field; 9] = [
    field("magic", "I4", 4, "MAGIC"),
    field("version", "I2", 2, "version of the contract"),
    field(
        "environment",
        "I2",
        2,
        "number of the environment on its server",
    ),
    field(
        "episode",
        "I4",
        4,
        "number of the episode in the environment",
    ),
    field(
        "step",
        "I4",
        4,
        "number of the frame in the episode; 0 is the first observation",
    ),
    field("tick", "I8", 8, "tick of the game when the frame was made"),
    field("fragment", "I1", 1, "number of this fragment, from 0"),
    field("fragments", "I1", 1, "fragments of the frame"),
    field(
        "payload_bytes",
        "I2",
        2,
        "bytes of payload in this fragment",
    ),
];
/// Bytes of the header.
pub const HEADER_BYTES: usize = size_of_fields(&HEADER);

/// One kind of section in a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    pub id: u8,
    pub name: &'static str,
    pub meaning: &'static str,
    /// A payload with more records than this is refused before anything is allocated.
    pub max_records: usize,
    pub fields: &'static [Field],
}

/// All sections, by id.
pub const SECTIONS: [Section; 16] = [
    Section {
        id: 1,
        name: "character",
        meaning: "the character; always first, always one record",
        max_records: 1,
        fields: &[
            field("x", "i4", 4, "map position in 1/256 tile"),
            field("y", "i4", 4, "map position in 1/256 tile"),
            field("health", "I4", 4, "health in 1/256"),
            field(
                "facing",
                "I1",
                1,
                "direction in eighths clockwise from north",
            ),
            field("alive", "I1", 1, "1 or 0"),
            field("mining_progress", "d", 8, "0..1"),
            field("crafting_progress", "d", 8, "0..1"),
            field("crafting_queue", "I2", 2, "crafts waiting in the queue"),
            field(
                "occupied_slots",
                "I2",
                2,
                "slots of the main inventory in use",
            ),
            field("slots", "I2", 2, "slots of the main inventory"),
            field(
                "power_satisfaction",
                "d",
                8,
                "share of its demand that the worst-off network in the window meets, 0..1; 1 where there is none",
            ),
        ],
    },
    Section {
        id: 2,
        name: "inventory",
        meaning: "items that the character carries, by item code: all of them, when they changed; one record of item 0 says that it carries none",
        max_records: 255,
        fields: &[
            field("item", "I1", 1, "item code"),
            field("count", "I4", 4, "items"),
        ],
    },
    Section {
        id: 3,
        name: "tiles",
        meaning: "runs of equal terrain along a row, where it changed since the last frame",
        max_records: 16_384,
        fields: &[
            field("x", "i2", 2, "first tile of the run"),
            field("y", "i2", 2, "tile row"),
            field("length", "I2", 2, "tiles of the run"),
            field("terrain", "I1", 1, "terrain class"),
        ],
    },
    Section {
        id: 4,
        name: "resources",
        meaning: "resource tiles that changed since the last frame; amount 0 means gone",
        max_records: 16_384,
        fields: &[
            field("x", "i2", 2, "tile"),
            field("y", "i2", 2, "tile"),
            field("resource", "I1", 1, "resource code"),
            field("amount", "I4", 4, "amount"),
        ],
    },
    Section {
        id: 5,
        name: "entities",
        meaning: "entities that appeared or changed since the last frame",
        max_records: 16_384,
        fields: &[
            field("unit", "I4", 4, UNIT),
            field("code", "I1", 1, "entity code"),
            field("prototype", "I2", 2, PROTOTYPE),
            field("x", "i4", 4, "centre in 1/256 tile"),
            field("y", "i4", 4, "centre in 1/256 tile"),
            field("direction", "I1", 1, DIRECTION),
            field("status", "I1", 1, "status class"),
            field(
                "contents",
                "I1",
                1,
                "item code of what it works on or holds",
            ),
            field(
                "health",
                "I4",
                4,
                "health in 1/256; the largest number says that it is whole",
            ),
            field(
                "recipe",
                "I2",
                2,
                "1 + index of the recipe in name order, 0 for none",
            ),
        ],
    },
    Section {
        id: 6,
        name: "ghosts",
        meaning: "ghosts that appeared since the last frame",
        max_records: 16_384,
        fields: &[
            field("unit", "I4", 4, UNIT),
            field("prototype", "I2", 2, PROTOTYPE),
            field("x", "i4", 4, "centre in 1/256 tile"),
            field("y", "i4", 4, "centre in 1/256 tile"),
            field("direction", "I1", 1, DIRECTION),
        ],
    },
    Section {
        id: 7,
        name: "removed",
        meaning: "entities and ghosts that are gone since the last frame",
        max_records: 16_384,
        fields: &[field("unit", "I4", 4, UNIT)],
    },
    Section {
        id: 8,
        name: "produced",
        meaning: "items made and mined by the force since the episode began: those whose number changed",
        max_records: 255,
        fields: &[
            field("item", "I1", 1, "item code"),
            field("count", "I8", 8, "items"),
        ],
    },
    Section {
        id: 9,
        name: "inventories",
        meaning: "contents of machines and chests, per group of slots: a group that changed is sent whole; one record of \
                  item 0 says that it is empty",
        max_records: 32_768,
        fields: &[
            field("unit", "I4", 4, UNIT),
            field(
                "group",
                "I1",
                1,
                "1 contents, 2 fuel, 3 source, 4 result, 5 modules",
            ),
            field("item", "I1", 1, "item code"),
            field("count", "I4", 4, "items"),
        ],
    },
    Section {
        id: 10,
        name: "crafting",
        meaning: "the queue of crafts by hand, first first, whole, whenever it is not empty or changed; one record of \
                  recipe 0xffff says that it has become empty",
        max_records: 1_024,
        fields: &[
            field("recipe", "I2", 2, RECIPE),
            field("count", "I4", 4, "crafts that are left of the order"),
        ],
    },
    Section {
        id: 11,
        name: "piles",
        meaning: "items on the ground that changed since the last frame; count 0 means gone",
        max_records: 16_384,
        fields: &[
            field("x", "i4", 4, "map position in 1/256 tile"),
            field("y", "i4", 4, "map position in 1/256 tile"),
            field("item", "I1", 1, "item code"),
            field("count", "I4", 4, "items"),
        ],
    },
    Section {
        id: 12,
        name: "units",
        meaning: "enemies that move: all that are in scope, in every frame",
        max_records: 4_096,
        fields: &[
            field("unit", "I4", 4, UNIT),
            field("prototype", "I2", 2, PROTOTYPE),
            field("x", "i4", 4, "map position in 1/256 tile"),
            field("y", "i4", 4, "map position in 1/256 tile"),
            field("health", "I4", 4, "health in 1/256"),
        ],
    },
    Section {
        id: 13,
        name: "recipes",
        meaning: "recipes that the force may use: all of them, when the set changed since set-up",
        max_records: 512,
        fields: &[field("recipe", "I2", 2, RECIPE)],
    },
    Section {
        id: 14,
        name: "technologies",
        meaning: "technologies that are researched or in progress: all of them, when one changed",
        max_records: 512,
        fields: &[
            field(
                "technology",
                "I2",
                2,
                "index of the technology in name order",
            ),
            field("level", "I2", 2, "levels that are researched"),
            field(
                "progress",
                "d",
                8,
                "1 where it is researched to its end, else the share of the next level that is done",
            ),
        ],
    },
    Section {
        id: 15,
        name: "consumed",
        meaning: "items used up by the force since the episode began: those whose number changed; only with all in scope",
        max_records: 255,
        fields: &[
            field("item", "I1", 1, "item code"),
            field("count", "I8", 8, "items"),
        ],
    },
    Section {
        id: 16,
        name: "fluids",
        meaning: "fluids in entities that changed since the last frame; only with all in scope",
        max_records: 16_384,
        fields: &[
            field("unit", "I4", 4, UNIT),
            field("fluid", "I1", 1, "item code of the fluid, 0 for none"),
            field("amount", "d", 8, "amount in all its boxes together"),
        ],
    },
];

/// Meanings that several records share.
const UNIT: &str =
    "number in the episode, from 1: entities and ghosts share one counter, units have their own";
const PROTOTYPE: &str = "index of the prototype in name order, from 0";
const RECIPE: &str = "index of the recipe in name order, from 0";
const DIRECTION: &str = "direction in sixteenths clockwise from north";

/// Sums the bytes of `fields`.
pub const fn size_of_fields(fields: &[Field]) -> usize {
    let mut bytes = 0;
    let mut index = 0;
    while index < fields.len() {
        bytes += fields[index].size;
        index += 1;
    }
    bytes
}

/// Writes the `string.pack` format of `fields`, little endian.
pub fn pack_format(fields: &[Field]) -> String {
    let letters: String = fields.iter().map(|field| field.pack).collect();
    format!("<{letters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_agree_with_the_pack_letters() {
        let sections = SECTIONS.iter().map(|section| section.fields);
        for fields in std::iter::once(&HEADER[..]).chain(sections) {
            for field in fields {
                let size = match field.pack {
                    "d" => 8,
                    letters => letters[1..].parse::<usize>().unwrap(),
                };
                assert_eq!(size, field.size, "{}", field.name);
            }
        }
    }

    #[test]
    fn header_and_ids_are_as_documented() {
        assert_eq!(HEADER_BYTES, 28);
        assert_eq!(pack_format(&HEADER), "<I4I2I2I4I4I8I1I1I2");
        for (index, section) in SECTIONS.iter().enumerate() {
            assert_eq!(usize::from(section.id), index + 1);
        }
    }
}
