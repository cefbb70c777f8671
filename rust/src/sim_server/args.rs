//! The command line: the flags that Factorio takes, and a few of our own.
//!
//! Owns their names and forms. What is accepted without effect is listed in [`WITHOUT_EFFECT`]; a flag that is in no
//! list is refused, as the game does. A value follows its flag, or stands behind `=`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use super::failure::Failure;
use super::faults::FaultSpec;
use crate::error::nearest;
use crate::lua::{GameLine, PairsOrder};

/// Where the game listens for players.
const DEFAULT_GAME_PORT: u16 = 34_197;
/// A datagram that scripts send is at most this long; what is longer vanishes. Measured on macOS, the strictest.
const DEFAULT_UDP_LIMIT_BYTES: usize = 9_188;
/// No datagram is longer, on any system.
const MAX_UDP_LIMIT_BYTES: usize = 65_507;

/// Flags with a value that Factorio takes and that change nothing here.
const WITHOUT_EFFECT: &[&str] = &[
    "--executable-path",
    "--map-settings",
    "--preset",
    "--server-adminlist",
    "--server-banlist",
    "--server-id",
    "--server-whitelist",
];
/// Flags without a value that Factorio takes and that change nothing here.
const SWITCHES_WITHOUT_EFFECT: &[&str] = &["--use-authserver-bans", "--use-server-whitelist"];
/// Flags of Factorio that ask for what the simulated server does not do.
const REFUSED: &[(&str, &str)] = &[
    ("--benchmark", "measure the simulation with `make bench`"),
    ("--benchmark-graphics", "there are no graphics"),
    (
        "--dump-data",
        "the prototype data is in `factorio_fast.prototypes`",
    ),
    (
        "--heavy-mode",
        "there are no players whose game could differ",
    ),
    ("--instrument-mod", "there is no instrument mode"),
    ("--load-game", "there is no window; use --start-server"),
    (
        "--load-scenario",
        "there is no window; use --start-server-load-scenario",
    ),
    ("--mp-connect", "there are no players"),
    ("--scenario2map", "use --start-server-load-scenario"),
];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Makes a save and ends.
    Create(PathBuf),
    StartServer(Start),
    Help,
    Version,
}

/// What a server begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Save(PathBuf),
    Scenario(String),
    LatestSave,
}

/// What RCON answers to the first Lua command of a new save, which is not executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Nothing: an empty reply.
    Empty,
    /// The warning that the console shows.
    Warning,
}

/// The version of the game that is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GameVersion {
    pub(super) line: GameLine,
    pub(super) text: &'static str,
}

/// The last version of the 2.0 line.
pub(super) const VERSION_2_0: GameVersion = GameVersion {
    line: GameLine::V2_0,
    text: "2.0.77",
};
/// The version of the 2.1 line that was measured to receive datagrams.
pub(super) const VERSION_2_1: GameVersion = GameVersion {
    line: GameLine::V2_1,
    text: "2.1.14",
};

/// The command line, parsed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Args {
    pub(super) action: Action,
    pub(super) config: Option<PathBuf>,
    pub(super) mod_directory: Option<PathBuf>,
    pub(super) map_gen_settings: Option<PathBuf>,
    pub(super) map_gen_seed: Option<u32>,
    pub(super) server_settings: Option<PathBuf>,
    pub(super) game_address: SocketAddr,
    pub(super) rcon_address: Option<SocketAddr>,
    pub(super) rcon_password: Option<String>,
    pub(super) lua_udp_port: Option<u16>,
    pub(super) console_log: Option<PathBuf>,
    pub(super) rotates_log: bool,
    pub(super) is_verbose: bool,
    pub(super) game_version: GameVersion,
    pub(super) pairs_order: PairsOrder,
    pub(super) faults: FaultSpec,
    pub(super) udp_limit_bytes: usize,
    pub(super) gate: Gate,
}

impl Args {
    fn new() -> Self {
        Self {
            action: Action::Help,
            config: None,
            mod_directory: None,
            map_gen_settings: None,
            map_gen_seed: None,
            server_settings: None,
            game_address: SocketAddr::from((Ipv4Addr::UNSPECIFIED, DEFAULT_GAME_PORT)),
            rcon_address: None,
            rcon_password: None,
            lua_udp_port: None,
            console_log: None,
            rotates_log: true,
            is_verbose: false,
            game_version: VERSION_2_0,
            pairs_order: PairsOrder::Canonical,
            faults: FaultSpec::default(),
            udp_limit_bytes: DEFAULT_UDP_LIMIT_BYTES,
            gate: Gate::Empty,
        }
    }

    /// Parses the arguments, without the program's name.
    ///
    /// # Errors
    /// An unknown flag, a flag without its value, a value out of its form, and flags that do not go together.
    pub(super) fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut parser = Parser {
            args: Self::new(),
            action: None,
            rcon_port: None,
            bind: None,
            port: None,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (flag, value) = match argument.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            if parser.switch(flag)? {
                if value.is_some() {
                    return Err(usage(format!("{flag} takes no value: \"{argument}\"")));
                }
                continue;
            }
            check_known(flag)?;
            let value = value
                .or_else(|| rest.next().cloned())
                .ok_or_else(|| usage(format!("a value is missing after \"{flag}\"")))?;
            parser.value(flag, &value)?;
        }
        parser.finish()
    }
}

/// Flags with a value that have an effect.
const WITH_VALUE: &[&str] = &[
    "--bind",
    "--config",
    "--console-log",
    "--create",
    "--enable-lua-udp",
    "--faults",
    "--map-gen-seed",
    "--map-gen-settings",
    "--mod-directory",
    "--port",
    "--rcon-bind",
    "--rcon-password",
    "--rcon-port",
    "--server-settings",
    "--sim-game-version",
    "--sim-pairs-order",
    "--sim-rcon-gate",
    "--sim-udp-limit",
    "--start-server",
    "--start-server-load-scenario",
    "-c",
];
/// Flags without a value that have an effect.
const SWITCHES: &[&str] = &[
    "--help",
    "--no-log-rotation",
    "--start-server-load-latest",
    "--verbose",
    "--version",
    "-h",
    "-v",
];

fn check_known(flag: &str) -> Result<(), Failure> {
    if let Some((_, instead)) = REFUSED.iter().find(|(refused, _)| *refused == flag) {
        return Err(usage(format!(
            "the simulated server does not have {flag}: {instead}"
        )));
    }
    if WITH_VALUE.contains(&flag) || WITHOUT_EFFECT.contains(&flag) {
        return Ok(());
    }
    let known = [
        WITH_VALUE,
        SWITCHES,
        WITHOUT_EFFECT,
        SWITCHES_WITHOUT_EFFECT,
    ];
    let hint = match nearest(flag, known.into_iter().flatten().copied()).first() {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => String::new(),
    };
    Err(usage(format!("unrecognised option \"{flag}\"{hint}")))
}

fn usage(text: impl std::fmt::Display) -> Failure {
    Failure::new(format!("{text} (--help lists the options)"))
}

struct Parser {
    args: Args,
    action: Option<(String, Action)>,
    rcon_port: Option<u16>,
    bind: Option<(IpAddr, Option<u16>)>,
    port: Option<u16>,
}

impl Parser {
    /// Takes a flag without a value; false: it is none.
    fn switch(&mut self, flag: &str) -> Result<bool, Failure> {
        match flag {
            "--help" | "-h" => self.set_action(flag, Action::Help)?,
            "--version" => self.set_action(flag, Action::Version)?,
            "--start-server-load-latest" => {
                self.set_action(flag, Action::StartServer(Start::LatestSave))?;
            }
            "--no-log-rotation" => self.args.rotates_log = false,
            "--verbose" | "-v" => self.args.is_verbose = true,
            _ => return Ok(SWITCHES_WITHOUT_EFFECT.contains(&flag)),
        }
        Ok(true)
    }

    fn value(&mut self, flag: &str, value: &str) -> Result<(), Failure> {
        let args = &mut self.args;
        let path = || Some(PathBuf::from(value));
        match flag {
            "--create" => self.set_action(flag, Action::Create(value.into()))?,
            "--start-server" => {
                self.set_action(flag, Action::StartServer(Start::Save(value.into())))?;
            }
            "--start-server-load-scenario" => {
                self.set_action(flag, Action::StartServer(Start::Scenario(value.to_owned())))?;
            }
            "--config" | "-c" => args.config = path(),
            "--mod-directory" => args.mod_directory = path(),
            "--map-gen-settings" => args.map_gen_settings = path(),
            "--server-settings" => args.server_settings = path(),
            "--console-log" => args.console_log = path(),
            "--map-gen-seed" => {
                args.map_gen_seed = Some(parsed(flag, value, "a number of 32 bits")?);
            }
            "--port" => self.port = Some(parsed(flag, value, PORT)?),
            "--bind" => self.bind = Some(bind_address(flag, value)?),
            "--rcon-port" => self.rcon_port = Some(parsed(flag, value, PORT)?),
            "--rcon-bind" => args.rcon_address = Some(parsed(flag, value, "ADDRESS:PORT")?),
            "--rcon-password" => args.rcon_password = Some(value.to_owned()),
            "--enable-lua-udp" => args.lua_udp_port = Some(parsed(flag, value, PORT)?),
            "--sim-game-version" => args.game_version = game_version(value)?,
            "--sim-pairs-order" => args.pairs_order = pairs_order(value)?,
            "--sim-rcon-gate" => args.gate = gate(value)?,
            "--sim-udp-limit" => args.udp_limit_bytes = udp_limit(flag, value)?,
            "--faults" => {
                args.faults = FaultSpec::parse(value).map_err(usage)?;
            }
            _ => debug_assert!(WITHOUT_EFFECT.contains(&flag), "{flag}"),
        }
        Ok(())
    }

    fn set_action(&mut self, flag: &str, action: Action) -> Result<(), Failure> {
        if let Some((other, _)) = &self.action {
            return Err(usage(format!("{other} and {flag} do not go together")));
        }
        self.action = Some((flag.to_owned(), action));
        Ok(())
    }

    fn finish(self) -> Result<Args, Failure> {
        let mut args = self.args;
        if let Some((ip, port)) = self.bind {
            args.game_address.set_ip(ip);
            args.game_address
                .set_port(port.unwrap_or(DEFAULT_GAME_PORT));
        }
        if let Some(port) = self.port {
            args.game_address.set_port(port);
        }
        match (args.rcon_address, self.rcon_port) {
            (Some(_), Some(_)) => {
                return Err(usage("--rcon-bind and --rcon-port do not go together"));
            }
            (None, Some(port)) => {
                args.rcon_address = Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
            }
            _ => {}
        }
        let Some((_, action)) = self.action else {
            return Err(usage(
                "nothing to do: one of --create and --start-server is needed, since there is no window",
            ));
        };
        let is_server = matches!(action, Action::StartServer(_));
        if is_server && args.rcon_address.is_some() && args.rcon_password.is_none() {
            return Err(usage("RCON needs a password: give --rcon-password too"));
        }
        args.action = action;
        Ok(args)
    }
}

const PORT: &str = "a port from 0 to 65535";

fn parsed<T: FromStr>(flag: &str, value: &str, form: &str) -> Result<T, Failure> {
    value
        .parse()
        .map_err(|_| usage(format!("{flag} takes {form}, not \"{value}\"")))
}

fn bind_address(flag: &str, value: &str) -> Result<(IpAddr, Option<u16>), Failure> {
    if let Ok(ip) = value.parse() {
        return Ok((ip, None));
    }
    let address: SocketAddr = parsed(flag, value, "ADDRESS[:PORT]")?;
    Ok((address.ip(), Some(address.port())))
}

fn game_version(value: &str) -> Result<GameVersion, Failure> {
    [VERSION_2_0, VERSION_2_1]
        .into_iter()
        .find(|version| version.text == value)
        .ok_or_else(|| {
            usage(format!(
                "--sim-game-version is {} or {}, not \"{value}\"",
                VERSION_2_0.text, VERSION_2_1.text
            ))
        })
}

fn pairs_order(value: &str) -> Result<PairsOrder, Failure> {
    if value == "canonical" {
        return Ok(PairsOrder::Canonical);
    }
    value
        .strip_prefix("shuffled:")
        .and_then(|seed| seed.parse().ok())
        .map(|seed| PairsOrder::Shuffled { seed })
        .ok_or_else(|| {
            usage(format!(
                "--sim-pairs-order is canonical or shuffled:SEED, not \"{value}\""
            ))
        })
}

fn gate(value: &str) -> Result<Gate, Failure> {
    match value {
        "empty" => Ok(Gate::Empty),
        "warning" => Ok(Gate::Warning),
        _ => Err(usage(format!(
            "--sim-rcon-gate is empty or warning, not \"{value}\""
        ))),
    }
}

fn udp_limit(flag: &str, value: &str) -> Result<usize, Failure> {
    let bytes: usize = parsed(flag, value, "a number of bytes")?;
    if bytes > MAX_UDP_LIMIT_BYTES {
        return Err(usage(format!(
            "{flag} is at most {MAX_UDP_LIMIT_BYTES}, not {bytes}"
        )));
    }
    Ok(bytes)
}

/// What `--help` prints.
pub(super) const HELP: &str = "\
A simulated headless Factorio server: Factorio's flags, log and wire, over the simulation of factorio_fast.

  -h [ --help ]                       print this and end
  --version                           print the version and end
  -c [ --config ] PATH                config.ini, with read-data and write-data
  -v [ --verbose ]                    log more
  --no-log-rotation                   append to the log of the last run
  --mod-directory PATH                where the mods are (write-data/mods)
  --create SAVE                       make a save of a new map
  --map-gen-settings PATH             settings of the new map (JSON)
  --map-gen-seed N                    its seed
  --start-server SAVE                 start a server from a save
  --start-server-load-scenario NAME   start one with a new map: freeplay
  --start-server-load-latest          start one from the latest save
  --server-settings PATH              settings of the server (JSON); auto_pause is what has an effect
  --port N                            the game's port (34197)
  --bind ADDRESS[:PORT]               the game's address
  --rcon-bind ADDRESS:PORT            the address of RCON
  --rcon-port N                       its port, on every address
  --rcon-password PASSWORD            its password
  --enable-lua-udp PORT               the port from which scripts send datagrams
  --console-log PATH                  a copy of the console's lines
  --map-settings, --preset, --server-id, --server-adminlist, --server-banlist, --server-whitelist,
  --use-server-whitelist, --use-authserver-bans, --executable-path: taken, without effect

of the simulation only:
  --sim-game-version 2.0.77|2.1.14    the version of the game that is simulated (2.0.77)
  --sim-pairs-order canonical|shuffled:SEED
                                      the order of `pairs` in Lua
  --sim-udp-limit BYTES               datagrams of scripts that are longer vanish (9188)
  --sim-rcon-gate empty|warning       what the first Lua command of a save is answered (empty)
  --faults SPEC                       what goes wrong, such as drop=0.05,disconnect_every=1000,seed=7
                                      drop, duplicate, reorder, truncate, garbage: probability per datagram
                                      delay=MS@P: datagrams come MS milliseconds later, with probability P
                                      disconnect_every=N: an RCON connection is lost at every Nth command
                                      freeze_at=TICK, crash_at=TICK: the process hangs or aborts
                                      latency_updates=N: commands wait N updates
                                      segment_bytes=N: a long command arrives N bytes an update
";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Args::parse(&arguments).map_err(|failure| failure.to_string())
    }

    #[test]
    fn flags_of_a_usual_server_are_taken() {
        let args = parse(
            "--config c.ini --mod-directory mods --start-server s.zip --server-settings s.json --port 0 \
             --bind 127.0.0.1 --rcon-bind 127.0.0.1:27015 --rcon-password pw --enable-lua-udp=34200 \
             --server-id id --server-adminlist a.json --console-log log --no-log-rotation --verbose \
             --sim-game-version 2.1.14 --sim-pairs-order shuffled:7 --faults drop=0.5,seed=3 \
             --sim-udp-limit 3900 --sim-rcon-gate warning",
        )
        .unwrap();
        let expected = Args {
            action: Action::StartServer(Start::Save("s.zip".into())),
            config: Some("c.ini".into()),
            mod_directory: Some("mods".into()),
            server_settings: Some("s.json".into()),
            game_address: "127.0.0.1:0".parse().unwrap(),
            rcon_address: Some("127.0.0.1:27015".parse().unwrap()),
            rcon_password: Some("pw".to_owned()),
            lua_udp_port: Some(34_200),
            console_log: Some("log".into()),
            rotates_log: false,
            is_verbose: true,
            game_version: VERSION_2_1,
            pairs_order: PairsOrder::Shuffled { seed: 7 },
            faults: FaultSpec::parse("drop=0.5,seed=3").unwrap(),
            udp_limit_bytes: 3_900,
            gate: Gate::Warning,
            ..Args::new()
        };
        assert_eq!(args, expected);
    }

    #[test]
    fn rcon_port_is_bound_on_every_address() {
        let args = parse("--start-server-load-latest --rcon-port 5 --rcon-password x").unwrap();
        assert_eq!(args.rcon_address, Some("0.0.0.0:5".parse().unwrap()));
        assert_eq!(args.game_address, "0.0.0.0:34197".parse().unwrap());
        assert_eq!(args.action, Action::StartServer(Start::LatestSave));
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        let refused = |line| parse(line).unwrap_err();
        for (line, text) in [
            (
                "--start-servr x",
                "unrecognised option \"--start-servr\"; did you mean \"--start-server\"?",
            ),
            ("save.zip", "unrecognised option \"save.zip\""),
            (
                "--benchmark x",
                "the simulated server does not have --benchmark: measure the simulation with `make bench`",
            ),
            ("--create", "a value is missing after \"--create\""),
            (
                "--create a --start-server b",
                "--create and --start-server do not go together",
            ),
            (
                "--verbose",
                "nothing to do: one of --create and --start-server is needed, since there is no window",
            ),
            (
                "--verbose=1 --create a",
                "--verbose takes no value: \"--verbose=1\"",
            ),
            (
                "--start-server a --port 70000",
                "--port takes a port from 0 to 65535, not \"70000\"",
            ),
            (
                "--start-server a --rcon-bind 127.0.0.1",
                "--rcon-bind takes ADDRESS:PORT, not \"127.0.0.1\"",
            ),
            (
                "--start-server a --rcon-port 1",
                "RCON needs a password: give --rcon-password too",
            ),
            (
                "--start-server a --sim-game-version 1.1",
                "--sim-game-version is 2.0.77 or 2.1.14, not \"1.1\"",
            ),
            (
                "--start-server a --sim-pairs-order x",
                "--sim-pairs-order is canonical or shuffled:SEED, not \"x\"",
            ),
            (
                "--start-server a --sim-udp-limit 65508",
                "--sim-udp-limit is at most 65507, not 65508",
            ),
        ] {
            assert_eq!(refused(line), format!("{text} (--help lists the options)"));
        }
    }

    #[test]
    fn help_names_every_flag() {
        let all = [
            WITH_VALUE,
            SWITCHES,
            WITHOUT_EFFECT,
            SWITCHES_WITHOUT_EFFECT,
        ];
        for flag in all.into_iter().flatten() {
            assert!(HELP.contains(flag), "{flag}");
        }
    }
}
