//! Datagrams of scripts: the one socket that they are sent from and received by.
//!
//! Owns the socket and the datagrams that a fault holds back. As in the game, everything goes to this machine, the
//! source port is that of the flag, and what is too long or does not fit the system's buffer vanishes without a word.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use super::faults::Faults;
use super::host::Datagram;

/// A datagram that comes in is at most this long; longer ones vanish. Of the game 4,000 bytes are known to arrive and
/// 8,192 to vanish.
const MAX_RECEIVED_BYTES: usize = 4_000;
/// So many datagrams are taken in at once, before the game has its turn.
const MAX_RECEIVED_AT_ONCE: usize = 256;
/// So many datagrams are held back at most; one more goes out at once.
const MAX_HELD: usize = 4_096;
/// A datagram that shall be overtaken goes after this time where no other comes.
const OVERTAKEN_AFTER: Duration = Duration::from_millis(5);

/// The socket.
pub(super) struct LuaUdp {
    socket: UdpSocket,
    limit_bytes: usize,
    held: Vec<Held>,
}

struct Held {
    datagram: Datagram,
    due: Duration,
    /// It goes as soon as another has gone.
    is_overtaken: bool,
}

impl LuaUdp {
    /// Opens the socket at `port` of this machine; datagrams longer than `limit_bytes` are not sent.
    ///
    /// # Errors
    /// The port is taken.
    pub(super) fn bind(port: u16, limit_bytes: usize) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            limit_bytes,
            held: Vec::new(),
        })
    }

    pub(super) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Sends a datagram, as the faults will have it.
    pub(super) fn send(&mut self, datagram: Datagram, faults: &mut Faults, now: Duration) {
        if datagram.data.len() > self.limit_bytes {
            return;
        }
        for delivery in faults.deliveries(datagram.data) {
            let datagram = Datagram {
                port: datagram.port,
                data: delivery.data,
            };
            let waits = delivery.is_overtaken || !delivery.after.is_zero();
            if waits && self.held.len() < MAX_HELD {
                let overtaken_after = if delivery.is_overtaken {
                    OVERTAKEN_AFTER
                } else {
                    Duration::ZERO
                };
                self.held.push(Held {
                    datagram,
                    due: now + delivery.after.max(overtaken_after),
                    is_overtaken: delivery.is_overtaken,
                });
                continue;
            }
            self.put(&datagram);
            self.release(|held| held.is_overtaken);
        }
    }

    /// Sends what was held back until now.
    pub(super) fn send_due(&mut self, now: Duration) {
        self.release(|held| held.due <= now);
    }

    /// Says when the next datagram that is held back is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.held.iter().map(|held| held.due).min()
    }

    /// Takes in what has arrived.
    pub(super) fn receive(&self, mut take: impl FnMut(Datagram)) {
        let mut buffer = [0; MAX_RECEIVED_BYTES + 1];
        for _ in 0..MAX_RECEIVED_AT_ONCE {
            match self.socket.recv_from(&mut buffer) {
                Ok((bytes, source)) if bytes <= MAX_RECEIVED_BYTES => take(Datagram {
                    port: source.port(),
                    data: buffer[..bytes].to_vec(),
                }),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // It is too long; or an earlier one found no receiver, which says nothing about those that wait here.
                Ok(_) | Err(_) => {}
            }
        }
    }

    fn release(&mut self, goes: impl Fn(&Held) -> bool) {
        if self.held.is_empty() {
            return;
        }
        let (gone, held) = std::mem::take(&mut self.held).into_iter().partition(goes);
        self.held = held;
        let gone: Vec<Held> = gone;
        for held in gone {
            self.put(&held.datagram);
        }
    }

    fn put(&self, datagram: &Datagram) {
        // Nobody hears of a datagram that is lost.
        let _ = self
            .socket
            .send_to(&datagram.data, (Ipv4Addr::LOCALHOST, datagram.port));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim_server::faults::FaultSpec;

    struct Rig {
        udp: LuaUdp,
        faults: Faults,
        peer: UdpSocket,
    }

    fn rig(spec: &str) -> Rig {
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        peer.set_nonblocking(true).unwrap();
        Rig {
            udp: LuaUdp::bind(0, 10).unwrap(),
            faults: Faults::new(FaultSpec::parse(spec).unwrap()),
            peer,
        }
    }

    impl Rig {
        fn send(&mut self, data: &[u8], at_ms: u64) {
            let datagram = Datagram {
                port: self.peer.local_addr().unwrap().port(),
                data: data.to_vec(),
            };
            let now = Duration::from_millis(at_ms);
            self.udp.send(datagram, &mut self.faults, now);
        }

        /// Datagrams on the loopback are there as soon as they are sent.
        fn received(&self) -> Vec<Vec<u8>> {
            let mut buffer = [0; 100];
            let mut found = Vec::new();
            while let Ok((bytes, source)) = self.peer.recv_from(&mut buffer) {
                assert_eq!(source, self.udp.socket().local_addr().unwrap());
                found.push(buffer[..bytes].to_vec());
            }
            found
        }
    }

    #[test]
    fn datagrams_come_from_the_port_of_the_flag_and_long_ones_vanish() {
        let mut rig = rig("");
        rig.send(b"\x00\xff", 0);
        rig.send(b"0123456789", 0);
        rig.send(b"0123456789a", 0);
        assert_eq!(
            rig.received(),
            [b"\x00\xff".to_vec(), b"0123456789".to_vec()]
        );
    }

    #[test]
    fn late_datagrams_come_when_they_are_due() {
        let mut rig = rig("delay=20");
        rig.send(b"late", 100);
        rig.udp.send_due(Duration::from_millis(119));
        assert!(rig.received().is_empty());
        assert_eq!(rig.udp.next_due(), Some(Duration::from_millis(120)));
        rig.udp.send_due(Duration::from_millis(120));
        assert_eq!(rig.received(), [b"late".to_vec()]);
        assert_eq!(rig.udp.next_due(), None);
    }

    #[test]
    fn overtaken_datagrams_follow_the_next_one_that_goes() {
        let mut rig = rig("reorder=0.5,seed=1");
        for index in 0..100 {
            rig.send(&[index], 0);
        }
        rig.udp.send_due(OVERTAKEN_AFTER);
        let mut found = rig.received().concat();
        assert_ne!(found, (0..100).collect::<Vec<u8>>());
        found.sort_unstable();
        assert_eq!(found, (0..100).collect::<Vec<u8>>());
    }

    #[test]
    fn datagrams_that_come_in_have_their_source_port() {
        let rig = rig("");
        let to = rig.udp.socket().local_addr().unwrap();
        rig.peer.send_to(b"in\0", to).unwrap();
        rig.peer.send_to(&[7; MAX_RECEIVED_BYTES + 1], to).unwrap();
        rig.peer.send_to(&[7; MAX_RECEIVED_BYTES], to).unwrap();
        let mut found = Vec::new();
        rig.udp.receive(|datagram| found.push(datagram));
        let port = rig.peer.local_addr().unwrap().port();
        let datagram = |data| Datagram { port, data };
        assert_eq!(
            found,
            [
                datagram(b"in\0".to_vec()),
                datagram(vec![7; MAX_RECEIVED_BYTES])
            ]
        );
    }
}
