use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Records of any contents, since any bytes of their length are one.
fn records<R: Record + std::fmt::Debug>() -> impl Strategy<Value = Vec<R>> {
    vec(vec(any::<u8>(), R::BYTES), 0..9)
        .prop_map(|all| all.iter().map(|bytes| R::read(bytes)).collect())
}

fn payload() -> impl Strategy<Value = Payload> {
    let character = (vec(any::<u8>(), Character::BYTES), 0.0..1.0).prop_map(|(bytes, progress)| {
        // What is no number is not equal to itself.
        Character {
            mining_progress: progress,
            crafting_progress: 1.0 - progress,
            ..Character::read(&bytes)
        }
    });
    let first = (character, records(), records(), records(), records());
    let rest = (records(), records(), records(), records());
    (first, rest).prop_map(
        |((character, carried, tiles, resources, entities), (ghosts, removed, produced, held))| {
            Payload {
                character,
                carried,
                tiles,
                resources,
                entities,
                ghosts,
                removed,
                produced,
                held,
            }
        },
    )
}

fn bytes_of(payload: &Payload) -> Vec<u8> {
    let mut bytes = Vec::new();
    payload.write(&mut bytes).unwrap();
    bytes
}

#[test]
fn records_are_laid_out_as_the_contract_says() {
    let records: [&[(&str, usize)]; SECTIONS.len()] = [
        Character::FIELDS,
        Carried::FIELDS,
        TileRun::FIELDS,
        ResourceTile::FIELDS,
        EntityState::FIELDS,
        GhostState::FIELDS,
        Removed::FIELDS,
        Produced::FIELDS,
        Held::FIELDS,
    ];
    for (section, fields) in SECTIONS.iter().zip(records) {
        let agreed: Vec<(&str, usize)> = section
            .fields
            .iter()
            .map(|field| (field.name, field.size))
            .collect();
        assert_eq!(fields, agreed, "{}", section.name);
    }
}

#[test]
fn the_limits_are_the_contracts() {
    let mut payload = Payload {
        carried: vec![Carried::default(); 255],
        ..Payload::default()
    };
    assert_eq!(payload.write(&mut Vec::new()), Ok(()));
    payload.carried.push(Carried::default());
    let mut out = vec![7];
    assert_eq!(
        payload.write(&mut out),
        Err(PayloadError::TooManyRecords {
            section: 2,
            records: 256
        })
    );
    assert_eq!(out, [7], "nothing is written");
    let mut bytes = bytes_of(&Payload::default());
    bytes.extend([9, 0xff, 0xff]);
    let error = Payload::default().read(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "section 9 has 65535 records; at most 8192 are allowed"
    );
}

#[test]
fn what_is_wrong_is_named() {
    let whole = bytes_of(&Payload {
        removed: vec![Removed { unit: 5 }],
        ..Payload::default()
    });
    let read = |bytes: &[u8]| Payload::default().read(bytes);
    assert_eq!(read(&whole), Ok(()));
    assert_eq!(read(&[]), Err(PayloadError::NoCharacter));
    assert_eq!(read(&whole[40..]), Err(PayloadError::NoCharacter));
    assert_eq!(
        read(&whole[..whole.len() - 1]),
        Err(PayloadError::Truncated { section: 7 })
    );
    assert_eq!(
        read(&[&whole[..], &[3]].concat()),
        Err(PayloadError::Truncated { section: 3 })
    );
    assert_eq!(
        read(&[&whole[..], &[10]].concat()),
        Err(PayloadError::UnknownSection { id: 10 })
    );
    assert_eq!(
        read(&[&whole[..], &whole[40..]].concat()),
        Err(PayloadError::Repeated { section: 7 })
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(first in payload(), second in payload()) {
        let mut read = first.clone();
        read.read(&bytes_of(&second)).unwrap();
        prop_assert_eq!(&read, &second);
        read.read(&bytes_of(&first)).unwrap();
        prop_assert_eq!(&read, &first);
    }

    #[test]
    fn hostile_bytes_end_in_an_error_or_in_what_writes_them(bytes in vec(any::<u8>(), 0..400)) {
        let mut payload = Payload::default();
        if payload.read(&bytes).is_ok() {
            let mut again = Payload::default();
            again.read(&bytes_of(&payload)).unwrap();
            prop_assert_eq!(bytes_of(&again), bytes_of(&payload));
        }
    }

    #[test]
    fn damaged_payloads_do_no_harm(payload in payload(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = bytes_of(&payload);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let mut read = Payload::default();
        let _ = read.read(&bytes);
        let _ = read.read(&bytes[..at]);
    }
}
