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
            power_satisfaction: progress,
            ..Character::read(&bytes)
        }
    });
    let first = (character, records(), records(), records(), records());
    let second = (records(), records(), records(), records());
    let third = (records(), records(), records());
    let last = (records(), numbered(), records(), numbered());
    (first, second, third, last).prop_map(
        |(
            (character, carried, tiles, resources, entities),
            (ghosts, removed, produced, held),
            (crafting, piles, units),
            (recipes, technologies, consumed, fluids),
        )| {
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
                crafting,
                piles,
                units,
                recipes,
                technologies,
                consumed,
                fluids,
            }
        },
    )
}

/// Records whose last field is a number that is equal to itself.
fn numbered<R: Record + std::fmt::Debug>() -> impl Strategy<Value = Vec<R>> {
    vec((vec(any::<u8>(), R::BYTES), 0.0..1.0_f64), 0..9).prop_map(|all| {
        let read = |(mut bytes, number): (Vec<u8>, f64)| {
            bytes.truncate(R::BYTES - f64::BYTES);
            number.put(&mut bytes);
            R::read(&bytes)
        };
        all.into_iter().map(read).collect()
    })
}

/// Bytes of the character's section, which comes first.
const HEAD: usize = SECTION_HEAD_BYTES + Character::BYTES;

fn bytes_of(payload: &Payload) -> Vec<u8> {
    let mut bytes = Vec::new();
    payload.write(&mut bytes).unwrap();
    bytes
}

#[test]
fn records_are_laid_out_as_the_contract_says() {
    for (section, fields) in SECTIONS.iter().zip(FIELDS) {
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
        "section 9 has 65535 records; at most 32768 are allowed"
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
    assert_eq!(read(&whole[HEAD..]), Err(PayloadError::NoCharacter));
    assert_eq!(
        read(&whole[..whole.len() - 1]),
        Err(PayloadError::Truncated { section: 7 })
    );
    assert_eq!(
        read(&[&whole[..], &[3]].concat()),
        Err(PayloadError::Truncated { section: 3 })
    );
    assert_eq!(
        read(&[&whole[..], &[17]].concat()),
        Err(PayloadError::UnknownSection { id: 17 })
    );
    assert_eq!(
        read(&[&whole[..], &whole[HEAD..]].concat()),
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
