//! Receives the frames of a server's environments as datagrams.
//!
//! Owns a socket on a loopback port of its own and one thread that empties it, so that the system's small buffer does
//! not overflow while nobody waits for a frame; both end with the receiver. What is lost is only said here: who waits
//! asks the server again, by RCON, and hands the answer to [`UdpReceiver::supply`].

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::clock;
use crate::contract::frame::MAX_DATAGRAM_BYTES;
use crate::protocol::assembly::{Accepted, Assembler, Counts, Frame, Missing};

/// The thread looks at least so often whether it should end; it is woken for it, but a datagram can be lost.
const END_CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// Receives frames until it is dropped.
pub struct UdpReceiver {
    shared: Arc<Shared>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    /// Told when a frame is complete.
    completed: Condvar,
    should_end: AtomicBool,
}

#[derive(Default)]
struct State {
    assembler: Assembler,
    /// Where datagrams may come from; anywhere on this machine until it is known.
    source: Option<SocketAddr>,
    foreign: u64,
}

/// What the receiver has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpMetrics {
    pub counts: Counts,
    /// Datagrams that came from elsewhere than the server.
    pub foreign: u64,
}

impl UdpReceiver {
    /// Binds a free loopback port and begins to receive.
    ///
    /// # Errors
    /// The system has no port or no thread to give.
    pub fn new() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(END_CHECK_INTERVAL))?;
        let address = socket.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            completed: Condvar::new(),
            should_end: AtomicBool::new(false),
        });
        let for_thread = shared.clone();
        let thread = std::thread::Builder::new()
            .name("factorio-udp".to_owned())
            .spawn(move || for_thread.receive(&socket))?;
        Ok(Self {
            shared,
            address,
            thread: Some(thread),
        })
    }

    /// Says where the server has to send to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Refuses datagrams from anywhere else than `source`: a server sends from the port of `--enable-lua-udp`.
    pub fn accept_only_from(&self, source: SocketAddr) {
        self.shared.lock().source = Some(source);
    }

    /// Expects step 0 of `episode` next from `environment`; returns whether its number is within the limit.
    pub fn begin_episode(&self, environment: u16, episode: u32) -> bool {
        self.shared
            .lock()
            .assembler
            .begin_episode(environment, episode)
    }

    /// Waits at most `limit` for the next frame of an environment.
    pub fn wait(&self, environment: u16, limit: Duration) -> Option<Frame> {
        let mut state = self.shared.lock();
        if let Some(frame) = state.assembler.take(environment) {
            return Some(frame);
        }
        let deadline = clock::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() {
                return None;
            }
            let waited = self.shared.completed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if let Some(frame) = state.assembler.take(environment) {
                return Some(frame);
            }
        }
    }

    /// Says what the next frame of an environment lacks, and counts it as lost; `None` where it is whole.
    pub fn report_missing(&self, environment: u16) -> Option<Missing> {
        self.shared.lock().assembler.report_missing(environment)
    }

    /// Takes a whole frame that came by RCON; returns whether it was of use.
    pub fn supply(&self, frame: Frame) -> bool {
        let is_of_use = self.shared.lock().assembler.supply(frame);
        self.shared.completed.notify_all();
        is_of_use
    }

    /// Returns what was seen so far.
    pub fn metrics(&self) -> UdpMetrics {
        let state = self.shared.lock();
        UdpMetrics {
            counts: state.assembler.counts(),
            foreign: state.foreign,
        }
    }
}

impl Drop for UdpReceiver {
    fn drop(&mut self) {
        self.shared.should_end.store(true, Ordering::Release);
        // Any datagram wakes the thread; where none can be sent it wakes by itself a moment later.
        if let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) {
            let _ = socket.send_to(&[], self.address);
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Empties the socket until it is told to end.
    fn receive(&self, socket: &UdpSocket) {
        // One byte more than allowed, so that a datagram that is too long is seen to be.
        let mut buffer = [0; MAX_DATAGRAM_BYTES + 1];
        while !self.should_end.load(Ordering::Acquire) {
            // Errors are timeouts, and what an earlier datagram of ours met: the next one may come all the same.
            let Ok((bytes, from)) = socket.recv_from(&mut buffer) else {
                continue;
            };
            if self.should_end.load(Ordering::Acquire) {
                return;
            }
            let mut state = self.lock();
            if state.source.is_some_and(|source| source != from) {
                state.foreign += 1;
                continue;
            }
            if let Accepted::Completed(_) = state.assembler.accept(&buffer[..bytes]) {
                drop(state);
                self.completed.notify_all();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::fragment::{self, FrameKey};

    /// Long enough for any machine; a test that waits so long has failed.
    const AMPLE: Duration = Duration::from_secs(60);
    const KEY: FrameKey = FrameKey {
        environment: 4,
        episode: 1,
        step: 0,
    };

    fn sender() -> UdpSocket {
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
    }

    #[test]
    fn frame_of_several_datagrams_arrives() {
        let receiver = UdpReceiver::new().unwrap();
        assert!(receiver.begin_episode(4, 1));
        let payload = vec![7; 10_000];
        let server = sender();
        for datagram in fragment::cut(KEY, 9, &payload).unwrap().iter().rev() {
            server.send_to(datagram, receiver.address()).unwrap();
        }
        let frame = receiver.wait(4, AMPLE).unwrap();
        assert_eq!((frame.key, frame.tick, frame.payload), (KEY, 9, payload));
        let counts = receiver.metrics().counts;
        assert_eq!(
            (counts.datagrams, counts.reordered, counts.frames),
            (3, 2, 1)
        );
    }

    #[test]
    fn what_is_lost_is_said_and_can_be_supplied() {
        let receiver = UdpReceiver::new().unwrap();
        receiver.begin_episode(4, 1);
        let later = FrameKey { step: 1, ..KEY };
        let server = sender();
        server
            .send_to(
                &fragment::cut(later, 0, b"1").unwrap()[0],
                receiver.address(),
            )
            .unwrap();
        assert_eq!(receiver.wait(4, Duration::from_millis(1)), None);
        assert_eq!(receiver.report_missing(4).unwrap().key, KEY);
        let frame = Frame {
            key: KEY,
            tick: 0,
            payload: b"0".to_vec(),
        };
        assert!(receiver.supply(frame));
        assert_eq!(receiver.wait(4, AMPLE).unwrap().payload, b"0");
        assert_eq!(receiver.wait(4, AMPLE).unwrap().payload, b"1");
        assert_eq!(receiver.metrics().counts.lost, 1);
    }

    #[test]
    fn only_the_server_is_listened_to() {
        let receiver = UdpReceiver::new().unwrap();
        receiver.begin_episode(4, 1);
        let (server, stranger) = (sender(), sender());
        receiver.accept_only_from(server.local_addr().unwrap());
        let datagram = &fragment::cut(KEY, 0, b"false").unwrap()[0];
        stranger.send_to(datagram, receiver.address()).unwrap();
        let datagram = &fragment::cut(KEY, 0, b"true").unwrap()[0];
        server.send_to(datagram, receiver.address()).unwrap();
        assert_eq!(receiver.wait(4, AMPLE).unwrap().payload, b"true");
        assert_eq!(receiver.metrics().foreign, 1);
    }

    #[test]
    fn port_is_free_again_after_the_drop() {
        let receiver = UdpReceiver::new().unwrap();
        let address = receiver.address();
        assert!(UdpSocket::bind(address).is_err());
        drop(receiver);
        UdpSocket::bind(address).unwrap();
    }
}
