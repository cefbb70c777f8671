//! The payload of a frame: sections of records, to bytes and back.
//!
//! The layouts are those of [`contract::frame`](crate::contract::frame); a test compares every record with its fields
//! there. Payloads come from outside: every length and count is checked before anything is read or kept, so hostile bytes
//! end in a [`PayloadError`] and never take more memory than the sections' limits allow.

use std::fmt;

use crate::contract::frame::SECTIONS;

/// Bytes before the records of a section: its id (u8) and the number of its records (u16).
const SECTION_HEAD_BYTES: usize = 3;

/// Why a payload cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadError {
    /// It ends inside a section.
    Truncated { section: u8 },
    /// No section has the id.
    UnknownSection { id: u8 },
    /// A section comes twice.
    Repeated { section: u8 },
    /// A section has more records than its limit.
    TooManyRecords { section: u8, records: usize },
    /// The character's section is missing, empty or not the first.
    NoCharacter,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { section } => {
                write!(formatter, "the payload ends inside section {section}")
            }
            Self::UnknownSection { id } => write!(
                formatter,
                "section {id} is unknown; they are 1 to {}",
                SECTIONS.len()
            ),
            Self::Repeated { section } => write!(formatter, "section {section} comes twice"),
            Self::TooManyRecords { section, records } => write!(
                formatter,
                "section {section} has {records} records; at most {} are allowed",
                SECTIONS[usize::from(section) - 1].max_records
            ),
            Self::NoCharacter => {
                formatter.write_str("the payload does not begin with the record of the character")
            }
        }
    }
}

impl std::error::Error for PayloadError {}

/// A field of a record: a number of fixed size.
trait Number: Sized {
    const BYTES: usize;
    fn put(self, out: &mut Vec<u8>);
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Number for $type {
            const BYTES: usize = size_of::<$type>();
            #[inline]
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            #[inline]
            fn get(bytes: &[u8]) -> Self {
                Self::from_le_bytes(bytes[..Self::BYTES].try_into().expect("cut to its size"))
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, i16, i32, f64);

/// A record of a section.
trait Record: Sized {
    /// Bytes of one record.
    const BYTES: usize;
    /// Names and bytes of its fields, to be compared with the contract.
    #[cfg(test)]
    const FIELDS: &'static [(&'static str, usize)];
    fn write(&self, out: &mut Vec<u8>);
    /// Reads a record from exactly [`Record::BYTES`] bytes.
    fn read(bytes: &[u8]) -> Self;
}

/// Defines the record of a section; fields in the order of the contract.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name {
            $(pub $field: $type,)*
        }

        impl Record for $name {
            const BYTES: usize = 0 $(+ <$type>::BYTES)*;
            #[cfg(test)]
            const FIELDS: &'static [(&'static str, usize)] =
                &[$((stringify!($field), <$type>::BYTES)),*];

            #[inline]
            fn write(&self, out: &mut Vec<u8>) {
                $(self.$field.put(out);)*
            }

            #[inline]
            fn read(mut bytes: &[u8]) -> Self {
                $(
                    let $field = <$type>::get(bytes);
                    bytes = &bytes[<$type>::BYTES..];
                )*
                debug_assert!(bytes.is_empty(), "a record is read from its own bytes");
                Self { $($field),* }
            }
        }
    };
}

record! {
    /// The character.
    Character {
        x: i32, y: i32, health: u32, facing: u8, alive: u8, mining_progress: f64, crafting_progress: f64,
        crafting_queue: u16, occupied_slots: u16, slots: u16, power_satisfaction: f64,
    }
}
record! {
    /// Items of one kind that the character carries.
    Carried { item: u8, count: u32 }
}
record! {
    /// A run of equal terrain along a row.
    TileRun { x: i16, y: i16, length: u16, terrain: u8 }
}
record! {
    /// A resource tile; amount 0 means that it is gone.
    ResourceTile { x: i16, y: i16, resource: u8, amount: u32 }
}
record! {
    /// An entity that appeared or changed.
    EntityState {
        unit: u32, code: u8, prototype: u16, x: i32, y: i32, direction: u8, status: u8, contents: u8, health: u32,
        recipe: u16,
    }
}
record! {
    /// A ghost that appeared.
    GhostState { unit: u32, prototype: u16, x: i32, y: i32, direction: u8 }
}
record! {
    /// An entity or ghost that is gone.
    Removed { unit: u32 }
}
record! {
    /// Items of one kind made and mined by the force.
    Produced { item: u8, count: u64 }
}
record! {
    /// Items of one kind in one group of slots of an entity.
    Held { unit: u32, group: u8, item: u8, count: u32 }
}
record! {
    /// An order of the queue of crafts by hand.
    Crafting { recipe: u16, count: u32 }
}
record! {
    /// Items on the ground; count 0 means that they are gone.
    Pile { x: i32, y: i32, item: u8, count: u32 }
}
record! {
    /// An enemy that moves.
    UnitState { unit: u32, prototype: u16, x: i32, y: i32, health: u32 }
}
record! {
    /// A recipe that the force may use.
    EnabledRecipe { recipe: u16 }
}
record! {
    /// A technology that is researched or in progress.
    TechnologyState { technology: u16, level: u16, progress: f64 }
}
record! {
    /// Items of one kind used up by the force.
    Consumed { item: u8, count: u64 }
}
record! {
    /// A fluid in an entity.
    FluidHeld { unit: u32, fluid: u8, amount: f64 }
}

/// Defines the payload: the character, and the lists of records of the other sections, from section 2 on.
macro_rules! payload {
    ($($list:ident: $record:ty = $id:literal,)*) => {
        /// What a frame says: facts that changed since the frame before, and the character.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Payload {
            pub character: Character,
            $(pub $list: Vec<$record>,)*
        }

        /// Bytes of a record of every section, by id.
        const RECORD_BYTES: [usize; SECTIONS.len()] = [Character::BYTES, $(<$record>::BYTES),*];

        impl Payload {
            /// Writes the payload to the end of `out`; sections without records are left out.
            ///
            /// # Errors
            /// A section that has more records than its limit; nothing is written then.
            pub fn write(&self, out: &mut Vec<u8>) -> Result<(), PayloadError> {
                $(check_count($id, self.$list.len())?;)*
                write_section(1, std::slice::from_ref(&self.character), out);
                $(write_section($id, &self.$list, out);)*
                Ok(())
            }

            /// Reads a payload into this one, which keeps its memory; after an error its contents mean nothing.
            ///
            /// # Errors
            /// What is wrong with the bytes.
            pub fn read(&mut self, bytes: &[u8]) -> Result<(), PayloadError> {
                self.clear();
                let mut sections = Sections {
                    rest: bytes,
                    seen: 0,
                };
                match sections.next()? {
                    Some((1, records)) if records.len() == Character::BYTES => {
                        self.character = Character::read(records);
                    }
                    _ => return Err(PayloadError::NoCharacter),
                }
                while let Some((id, records)) = sections.next()? {
                    match id {
                        $($id => read_section(records, &mut self.$list),)*
                        _ => return Err(PayloadError::UnknownSection { id }),
                    }
                }
                Ok(())
            }

            fn clear(&mut self) {
                self.character = Character::default();
                $(self.$list.clear();)*
            }
        }

        #[cfg(test)]
        const FIELDS: [&[(&str, usize)]; SECTIONS.len()] = [Character::FIELDS, $(<$record>::FIELDS),*];
    };
}

payload! {
    carried: Carried = 2,
    tiles: TileRun = 3,
    resources: ResourceTile = 4,
    entities: EntityState = 5,
    ghosts: GhostState = 6,
    removed: Removed = 7,
    produced: Produced = 8,
    held: Held = 9,
    crafting: Crafting = 10,
    piles: Pile = 11,
    units: UnitState = 12,
    recipes: EnabledRecipe = 13,
    technologies: TechnologyState = 14,
    consumed: Consumed = 15,
    fluids: FluidHeld = 16,
}

/// Walks the sections of a payload.
struct Sections<'a> {
    rest: &'a [u8],
    /// A bit for the id of every section that came.
    seen: u32,
}

impl<'a> Sections<'a> {
    /// Gives id and records of the next section, whose length is right, or `None` at the end.
    fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, PayloadError> {
        let Some(&id) = self.rest.first() else {
            return Ok(None);
        };
        if id == 0 || usize::from(id) > SECTIONS.len() {
            return Err(PayloadError::UnknownSection { id });
        }
        if self.rest.len() < SECTION_HEAD_BYTES {
            return Err(PayloadError::Truncated { section: id });
        }
        if self.seen & (1 << id) != 0 {
            return Err(PayloadError::Repeated { section: id });
        }
        self.seen |= 1 << id;
        let records = usize::from(u16::get(&self.rest[1..]));
        check_count(id, records)?;
        let end = SECTION_HEAD_BYTES + records * RECORD_BYTES[usize::from(id) - 1];
        if self.rest.len() < end {
            return Err(PayloadError::Truncated { section: id });
        }
        let (section, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Some((id, &section[SECTION_HEAD_BYTES..])))
    }
}

fn check_count(section: u8, records: usize) -> Result<(), PayloadError> {
    if records > SECTIONS[usize::from(section) - 1].max_records {
        return Err(PayloadError::TooManyRecords { section, records });
    }
    Ok(())
}

fn write_section<R: Record>(id: u8, records: &[R], out: &mut Vec<u8>) {
    if records.is_empty() {
        return;
    }
    out.reserve(SECTION_HEAD_BYTES + records.len() * R::BYTES);
    out.push(id);
    (records.len() as u16).put(out);
    for record in records {
        record.write(out);
    }
}

fn read_section<R: Record>(bytes: &[u8], records: &mut Vec<R>) {
    records.extend(bytes.chunks_exact(R::BYTES).map(R::read));
}

#[cfg(test)]
mod tests;
