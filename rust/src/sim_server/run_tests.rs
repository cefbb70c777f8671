//! The loop over real sockets, with a game without a world and a clock that the test moves.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::clock::ManualClock;
use super::faults::{FaultSpec, Faults};
use super::log::Log;
use super::rcon_server::RconServer;
use super::run::{Ending, Parts, Server};
use super::saves;
use super::signals::Signals;
use super::stdin::Stdin;
use super::testing::Folder;
use super::toy::Toy;
use super::udp::LuaUdp;
use crate::protocol::rcon::{
    self, Decoder, KIND_COMMAND, KIND_LOGIN, KIND_LOGIN_REPLY, KIND_REPLY, Packet,
};

const PASSWORD: &str = "secret";
/// Bytes on the loopback are there as soon as they are sent, so this many turns are many.
const MAX_TURNS: usize = 20_000;
const UPDATE: Duration = Duration::from_micros(16_667);

struct Rig {
    server: Server<ManualClock>,
    clock: ManualClock,
    address: std::net::SocketAddr,
    udp_port: u16,
    signal: UnixStream,
    folder: Folder,
}

fn rig(faults: &str) -> Rig {
    rig_with(faults, |_| {})
}

fn rig_with(faults: &str, change: impl FnOnce(&mut Parts<ManualClock>)) -> Rig {
    let folder = Folder::new();
    let clock = ManualClock::default();
    let (signals, signal) = Signals::by_hand();
    let log = Log::silent();
    let rcon = RconServer::bind((Ipv4Addr::LOCALHOST, 0).into(), PASSWORD, log.clone()).unwrap();
    let udp = LuaUdp::bind(0, 1_000).unwrap();
    let address = rcon.address();
    let udp_port = udp.socket().local_addr().unwrap().port();
    let mut parts = Parts {
        game: Box::new(Toy::new()),
        clock: clock.clone(),
        log,
        rcon: Some(rcon),
        udp: Some(udp),
        stdin: None,
        signals,
        faults: Faults::new(FaultSpec::parse(faults).unwrap()),
        is_auto_paused: false,
        save_path: folder.path().join("own.zip"),
        saves_folder: folder.path().to_owned(),
        game_version: "2.0.77".to_owned(),
    };
    change(&mut parts);
    Rig {
        server: Server::new(parts),
        clock,
        address,
        udp_port,
        signal,
        folder,
    }
}

impl Rig {
    /// Does what can be done now.
    fn turn(&mut self) -> Option<Ending> {
        self.server.turn(Some(Duration::ZERO)).unwrap()
    }

    fn turns(&mut self, n: usize) {
        for _ in 0..n {
            assert_eq!(self.turn(), None);
        }
    }

    /// Connects and logs in.
    fn client(&mut self) -> Client {
        let mut client = self.stranger();
        client.send(1, KIND_LOGIN, PASSWORD.as_bytes());
        let reply = packet(1, KIND_LOGIN_REPLY, "");
        assert_eq!(self.replies(&mut client, 1), [reply]);
        client
    }

    /// Connects without a login.
    fn stranger(&mut self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream,
            decoder: Decoder::default(),
            has_ended: false,
        }
    }

    /// Takes turns until `n` packets came, and gives them.
    fn replies(&mut self, client: &mut Client, n: usize) -> Vec<Packet> {
        let mut found = Vec::new();
        for _ in 0..MAX_TURNS {
            self.turn();
            found.extend(client.received());
            if found.len() >= n || client.has_ended {
                return found;
            }
        }
        panic!("{} of {n} packets came", found.len());
    }

    fn ask(&mut self, client: &mut Client, text: &str) -> String {
        client.send(7, KIND_COMMAND, text.as_bytes());
        let replies = self.replies(client, 1);
        let [reply] = replies.as_slice() else {
            panic!("{} replies", replies.len());
        };
        assert_eq!((reply.id, reply.kind), (7, KIND_REPLY));
        String::from_utf8(reply.body.clone()).unwrap()
    }

    /// Takes turns until the server has hung up.
    fn ends(&mut self, client: &mut Client) -> Vec<Packet> {
        let found = self.replies(client, usize::MAX);
        assert!(client.has_ended);
        found
    }
}

struct Client {
    stream: TcpStream,
    decoder: Decoder,
    has_ended: bool,
}

impl Client {
    fn send(&mut self, id: i32, kind: i32, body: &[u8]) {
        let mut bytes = Vec::new();
        rcon::encode(id, kind, body, &mut bytes);
        self.stream.write_all(&bytes).unwrap();
    }

    fn received(&mut self) -> Vec<Packet> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.has_ended = true;
                    break;
                }
                Ok(bytes) => self.decoder.feed(&buffer[..bytes]),
                Err(error) => {
                    self.has_ended |= error.kind() != std::io::ErrorKind::WouldBlock;
                    break;
                }
            }
        }
        std::iter::from_fn(|| self.decoder.next_packet().unwrap()).collect()
    }
}

fn packet(id: i32, kind: i32, body: &str) -> Packet {
    Packet {
        id,
        kind,
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn wrong_password_is_answered_with_minus_one_and_may_be_corrected() {
    let mut rig = rig("");
    let mut client = rig.stranger();
    client.send(5, KIND_LOGIN, b"guess");
    client.send(6, KIND_LOGIN, PASSWORD.as_bytes());
    client.send(9, KIND_COMMAND, b"/echo hello");
    assert_eq!(
        rig.replies(&mut client, 3),
        [
            packet(-1, KIND_LOGIN_REPLY, ""),
            packet(6, KIND_LOGIN_REPLY, ""),
            packet(9, KIND_REPLY, "hello\n"),
        ]
    );
}

#[test]
fn command_without_login_is_not_executed() {
    let mut rig = rig("");
    let mut client = rig.stranger();
    client.send(5, KIND_LOGIN, b"guess");
    client.send(5, KIND_COMMAND, b"/run 10");
    rig.ends(&mut client);
    assert_eq!(rig.server.tick(), 0);
}

#[test]
fn command_is_answered_once_under_its_id_and_an_empty_one_never() {
    let mut rig = rig("");
    let mut client = rig.client();
    for (id, text) in [
        (3, "/echo a"),
        (-9, ""),
        (i32::MAX, " "),
        (0, "/pause"),
        (3, "/echo b"),
    ] {
        client.send(id, KIND_COMMAND, text.as_bytes());
    }
    assert_eq!(
        rig.replies(&mut client, 4),
        [
            packet(3, KIND_REPLY, "a\n"),
            packet(i32::MAX, KIND_REPLY, ""),
            packet(0, KIND_REPLY, ""),
            packet(3, KIND_REPLY, "b\n"),
        ]
    );
    rig.turns(10);
    assert!(client.received().is_empty());
}

#[test]
fn long_commands_come_in_pieces_and_long_replies_go_whole() {
    let mut rig = rig("");
    let mut client = rig.client();
    assert_eq!(
        rig.ask(&mut client, &format!("/big {}", 16 << 20)).len(),
        16 << 20
    );
    let text = "y".repeat(1 << 20);
    let mut bytes = Vec::new();
    rcon::encode(
        7,
        KIND_COMMAND,
        format!("/echo {text}").as_bytes(),
        &mut bytes,
    );
    for piece in bytes.chunks(50_000) {
        client.stream.write_all(piece).unwrap();
        rig.turns(3);
    }
    let replies = rig.replies(&mut client, 1);
    assert_eq!(replies, [packet(7, KIND_REPLY, &format!("{text}\n"))]);
}

#[test]
fn hostile_sizes_end_the_connection_before_and_after_the_login() {
    let mut rig = rig("");
    for size in [-1, 0, 9, 10_000, i32::MAX] {
        let mut client = rig.stranger();
        client.stream.write_all(&i32::to_le_bytes(size)).unwrap();
        rig.ends(&mut client);
    }
    let mut client = rig.client();
    client
        .stream
        .write_all(&i32::to_le_bytes((16 << 20) + 11))
        .unwrap();
    rig.ends(&mut client);
}

#[test]
fn connection_past_the_limit_is_hung_up_on_until_another_ends() {
    let mut rig = rig("");
    let mut clients: Vec<Client> = (0..128).map(|_| rig.client()).collect();
    let mut refused = rig.stranger();
    rig.ends(&mut refused);
    assert_eq!(rig.ask(&mut clients[127], "/echo still"), "still\n");
    clients.pop();
    rig.turns(3);
    rig.client();
}

#[test]
fn half_closed_client_gets_what_it_is_owed() {
    let mut rig = rig("");
    let mut client = rig.client();
    client.send(1, KIND_COMMAND, b"/echo a");
    client.send(2, KIND_COMMAND, b"/big 3000000");
    client.stream.shutdown(Shutdown::Write).unwrap();
    let replies = rig.ends(&mut client);
    let lengths: Vec<usize> = replies.iter().map(|reply| reply.body.len()).collect();
    assert_eq!(lengths, [2, 3_000_000]);
}

#[test]
fn client_that_takes_no_replies_stops_only_itself() {
    let mut rig = rig("");
    let mut lazy = rig.client();
    let mut other = rig.client();
    for id in 0..20 {
        lazy.send(id, KIND_COMMAND, format!("/big {}", 4 << 20).as_bytes());
    }
    lazy.send(20, KIND_COMMAND, b"/play");
    rig.turns(50);
    // The last command of the lazy one waits, since its replies do.
    assert_eq!(rig.server.tick(), 0);
    assert_eq!(rig.ask(&mut other, "/echo b"), "b\n");
    let replies = rig.replies(&mut lazy, 21);
    let ids: Vec<i32> = replies.iter().map(|reply| reply.id).collect();
    assert_eq!(ids, (0..=20).collect::<Vec<_>>());
}

#[test]
fn paused_game_answers_and_its_tick_stands_still() {
    let mut rig = rig("");
    let mut client = rig.client();
    rig.clock.advance(Duration::from_secs(5));
    assert_eq!(rig.ask(&mut client, "/tick"), "0\n");
}

#[test]
fn paused_game_has_an_update_after_commands_and_none_without() {
    let mut rig = rig("");
    let mut client = rig.client();
    rig.ask(&mut client, "/echo a");
    rig.clock.advance(Duration::from_secs(5));
    rig.turns(10);
    assert_eq!(rig.ask(&mut client, "/idle"), "1\n");
    assert_eq!(rig.ask(&mut client, "/idle"), "2\n");
    assert_eq!(rig.server.tick(), 0);
}

#[test]
fn ticks_follow_the_speed_of_the_game_and_stop_where_told() {
    let mut rig = rig("");
    let mut client = rig.client();
    rig.ask(&mut client, "/run 5");
    rig.turn();
    assert_eq!(rig.server.tick(), 1, "the first tick comes at once");
    rig.turns(5);
    assert_eq!(rig.server.tick(), 1, "no time has passed");
    for tick in 2..=5 {
        rig.clock.advance(UPDATE);
        rig.turns(3);
        assert_eq!(rig.server.tick(), tick);
    }
    rig.clock.advance(10 * UPDATE);
    rig.turns(10);
    assert_eq!(rig.server.tick(), 5);
    rig.ask(&mut client, "/speed 1000");
    rig.ask(&mut client, "/play");
    rig.turn();
    rig.clock.advance(UPDATE);
    rig.turns(100);
    assert!(rig.server.tick() >= 100, "{}", rig.server.tick());
}

#[test]
fn auto_paused_server_answers_without_ticks() {
    let mut rig = rig_with("", |parts| parts.is_auto_paused = true);
    let mut client = rig.client();
    rig.ask(&mut client, "/play");
    rig.clock.advance(10 * UPDATE);
    rig.turns(10);
    assert_eq!(rig.ask(&mut client, "/tick"), "0\n");
}

#[test]
fn slow_network_delays_commands_and_lets_short_ones_pass() {
    let mut rig = rig("latency_updates=2,segment_bytes=100");
    let mut client = rig.client();
    client.send(
        1,
        KIND_COMMAND,
        format!("/echo {}", "x".repeat(300)).as_bytes(),
    );
    client.send(2, KIND_COMMAND, b"/echo short");
    rig.turns(5);
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(
            client
                .received()
                .iter()
                .map(|reply| reply.id)
                .collect::<Vec<_>>(),
        );
        rig.clock.advance(UPDATE);
        rig.turns(3);
    }
    // An update is due as soon as there is something to wait for; the second one executes what is short.
    assert_eq!(ids, [vec![], vec![2], vec![], vec![], vec![1], vec![]]);
}

#[test]
fn lost_connections_lose_the_command_or_its_reply() {
    let mut rig = rig("disconnect_every=2,seed=11");
    let mut executed = 0;
    let mut partly = 0;
    for round in 0..30 {
        let mut client = rig.client();
        client.send(1, KIND_COMMAND, b"/echo first");
        client.send(2, KIND_COMMAND, format!("/server-save {round}").as_bytes());
        client.send(3, KIND_COMMAND, b"/quit");
        let replies = rig.ends(&mut client);
        assert_eq!(replies, [packet(1, KIND_REPLY, "first\n")]);
        executed += usize::from(rig.folder.path().join(format!("{round}.zip")).exists());
        partly += usize::from(client.decoder.is_within_packet());
    }
    assert!((5..30).contains(&executed), "{executed}");
    assert!((1..executed).contains(&partly), "{partly}");
}

#[test]
fn signal_and_quit_end_the_loop_and_the_save_is_written_over() {
    let mut rig = rig("");
    rig.signal.write_all(&[0]).unwrap();
    assert_eq!(rig.turn(), Some(Ending::Signal("SIGINT")));
    let mut client = rig.client();
    rig.ask(&mut client, "/run 1");
    rig.turn();
    client.send(1, KIND_COMMAND, b"/quit");
    let ending = (0..MAX_TURNS).find_map(|_| rig.turn());
    assert_eq!(ending, Some(Ending::Quit));
    rig.server.save_at_end().unwrap();
    let save = saves::read(&rig.folder.path().join("own.zip")).unwrap();
    assert_eq!(save.game, 1_u64.to_le_bytes());
    assert_eq!(save.game_version, "2.0.77");
}

#[test]
fn saves_while_running_go_where_they_are_told() {
    let mut rig = rig("");
    let mut client = rig.client();
    rig.ask(&mut client, "/server-save");
    rig.ask(&mut client, "/server-save other");
    for name in ["own.zip", "other.zip"] {
        let save = saves::read(&rig.folder.path().join(name)).unwrap();
        assert_eq!(save.game, 0_u64.to_le_bytes());
    }
}

#[test]
fn error_of_a_script_ends_the_loop() {
    let mut rig = rig("");
    let mut client = rig.client();
    client.send(1, KIND_COMMAND, b"/crash-in-tick");
    client.send(1, KIND_COMMAND, b"/play");
    let ending = (0..MAX_TURNS).find_map(|_| rig.turn());
    assert_eq!(ending, Some(Ending::Error("in a tick".to_owned())));
    client.send(1, KIND_COMMAND, b"/pause");
    client.send(1, KIND_COMMAND, b"/abort");
    let ending = (0..MAX_TURNS).find_map(|_| {
        rig.turn()
            .filter(|ending| matches!(ending, Ending::Abort(_)))
    });
    assert_eq!(ending, Some(Ending::Abort("as asked for".to_owned())));
}

#[test]
fn process_freezes_and_crashes_at_the_tick_that_was_asked_for() {
    for (faults, expected) in [
        ("freeze_at=3", Ending::Freeze),
        (
            "crash_at=3",
            Ending::Abort("crash at tick 3, as asked for".to_owned()),
        ),
    ] {
        let mut rig = rig(faults);
        let mut client = rig.client();
        rig.ask(&mut client, "/run 9");
        let ending = (0..100).find_map(|_| {
            rig.clock.advance(UPDATE);
            rig.turn()
        });
        assert_eq!(ending, Some(expected));
        assert_eq!(rig.server.tick(), 3);
    }
}

#[test]
fn datagrams_go_out_by_the_port_of_the_flag_and_come_in_while_paused() {
    let mut rig = rig("");
    let mut client = rig.client();
    let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = peer.local_addr().unwrap().port();
    rig.ask(&mut client, &format!("/send {port} hello"));
    let mut buffer = [0; 100];
    let (bytes, source) = peer.recv_from(&mut buffer).unwrap();
    assert_eq!(
        (&buffer[..bytes], source.port()),
        (b"hello".as_slice(), rig.udp_port)
    );
    peer.send_to(b"in", (Ipv4Addr::LOCALHOST, rig.udp_port))
        .unwrap();
    peer.send_to(b"again", (Ipv4Addr::LOCALHOST, rig.udp_port))
        .unwrap();
    rig.turn();
    assert_eq!(rig.ask(&mut client, "/received"), "in,again");
}

#[test]
fn what_is_typed_is_executed_and_the_end_of_the_input_changes_nothing() {
    let (stdin, mut typist) = Stdin::by_hand().unwrap();
    let mut rig = rig_with("", |parts| parts.stdin = Some(stdin));
    typist.write_all(b"hello\n/run 1\n").unwrap();
    drop(typist);
    rig.turns(3);
    assert_eq!(rig.server.tick(), 1);
    let mut client = rig.client();
    assert_eq!(rig.ask(&mut client, "/tick"), "1\n");
}

#[test]
fn game_goes_on_without_remote_console_and_datagrams() {
    let mut rig = rig_with("", |parts| {
        parts.rcon = None;
        parts.udp = None;
    });
    rig.turns(3);
    rig.signal.write_all(&[0]).unwrap();
    assert_eq!(rig.turn(), Some(Ending::Signal("SIGINT")));
}
