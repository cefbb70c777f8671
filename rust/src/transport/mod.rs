//! Sockets and threads: how bytes get to a Factorio server and back.
//!
//! Owns connections, timeouts, retries and their metrics. What the bytes mean is `protocol`'s; what a command says and
//! what a frame tells is nobody's here.
//!
//! - [`client`]: [`RconClient`], many requests in flight over one connection; [`connection`]: one login, one socket
//! - [`udp`]: [`UdpReceiver`], the frames of a server's environments
//! - [`metrics`]: counts, and a histogram of round trips; [`error`]: why a request failed

pub mod client;
mod clock;
mod connection;
pub mod error;
pub mod metrics;
pub mod udp;

pub use client::{Patience, RconClient, Resolution, Settings};
pub use error::Error;
pub use udp::UdpReceiver;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod scripted_server;
