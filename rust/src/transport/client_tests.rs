//! The client against a scripted server, over loopback sockets.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::client::{MAX_CONSOLE_ATTEMPTS, PIPELINE_REQUESTS};
use super::error::Error;
use super::scripted_server::{PASSWORD, Peer, Script, ScriptedServer};
use super::{Patience, RconClient, Resolution, Settings};
use crate::protocol::rcon;

/// Long enough for any machine; a test that waits so long has failed.
const AMPLE: Duration = Duration::from_secs(60);
/// So short that a test can wait for it to pass.
const SHORT: Duration = Duration::from_millis(30);

fn script(script: impl FnOnce(&mut Peer) + Send + 'static) -> Script {
    Box::new(script)
}

/// A client of `server` that would wait nearly for ever.
fn client_of(server: &ScriptedServer) -> RconClient {
    RconClient::new(settings_of(server))
}

fn settings_of(server: &ScriptedServer) -> Settings {
    Settings {
        connect_timeout: AMPLE,
        request_timeout: AMPLE,
        reconnect_delay: Duration::ZERO,
        ..Settings::new(server.address.to_string(), PASSWORD)
    }
}

fn command(client: &RconClient, text: &str) -> Result<String, Error> {
    let reply = client.command(text.as_bytes(), &Patience::default())?;
    Ok(String::from_utf8(reply).unwrap())
}

fn echoing() -> Script {
    script(|peer| {
        peer.login();
        peer.echo();
    })
}

#[test]
fn reply_comes_back_as_it_was_sent() {
    let server = ScriptedServer::new(vec![script(|peer| {
        peer.login();
        let packet = peer.next().unwrap();
        assert_eq!(
            (packet.kind, &packet.body[..]),
            (rcon::KIND_COMMAND, &b"/version"[..])
        );
        assert!(packet.id >= 1, "id 0 gets the console's lines");
        peer.reply(packet.id, b"2.0.77\n");
        assert_eq!(peer.next(), None, "the client's socket outlives it");
    })]);
    let client = client_of(&server);
    assert_eq!(command(&client, "/version").unwrap(), "2.0.77\n");
    let metrics = client.metrics();
    assert_eq!(
        (metrics.requests, metrics.replies, metrics.unclaimed),
        (1, 1, 0)
    );
    assert_eq!((metrics.bytes_sent, metrics.bytes_received), (22, 21));
    assert_eq!(metrics.round_trips.count(), 1);
    drop(client);
    server.finish();
}

#[test]
fn wrong_password_is_told_apart() {
    let server = ScriptedServer::new(vec![script(Peer::login)]);
    let mut settings = settings_of(&server);
    settings.password = "guess".to_owned();
    let refused = RconClient::new(settings).connect(&Patience::default());
    assert_eq!(
        refused,
        Err(Error::WrongPassword {
            address: server.address.to_string()
        })
    );
    server.finish();
}

#[test]
fn port_without_a_server_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let client = RconClient::new(Settings::new(address.clone(), PASSWORD));
    assert_eq!(
        client.connect(&Patience::default()),
        Err(Error::Refused { address })
    );
}

#[test]
fn server_that_hangs_up_during_the_login_is_lost() {
    let server = ScriptedServer::new(vec![script(|peer| drop(peer.next()))]);
    let outcome = client_of(&server).connect(&Patience::default());
    assert!(matches!(outcome, Err(Error::Lost { .. })), "{outcome:?}");
    server.finish();
}

#[test]
fn login_that_nobody_answers_times_out() {
    let server = ScriptedServer::new(vec![script(|peer| {
        peer.next();
        assert_eq!(peer.next(), None);
    })]);
    let mut settings = settings_of(&server);
    settings.connect_timeout = SHORT;
    let outcome = RconClient::new(settings).connect(&Patience::default());
    assert!(
        matches!(outcome, Err(Error::TimedOut { what: "log in", seconds, .. }) if seconds == SHORT),
        "{outcome:?}"
    );
    server.finish();
}

#[test]
fn late_reply_is_not_taken_for_that_of_the_next_command() {
    let server = ScriptedServer::new(vec![script(|peer| {
        peer.login();
        let (first, second) = (peer.next().unwrap(), peer.next().unwrap());
        peer.reply(first.id, b"late");
        peer.reply(second.id, b"in time");
    })]);
    let client = client_of(&server);
    let hasty = Patience {
        timeout: Some(SHORT),
        ..Patience::default()
    };
    let outcome = client.command(b"/first", &hasty);
    assert!(
        matches!(outcome, Err(Error::TimedOut { .. })),
        "{outcome:?}"
    );
    assert_eq!(command(&client, "/second").unwrap(), "in time");
    let metrics = client.metrics();
    assert_eq!(
        (metrics.timeouts, metrics.unclaimed, metrics.replies),
        (1, 1, 1)
    );
    server.finish();
}

#[test]
fn pipelined_replies_are_matched_by_id_and_not_by_order() {
    let server = ScriptedServer::new(vec![script(|peer| {
        peer.login();
        for _ in 0..8 {
            let mut pair = [peer.next().unwrap(), peer.next().unwrap()];
            pair.reverse();
            for packet in pair {
                peer.reply(packet.id, &packet.body);
            }
        }
    })]);
    let commands: Vec<String> = (0..16).map(|index| format!("/c{index}")).collect();
    let bodies: Vec<&[u8]> = commands.iter().map(String::as_bytes).collect();
    let replies = client_of(&server)
        .pipeline(&bodies, &Patience::default())
        .unwrap();
    assert_eq!(replies, bodies);
    server.finish();
}

#[test]
fn pipeline_longer_than_its_window_goes_through() {
    let server = ScriptedServer::new(vec![echoing()]);
    let client = client_of(&server);
    let commands: Vec<String> = (0..5 * PIPELINE_REQUESTS + 3)
        .map(|index| format!("/{index}"))
        .collect();
    let bodies: Vec<&[u8]> = commands.iter().map(String::as_bytes).collect();
    assert_eq!(
        client.pipeline(&bodies, &Patience::default()).unwrap(),
        bodies
    );
    assert_eq!(
        client.pipeline(&[], &Patience::default()).unwrap(),
        Vec::<Vec<u8>>::new()
    );
    drop(client);
    server.finish();
}

#[test]
fn server_that_does_not_read_while_it_writes_blocks_nobody() {
    let server = ScriptedServer::new(vec![script(|peer| {
        peer.login();
        while let Some(packet) = peer.next() {
            peer.reply(packet.id, &packet.body.repeat(4));
        }
    })]);
    let client = client_of(&server);
    // More than both sockets' buffers hold, in one batch.
    let bodies: Vec<Vec<u8>> = (0..PIPELINE_REQUESTS)
        .map(|index| vec![b'a' + (index % 26) as u8; 60_000])
        .collect();
    let borrowed: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    let replies = client.pipeline(&borrowed, &Patience::default()).unwrap();
    assert!(
        replies
            .iter()
            .zip(&bodies)
            .all(|(reply, body)| *reply == body.repeat(4))
    );
    drop(client);
    server.finish();
}

#[test]
fn lost_connection_fails_what_was_in_flight_and_the_next_call_connects_again() {
    let hangs_up = script(|peer| {
        peer.login();
        peer.next();
    });
    let server = ScriptedServer::new(vec![hangs_up, echoing()]);
    let client = client_of(&server);
    let outcome = client.pipeline(&[b"/a", b"/b"], &Patience::default());
    assert!(matches!(outcome, Err(Error::Lost { .. })), "{outcome:?}");
    assert!(!client.is_connected());
    assert_eq!(command(&client, "/again").unwrap(), "/again");
    let metrics = client.metrics();
    assert_eq!((metrics.losses, metrics.reconnects), (1, 1));
    drop(client);
    server.finish();
}

#[test]
fn applied_command_whose_reply_was_lost_is_not_sent_again() {
    let hangs_up = script(|peer| {
        peer.login();
        assert_eq!(peer.next().unwrap().body, b"/step 7");
    });
    let answers = script(|peer| {
        peer.login();
        let query = peer.next().unwrap();
        assert_eq!(query.body, b"/done 7");
        peer.reply(query.id, b"stepped");
        assert_eq!(peer.next(), None, "the command came twice");
    });
    let server = ScriptedServer::new(vec![hangs_up, answers]);
    let client = client_of(&server);
    let reply = client.command_resolved(b"/step 7", &Patience::default(), &mut |client| {
        client
            .command(b"/done 7", &Patience::default())
            .map(Resolution::Applied)
    });
    assert_eq!(reply.unwrap(), b"stepped");
    assert_eq!(client.metrics().resent, 0);
    drop(client);
    server.finish();
}

#[test]
fn command_that_was_not_applied_is_sent_again_even_if_the_question_is_lost_too() {
    let hangs_up = || {
        script(|peer| {
            peer.login();
            peer.next();
        })
    };
    let answers = script(|peer| {
        peer.login();
        let query = peer.next().unwrap();
        peer.reply(query.id, b"no");
        assert_eq!(peer.next().unwrap().body, b"/step 7");
        peer.reply(query.id + 1, b"stepped");
    });
    let server = ScriptedServer::new(vec![hangs_up(), hangs_up(), answers]);
    let client = client_of(&server);
    let reply = client.command_resolved(b"/step 7", &Patience::default(), &mut |client| {
        assert_eq!(command(client, "/done 7")?, "no");
        Ok(Resolution::NotApplied)
    });
    assert_eq!(reply.unwrap(), b"stepped");
    assert_eq!(client.metrics().resent, 1);
    server.finish();
}

#[test]
fn console_that_warns_first_is_asked_again() {
    let gated = |runs_after: u32| {
        script(move |peer| {
            peer.login();
            let mut asked = 0;
            while let Some(packet) = peer.next() {
                asked += 1;
                let text = String::from_utf8(packet.body).unwrap();
                let printed = text
                    .strip_prefix("/sc rcon.print(\"")
                    .and_then(|rest| rest.strip_suffix("\")"));
                let reply = if asked > runs_after {
                    printed.unwrap()
                } else {
                    "repeat the command"
                };
                peer.reply(packet.id, format!("{reply}\n").as_bytes());
            }
        })
    };
    for runs_after in 0..MAX_CONSOLE_ATTEMPTS {
        let server = ScriptedServer::new(vec![gated(runs_after)]);
        let client = client_of(&server);
        assert_eq!(
            client.unlock_console(&Patience::default()),
            Ok(runs_after + 1)
        );
        drop(client);
        server.finish();
    }
    let server = ScriptedServer::new(vec![gated(MAX_CONSOLE_ATTEMPTS)]);
    let locked = client_of(&server).unlock_console(&Patience::default());
    let reply = "repeat the command".to_owned();
    assert_eq!(
        locked,
        Err(Error::ConsoleLocked {
            attempts: MAX_CONSOLE_ATTEMPTS,
            reply
        })
    );
    server.finish();
}

#[test]
fn threads_that_share_a_client_get_their_own_replies() {
    let server = ScriptedServer::new(vec![echoing()]);
    let client = client_of(&server);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for index in 0..100 {
                    let text = format!("/{thread}-{index}");
                    assert_eq!(command(client, &text).unwrap(), text);
                }
            });
        }
    });
    assert_eq!(client.metrics().replies, 800);
    assert_eq!(client.metrics().reconnects, 0);
    drop(client);
    server.finish();
}

#[test]
fn closing_ends_a_call_that_waits_and_refuses_later_ones() {
    let (has_arrived, arrivals) = mpsc::channel();
    let server = ScriptedServer::new(vec![script(move |peer| {
        peer.login();
        peer.next();
        has_arrived.send(()).unwrap();
        assert_eq!(peer.next(), None);
    })]);
    let client = client_of(&server);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| command(&client, "/never"));
        arrivals.recv().unwrap();
        client.close();
        assert_eq!(waiting.join().unwrap(), Err(Error::Closed));
    });
    assert_eq!(command(&client, "/later"), Err(Error::Closed));
    server.finish();
}

#[test]
fn call_that_is_cancelled_ends_and_leaves_the_connection_usable() {
    let server = ScriptedServer::new(vec![script(|peer| {
        peer.login();
        peer.next();
        peer.echo();
    })]);
    let client = client_of(&server);
    let was_asked = AtomicBool::new(false);
    let cancelling = Patience {
        timeout: None,
        is_cancelled: Some(&|| was_asked.swap(true, Ordering::Relaxed)),
    };
    assert_eq!(
        client.command(b"/never", &cancelling),
        Err(Error::Cancelled)
    );
    assert_eq!(command(&client, "/echo").unwrap(), "/echo");
    drop(client);
    server.finish();
}

#[test]
fn peer_that_sends_something_else_is_named_so() {
    let server = ScriptedServer::new(vec![script(|peer| {
        use std::io::Write as _;
        peer.login();
        peer.next();
        peer.stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n")
            .unwrap();
    })]);
    let outcome = command(&client_of(&server), "/any");
    assert!(
        matches!(outcome, Err(Error::Protocol { .. })),
        "{outcome:?}"
    );
    server.finish();
}

#[test]
fn empty_command_is_refused_before_anything_is_sent() {
    let client = RconClient::new(Settings::new("127.0.0.1:1", PASSWORD));
    assert_eq!(
        command(&client, ""),
        Err(Error::Command(rcon::Error::EmptyCommand))
    );
}
