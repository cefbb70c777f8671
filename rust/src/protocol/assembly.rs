//! Makes frames of datagrams that may come twice, in any order, or not at all.
//!
//! Owns what has arrived of each environment's next frames. A frame tells what changed since the one before, so they
//! are handed out one by one in the order of their steps; what is before the next one is a duplicate, what is a few
//! steps beyond waits. It has no clock: whoever knows that a frame should be there asks for what is missing.
//!
//! Invariant: it holds at most [`MAX_WAITING_BYTES`] of payload, and [`MAX_FRAMES_AHEAD`] frames of an environment.

use std::collections::BTreeMap;

use super::fragment::{self, FrameKey, Header};
use crate::contract::frame::{MAX_FRAGMENT_PAYLOAD_BYTES, MAX_FRAGMENTS};

/// Environments of one server; the number of one is below it.
pub const MAX_ENVIRONMENTS: u16 = 1_024;
/// Frames of one environment that are kept, from the next one on; later ones are dropped and have to be asked for.
pub const MAX_FRAMES_AHEAD: u32 = 4;
/// Payload that is kept of all environments together; what comes beyond is dropped and has to be asked for.
pub const MAX_WAITING_BYTES: usize = 64 << 20;

/// A whole frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub key: FrameKey,
    /// Tick of the game when the frame was made.
    pub tick: u64,
    pub payload: Vec<u8>,
}

/// What became of a datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It completed a frame.
    Completed(FrameKey),
    /// Something of its frame is missing still.
    Partial,
    /// The same fragment, or its whole frame, was there already.
    Duplicate,
    /// Of another episode, of an environment that is not expected, or too far ahead.
    Stale,
    /// There is no room for it.
    NoRoom,
    /// It contradicts what came before of its frame.
    Contradiction,
    /// It is no fragment.
    Refused(fragment::Error),
}

/// What a frame lacks, to be asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub key: FrameKey,
    /// Numbers of the fragments that are missing; none where nothing of the frame has come.
    pub fragments: Vec<u8>,
    /// Something of a later frame has come, so this one is late or lost.
    pub is_overtaken: bool,
}

/// How many datagrams met which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub datagrams: u64,
    pub bytes: u64,
    /// Frames that were handed out.
    pub frames: u64,
    /// Fragments that were reported missing; a frame of which nothing came counts as one.
    pub lost: u64,
    pub duplicated: u64,
    /// Datagrams that came after a later one of their environment.
    pub reordered: u64,
    /// Datagrams that were stale, without room, contradictory or no fragments.
    pub refused: u64,
}

/// Assembles the frames of a server's environments.
#[derive(Debug, Default)]
pub struct Assembler {
    environments: BTreeMap<u16, Environment>,
    waiting_bytes: usize,
    counts: Counts,
}

/// What has come of one environment.
#[derive(Debug)]
struct Environment {
    episode: u32,
    /// The step that is handed out next.
    next_step: u32,
    frames: BTreeMap<u32, Partial>,
    /// Step and fragment of the latest datagram, to tell when one comes after a later one.
    latest: Option<(u32, u8)>,
}

/// A frame in the making.
#[derive(Debug)]
struct Partial {
    tick: u64,
    fragments: Vec<Option<Vec<u8>>>,
}

impl Partial {
    fn is_complete(&self) -> bool {
        self.fragments.iter().all(Option::is_some)
    }

    fn bytes(&self) -> usize {
        self.fragments.iter().flatten().map(Vec::len).sum()
    }
}

impl Assembler {
    /// Expects step 0 of `episode` next from `environment`; what came of it before is forgotten.
    ///
    /// Returns whether it does: an environment's number is below [`MAX_ENVIRONMENTS`].
    pub fn begin_episode(&mut self, environment: u16, episode: u32) -> bool {
        if environment >= MAX_ENVIRONMENTS {
            return false;
        }
        let fresh = Environment {
            episode,
            next_step: 0,
            frames: BTreeMap::new(),
            latest: None,
        };
        if let Some(old) = self.environments.insert(environment, fresh) {
            let forgotten: usize = old.frames.values().map(Partial::bytes).sum();
            self.waiting_bytes -= forgotten;
        }
        true
    }

    /// Takes a datagram.
    pub fn accept(&mut self, datagram: &[u8]) -> Accepted {
        self.counts.datagrams += 1;
        self.counts.bytes += datagram.len() as u64;
        let accepted = match fragment::parse(datagram) {
            Ok((header, payload)) => self.place(&header, payload),
            Err(error) => Accepted::Refused(error),
        };
        match accepted {
            Accepted::Completed(_) | Accepted::Partial => {}
            Accepted::Duplicate => self.counts.duplicated += 1,
            _ => self.counts.refused += 1,
        }
        accepted
    }

    /// Takes a whole frame that came another way, as the reply to what was asked for again.
    ///
    /// Returns whether it was of use: it is not where the frame is there, or of another episode, or too long.
    pub fn supply(&mut self, frame: Frame) -> bool {
        let step = frame.key.step;
        let is_too_long = frame.payload.len() > MAX_FRAGMENTS * MAX_FRAGMENT_PAYLOAD_BYTES;
        let Some(environment) = self.environments.get_mut(&frame.key.environment) else {
            return false;
        };
        let old = environment.frames.get(&step);
        if is_too_long || !environment.expects(&frame.key) || old.is_some_and(Partial::is_complete)
        {
            return false;
        }
        let freed = old.map_or(0, Partial::bytes);
        if self.waiting_bytes - freed + frame.payload.len() > MAX_WAITING_BYTES {
            return false;
        }
        self.waiting_bytes = self.waiting_bytes - freed + frame.payload.len();
        let whole = Partial {
            tick: frame.tick,
            fragments: vec![Some(frame.payload)],
        };
        environment.frames.insert(step, whole);
        true
    }

    /// Hands out the next frame of an environment, if all of it is there.
    pub fn take(&mut self, environment: u16) -> Option<Frame> {
        let state = self.environments.get_mut(&environment)?;
        let step = state.next_step;
        if !state.frames.get(&step)?.is_complete() {
            return None;
        }
        let partial = state.frames.remove(&step)?;
        state.next_step = step.saturating_add(1);
        let key = FrameKey {
            environment,
            episode: state.episode,
            step,
        };
        let payload = partial
            .fragments
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .concat();
        self.waiting_bytes -= payload.len();
        self.counts.frames += 1;
        Some(Frame {
            key,
            tick: partial.tick,
            payload,
        })
    }

    /// Says what the next frame of an environment lacks, and counts it as lost; `None` where it is whole.
    pub fn report_missing(&mut self, environment: u16) -> Option<Missing> {
        let state = self.environments.get(&environment)?;
        let step = state.next_step;
        let fragments: Vec<u8> = match state.frames.get(&step) {
            None => Vec::new(),
            Some(partial) if partial.is_complete() => return None,
            Some(partial) => {
                let slots = partial.fragments.iter().enumerate();
                let empty = slots.filter(|(_, slot)| slot.is_none());
                empty.map(|(number, _)| number as u8).collect()
            }
        };
        self.counts.lost += fragments.len().max(1) as u64;
        Some(Missing {
            key: FrameKey {
                environment,
                episode: state.episode,
                step,
            },
            fragments,
            is_overtaken: state.latest.is_some_and(|(latest, _)| latest > step),
        })
    }

    /// Returns the counts so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Puts a fragment into its frame.
    fn place(&mut self, header: &Header, payload: &[u8]) -> Accepted {
        let key = header.key;
        let Some(environment) = self.environments.get_mut(&key.environment) else {
            return Accepted::Stale;
        };
        if key.episode == environment.episode && key.step < environment.next_step {
            return Accepted::Duplicate;
        }
        if !environment.expects(&key) {
            return Accepted::Stale;
        }
        if let Some(partial) = environment.frames.get(&key.step) {
            if partial.is_complete() {
                return Accepted::Duplicate;
            }
            if (partial.tick, partial.fragments.len())
                != (header.tick, usize::from(header.fragments))
            {
                return Accepted::Contradiction;
            }
            if partial.fragments[usize::from(header.fragment)].is_some() {
                return Accepted::Duplicate;
            }
        }
        if self.waiting_bytes + payload.len() > MAX_WAITING_BYTES {
            return Accepted::NoRoom;
        }
        self.waiting_bytes += payload.len();
        let position = Some((key.step, header.fragment));
        self.counts.reordered += u64::from(position < environment.latest);
        environment.latest = environment.latest.max(position);
        let partial = environment
            .frames
            .entry(key.step)
            .or_insert_with(|| Partial {
                tick: header.tick,
                fragments: vec![None; usize::from(header.fragments)],
            });
        partial.fragments[usize::from(header.fragment)] = Some(payload.to_vec());
        if partial.is_complete() {
            Accepted::Completed(key)
        } else {
            Accepted::Partial
        }
    }
}

impl Environment {
    /// Says whether a frame is the next one, or one of the few after it.
    fn expects(&self, key: &FrameKey) -> bool {
        let end = self.next_step.saturating_add(MAX_FRAMES_AHEAD);
        key.episode == self.episode && (self.next_step..end).contains(&key.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(environment: u16, step: u32) -> FrameKey {
        FrameKey {
            environment,
            episode: 2,
            step,
        }
    }

    fn assembler() -> Assembler {
        let mut assembler = Assembler::default();
        assert!(assembler.begin_episode(0, 2));
        assembler
    }

    /// A payload of a little more than `fragments - 1` datagrams.
    fn payload(fragments: usize, seed: u8) -> Vec<u8> {
        let bytes = (fragments - 1) * MAX_FRAGMENT_PAYLOAD_BYTES + 5;
        (0..bytes)
            .map(|at| (at as u8).wrapping_mul(31) ^ seed)
            .collect()
    }

    #[test]
    fn lost_fragments_are_named_and_one_sent_again_completes_the_frame() {
        let mut assembler = assembler();
        let datagrams = fragment::cut(key(0, 0), 60, &payload(4, 1)).unwrap();
        for at in [0, 2] {
            assert_eq!(assembler.accept(&datagrams[at]), Accepted::Partial);
        }
        let missing = Missing {
            key: key(0, 0),
            fragments: vec![1, 3],
            is_overtaken: false,
        };
        assert_eq!(assembler.report_missing(0), Some(missing));
        assert_eq!(assembler.take(0), None);
        assert_eq!(assembler.accept(&datagrams[3]), Accepted::Partial);
        assert_eq!(
            assembler.accept(&datagrams[1]),
            Accepted::Completed(key(0, 0))
        );
        let frame = assembler.take(0).unwrap();
        assert_eq!((frame.tick, frame.payload), (60, payload(4, 1)));
        let counts = assembler.counts();
        assert_eq!((counts.lost, counts.reordered, counts.frames), (2, 1, 1));
    }

    #[test]
    fn frames_wait_for_the_one_before_them() {
        let mut assembler = assembler();
        for step in [1, 2] {
            let datagrams = fragment::cut(key(0, step), 0, &[step as u8]).unwrap();
            assert_eq!(
                assembler.accept(&datagrams[0]),
                Accepted::Completed(key(0, step))
            );
        }
        assert_eq!(assembler.take(0), None);
        let missing = assembler.report_missing(0).unwrap();
        assert_eq!((missing.key, missing.is_overtaken), (key(0, 0), true));
        let frame = Frame {
            key: key(0, 0),
            tick: 0,
            payload: vec![0],
        };
        assert!(assembler.supply(frame.clone()));
        assert!(!assembler.supply(frame));
        let payloads = (0..3)
            .map(|_| assembler.take(0).unwrap().payload)
            .collect::<Vec<_>>();
        assert_eq!(payloads, [[0], [1], [2]]);
    }

    #[test]
    fn datagrams_of_no_use_are_told_apart() {
        let mut assembler = assembler();
        let first = fragment::cut(key(0, 0), 5, &payload(2, 0)).unwrap();
        assert_eq!(assembler.accept(&first[0]), Accepted::Partial);
        assert_eq!(assembler.accept(&first[0]), Accepted::Duplicate);
        let other_tick = fragment::cut(key(0, 0), 6, &payload(2, 0)).unwrap();
        assert_eq!(assembler.accept(&other_tick[1]), Accepted::Contradiction);
        let ahead = fragment::cut(key(0, MAX_FRAMES_AHEAD), 0, b"").unwrap();
        assert_eq!(assembler.accept(&ahead[0]), Accepted::Stale);
        let unknown = fragment::cut(key(1, 0), 0, b"").unwrap();
        assert_eq!(assembler.accept(&unknown[0]), Accepted::Stale);
        assert!(matches!(assembler.accept(b"hello"), Accepted::Refused(_)));
        assert!(!assembler.begin_episode(MAX_ENVIRONMENTS, 0));
        let counts = assembler.counts();
        assert_eq!((counts.duplicated, counts.refused), (1, 4));
    }

    #[test]
    fn new_episode_forgets_the_old_one() {
        let mut assembler = assembler();
        let old = fragment::cut(key(0, 0), 5, &payload(2, 0)).unwrap();
        assembler.accept(&old[0]);
        assert!(assembler.begin_episode(0, 3));
        assert_eq!(assembler.waiting_bytes, 0);
        assert_eq!(assembler.accept(&old[1]), Accepted::Stale);
    }

    #[test]
    fn bytes_beyond_the_limit_are_not_kept() {
        let mut assembler = Assembler::default();
        let full = payload(MAX_FRAGMENTS, 0);
        let mut has_refused = false;
        for environment in 0..=(MAX_WAITING_BYTES / full.len()) as u16 {
            assert!(assembler.begin_episode(environment, 2));
            for datagram in fragment::cut(key(environment, 0), 0, &full).unwrap() {
                has_refused |= assembler.accept(&datagram) == Accepted::NoRoom;
            }
        }
        assert!(has_refused);
        assert!(assembler.waiting_bytes <= MAX_WAITING_BYTES);
    }

    proptest! {
        #[test]
        fn frames_come_out_whole_and_in_order_whatever_happens_to_their_datagrams(
            sizes in prop::collection::vec(1_usize..4, 1..12),
            fates in prop::collection::vec((0_u8..4, any::<prop::sample::Index>()), 1..40),
        ) {
            let mut assembler = assembler();
            let mut fates = fates.iter().cycle();
            for (step, fragments) in sizes.iter().enumerate() {
                let sent = payload(*fragments, step as u8);
                let datagrams = fragment::cut(key(0, step as u32), step as u64, &sent).unwrap();
                let mut under_way = Vec::new();
                for datagram in &datagrams {
                    let (fate, place) = fates.next().unwrap();
                    // 0 is lost, 1 comes twice, the rest once; each anywhere among the others.
                    for _ in 0..[0, 2, 1, 1][usize::from(*fate)] {
                        under_way.insert(place.index(under_way.len() + 1), datagram);
                    }
                }
                for datagram in under_way {
                    assembler.accept(datagram);
                }
                if let Some(missing) = assembler.report_missing(0) {
                    prop_assert_eq!(missing.key, key(0, step as u32));
                    let every: Vec<u8> = (0..datagrams.len() as u8).collect();
                    let wanted = if missing.fragments.is_empty() { every } else { missing.fragments };
                    for number in wanted {
                        assembler.accept(&datagrams[usize::from(number)]);
                    }
                }
                let frame = assembler.take(0).expect("nothing is missing any more");
                prop_assert_eq!(frame.tick, step as u64);
                prop_assert_eq!(frame.payload, sent);
            }
            prop_assert_eq!(assembler.waiting_bytes, 0);
        }
    }
}
