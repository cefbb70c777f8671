//! A link over sockets: RCON for lines, UDP for frames.

use std::sync::Arc;
use std::time::Duration;

use super::link::{Link, LinkMetrics, Loss};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::assembly::Frame;
use crate::transport::{Patience, RconClient, Settings, UdpReceiver};

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `HOST:PORT` of its remote console.
    pub address: String,
    pub password: String,
    /// Whether its mod may send datagrams to us; else frames come by RCON.
    pub has_udp: bool,
    /// How long a reply may take.
    pub timeout: Duration,
}

/// How much longer each pause between two looks is than the one before it.
const PAUSE: Duration = Duration::from_micros(100);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_millis(5);
/// So many looks follow each other without a pause.
const N_EAGER: u32 = 4;

/// Asked now and then whether whoever waits has given up.
pub type IsCancelled = Arc<dyn Fn() -> bool + Send + Sync>;

/// A link to a server.
pub struct NetworkLink {
    client: RconClient,
    receiver: Option<UdpReceiver>,
    is_cancelled: Option<IsCancelled>,
    /// How long the present wait has paused.
    paused: Duration,
}

impl NetworkLink {
    /// Connects to a server.
    ///
    /// # Errors
    /// Why that is not possible.
    pub fn open(address: &Address, is_cancelled: Option<IsCancelled>) -> Result<Self> {
        let mut settings = Settings::new(address.address.clone(), address.password.clone());
        settings.request_timeout = address.timeout;
        let client = RconClient::new(settings);
        let receiver = if address.has_udp {
            Some(UdpReceiver::new().map_err(|error| {
                Error::new(
                    ErrorKind::ServerConnection,
                    format!("cannot receive datagrams: {error}"),
                )
            })?)
        } else {
            None
        };
        let link = Self {
            client,
            receiver,
            is_cancelled,
            paused: Duration::ZERO,
        };
        link.client.connect(&link.patience())?;
        Ok(link)
    }

    fn patience(&self) -> Patience<'_> {
        Patience {
            timeout: None,
            is_cancelled: self
                .is_cancelled
                .as_ref()
                .map(|asked| &**asked as &(dyn Fn() -> bool + Sync)),
        }
    }
}

impl Link for NetworkLink {
    fn exchange(&mut self, lines: &[String]) -> std::result::Result<Vec<String>, Loss> {
        let commands: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        let replies = self.client.pipeline_repeated(&commands, &self.patience())?;
        replies
            .into_iter()
            .map(|reply| {
                String::from_utf8(reply)
                    .map_err(|_| Loss::protocol("a reply of the mod is not UTF-8"))
            })
            .collect()
    }

    fn pause(&mut self, attempt: u32) -> std::result::Result<(), Loss> {
        // The first few times the answer may be there at once.
        let delay = LONGEST_PAUSE.min(PAUSE * attempt.saturating_sub(N_EAGER));
        self.paused += delay;
        if attempt == 1 {
            self.paused = Duration::ZERO;
        }
        if self.paused > self.client.settings().request_timeout {
            return Err(Loss::silence(format!(
                "the ticks of a step have not run after {} s: \"{}\"",
                self.paused.as_secs_f64(),
                self.client.settings().address
            )));
        }
        if self.patience().is_over() {
            return Err(Loss::silence("cancelled"));
        }
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
        Ok(())
    }

    fn udp_port(&self) -> u16 {
        self.receiver
            .as_ref()
            .map_or(0, |receiver| receiver.address().port())
    }

    fn begin_episode(&mut self, environment: u16, episode: u32) {
        if let Some(receiver) = &self.receiver {
            receiver.begin_episode(environment, episode);
        }
    }

    fn frame(&mut self, environment: u16, limit: Duration) -> Option<Frame> {
        self.receiver.as_ref()?.wait(environment, limit)
    }

    fn note_missing(&mut self, environment: u16) {
        if let Some(receiver) = &self.receiver {
            receiver.report_missing(environment);
        }
    }

    fn supply(&mut self, frame: Frame) -> bool {
        self.receiver
            .as_ref()
            .is_some_and(|receiver| receiver.supply(frame))
    }

    fn metrics(&self) -> LinkMetrics {
        let rcon = self.client.metrics();
        let udp = self
            .receiver
            .as_ref()
            .map(UdpReceiver::metrics)
            .unwrap_or_default();
        let seconds = |fraction| {
            rcon.round_trips
                .quantile(fraction)
                .map(|duration| duration.as_secs_f64())
        };
        LinkMetrics {
            requests: rcon.requests,
            round_trip_p50_seconds: seconds(0.5),
            round_trip_p99_seconds: seconds(0.99),
            bytes_sent: rcon.bytes_sent,
            bytes_received: rcon.bytes_received,
            datagrams: udp.counts.datagrams,
            datagram_bytes: udp.counts.bytes,
            frames: udp.counts.frames,
            lost: udp.counts.lost,
            duplicated: udp.counts.duplicated,
            reordered: udp.counts.reordered,
            resent: rcon.resent,
            reconnects: rcon.reconnects,
        }
    }

    fn close(&mut self) {
        self.client.close();
        self.receiver = None;
    }
}
