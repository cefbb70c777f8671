//! From a command line to a running server, and from its end to an exit status.
//!
//! Owns the order of the steps and the lines that are logged on the way, in the game's words: launchers wait for some
//! of them. Exit status: 0 after a save at the end; 1 after a failure; an abort where the game itself would abort.

use std::io::{self, Write as _};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64;

use super::args::{Action, Args, HELP, Start};
use super::clock::{self, SystemClock};
use super::config::{Folders, MapGenSettings, ServerSettings};
use super::failure::Failure;
use super::faults::Faults;
use super::game_host::{self, Setup};
use super::host::Simulation;
use super::lock::Lock;
use super::log::Log;
use super::mods::{self, Mod};
use super::rcon_server::RconServer;
use super::run::{Ending, Parts, Server};
use super::saves::{self, Save};
use super::signals::Signals;
use super::stdin::Stdin;
use super::udp::LuaUdp;

/// Names of the map that a server can begin with; there are no scenarios with scripts.
const SCENARIOS: &[&str] = &["freeplay", "base/freeplay", "empty", "base/empty"];
/// A frozen process looks so often whether the one that started it is still there.
const FROZEN_CHECK_INTERVAL: Duration = Duration::from_millis(200);
/// Where the game's own states begin, in its log.
const NO_TICK: u64 = u32::MAX as u64;

/// Runs the program with its arguments, its own name left out, and gives its exit status.
///
/// The calling thread is the server until its end; SIGINT and SIGTERM are taken over for the rest of the process.
pub fn main(arguments: &[String]) -> i32 {
    let log = Log::new();
    match run(arguments, &log) {
        Ok(()) => 0,
        Err(failure) => {
            log.line(&format!("Error Main.cpp:839: {failure}"));
            1
        }
    }
}

fn run(arguments: &[String], log: &Log) -> Result<(), Failure> {
    let args = Args::parse(arguments)?;
    match &args.action {
        Action::Help => print(HELP),
        Action::Version => print(&format!(
            "Version: {} (build 0, {}, headless, simulated by factorio_fast {})\n",
            args.game_version.text,
            platform(),
            env!("CARGO_PKG_VERSION")
        )),
        Action::Create(_) | Action::StartServer(_) => {
            let folders = Folders::read(args.config.as_deref())?;
            folders.make()?;
            let _lock = Lock::acquire(&folders.write_data)?;
            log.open_file(&folders.write_data, args.rotates_log)
                .map_err(|error| {
                    Failure::new(format!(
                        "Couldn't open the log in {}: {error}",
                        folders.write_data.display()
                    ))
                })?;
            log_header(&args, arguments, &folders, log);
            let mods = read_mods(&args, &folders, log)?;
            let launch = Launch {
                args: &args,
                folders: &folders,
                mods: &mods,
                log,
            };
            match &args.action {
                Action::Create(save) => launch.create(save)?,
                Action::StartServer(start) => launch.serve(start)?,
                Action::Help | Action::Version => {}
            }
            log.line("Goodbye");
        }
    }
    Ok(())
}

fn print(text: &str) {
    // A reader that went away has seen what it wanted.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

fn platform() -> &'static str {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux64",
        ("macos", "aarch64") => "mac-arm64",
        ("macos", _) => "mac-x64",
        (other, _) => other,
    }
}

fn log_header(args: &Args, arguments: &[String], folders: &Folders, log: &Log) {
    log.line(&format!(
        "{}; Factorio {} (build 0, {}, headless, simulated by factorio_fast {})",
        clock::date(),
        args.game_version.text,
        platform(),
        env!("CARGO_PKG_VERSION")
    ));
    log.line(&format!(
        "Program arguments: {}",
        shown_arguments(arguments)
    ));
    if let Some(read_data) = &folders.read_data {
        log.line(&format!("Read data path: {}", read_data.display()));
    }
    log.line(&format!(
        "Write data path: {}",
        folders.write_data.display()
    ));
    log.line("Running in headless mode");
}

/// Shows the arguments as the game does: quoted, without the password.
fn shown_arguments(arguments: &[String]) -> String {
    let mut is_secret = false;
    let mut shown = vec!["\"factorio\"".to_owned()];
    for argument in arguments {
        let text = match argument.split_once('=') {
            _ if is_secret => "<private>",
            Some(("--rcon-password", _)) => "--rcon-password=<private>",
            _ => argument,
        };
        is_secret = argument == "--rcon-password";
        shown.push(format!("\"{text}\""));
    }
    shown.join(" ")
}

fn read_mods(args: &Args, folders: &Folders, log: &Log) -> Result<Vec<Mod>, Failure> {
    let folder = args.mod_directory.clone().unwrap_or_else(|| folders.mods());
    let mut note = |text: String| log.line(&text);
    let mods = mods::read(&folder, args.game_version.text, &mut note)?;
    log.line(&format!(
        "Loading mod base {} (data.lua)",
        args.game_version.text
    ));
    for found in &mods {
        log.line(&format!("Loading mod {} {}", found.name, found.version));
    }
    Ok(mods)
}

/// What all steps of a launch share.
struct Launch<'a> {
    args: &'a Args,
    folders: &'a Folders,
    mods: &'a [Mod],
    log: &'a Log,
}

impl Launch<'_> {
    /// Makes a game, new or from the bytes of a save.
    fn open_game(&self, saved: Option<&[u8]>) -> Result<Box<dyn Simulation>, Failure> {
        let scripts = self.mods.iter().find(|found| found.has_control());
        let settings = MapGenSettings::read(self.args.map_gen_settings.as_deref())?;
        let seed = self.args.map_gen_seed.or(settings.seed).unwrap_or(0);
        self.log
            .line("Checksum for script __level__/control.lua: 0");
        if let Some(scripts) = scripts {
            self.log.line(&format!(
                "Checksum for script __{}__/control.lua: {}",
                scripts.name,
                checksum(scripts)
            ));
        }
        let setup = Setup {
            scripts,
            version: self.args.game_version,
            seed,
            order: self.args.pairs_order,
            gate: self.args.gate,
            is_udp_enabled: self.args.lua_udp_port.is_some(),
            udp_limit_bytes: self.args.udp_limit_bytes,
            script_output: self.folders.script_output(),
            log: self.log.clone(),
        };
        game_host::open(setup, saved).map_err(|text| failed(&text))
    }

    fn create(&self, name: &Path) -> Result<(), Failure> {
        let path = saves::path_of(name, &self.folders.saves());
        self.log
            .line(&format!("Creating new map {}", path.display()));
        let mut game = self.open_game(None)?;
        let bytes = game.save().map_err(|error| failed(&error.to_string()))?;
        self.log.line(&format!(
            "Info MainLoop.cpp:437: Saving map as {}",
            path.display()
        ));
        saves::write(
            &path,
            &Save {
                game_version: self.args.game_version.text.to_owned(),
                game: bytes,
            },
        )?;
        self.log.line("Info AppManager.cpp:419: Saving finished");
        self.log.line("Done.");
        Ok(())
    }

    fn state(&self, tick: u64, from: &str, to: &str) {
        self.log.line(&format!(
            "Info ServerMultiplayerManager.cpp:808: updateTick({tick}) changing state from({from}) to({to})"
        ));
    }

    fn serve(&self, start: &Start) -> Result<(), Failure> {
        let settings = ServerSettings::read(self.args.server_settings.as_deref())?;
        self.log.line("Factorio initialised");
        self.state(NO_TICK, "Ready", "PreparedToHostGame");
        self.state(NO_TICK, "PreparedToHostGame", "CreatingGame");
        let (save_path, game) = self.load(start)?;
        // The game listens for players here; none can join, but a second server at the same port is refused.
        let address = self.args.game_address;
        let game_socket = UdpSocket::bind(address).map_err(|error| unbound(&error))?;
        let address = game_socket.local_addr().unwrap_or(address);
        self.log.line(&format!(
            "Info UDPSocket.cpp:38: Opening socket at (IP ADDR:({{{address}}}))"
        ));
        self.log
            .line(&format!("Hosting game at IP ADDR:({{{address}}})"));
        let udp = self.open_udp()?;
        let unavailable = |error: io::Error| Failure::new(error.to_string());
        let signals = Signals::register().map_err(unavailable)?;
        let stdin = Stdin::open().map_err(unavailable)?;
        self.state(game.tick(), "CreatingGame", "InGame");
        let rcon = self.open_rcon()?;
        let mut server = Server::new(Parts {
            game,
            clock: SystemClock::new(),
            log: self.log.clone(),
            rcon,
            udp,
            stdin: Some(stdin),
            signals,
            faults: Faults::new(self.args.faults.clone()),
            is_auto_paused: settings.pauses_without_players(),
            save_path,
            saves_folder: self.folders.saves(),
            game_version: self.args.game_version.text.to_owned(),
        });
        let ending = server.run()?;
        self.end(&mut server, ending)
    }

    /// Gives the game to begin with, and where it is saved at the end.
    fn load(&self, start: &Start) -> Result<(PathBuf, Box<dyn Simulation>), Failure> {
        let saves = self.folders.saves();
        let path = match start {
            Start::Save(name) => saves::path_of(name, &saves),
            Start::LatestSave => saves::latest(&saves)?,
            Start::Scenario(name) => {
                if !SCENARIOS.contains(&name.as_str()) {
                    return Err(Failure::new(format!(
                        "the simulated server has no scenarios with scripts, only {}: \"{name}\"",
                        SCENARIOS.join(", ")
                    )));
                }
                let game = self.open_game(None)?;
                let name = name.replace('/', "-");
                return Ok((saves.join(format!("{name}.zip")), game));
            }
        };
        if let Some(path) = &self.args.console_log {
            self.log.open_console(path).map_err(|error| {
                Failure::new(format!("Couldn't open {}: {error}", path.display()))
            })?;
        }
        let save = saves::read(&path)?;
        let bytes = path.metadata().map_or(0, |metadata| metadata.len());
        self.log
            .line(&format!("Loading map {}: {bytes} bytes.", path.display()));
        if save.game_version != self.args.game_version.text {
            self.log.line(&format!(
                "Map version {} differs from {}",
                save.game_version, self.args.game_version.text
            ));
        }
        let game = self.open_game(Some(&save.game))?;
        Ok((path, game))
    }

    fn open_udp(&self) -> Result<Option<LuaUdp>, Failure> {
        let Some(port) = self.args.lua_udp_port else {
            return Ok(None);
        };
        let udp = LuaUdp::bind(port, self.args.udp_limit_bytes).map_err(|error| unbound(&error))?;
        if let Ok(address) = udp.socket().local_addr() {
            self.log.line(&format!(
                "Info UDPSocket.cpp:38: Opening socket for scripts at (IP ADDR:({{{address}}}))"
            ));
        }
        Ok(Some(udp))
    }

    fn open_rcon(&self) -> Result<Option<RconServer>, Failure> {
        let (Some(address), Some(password)) = (self.args.rcon_address, &self.args.rcon_password)
        else {
            return Ok(None);
        };
        let rcon = RconServer::bind(address, password, self.log.clone())
            .map_err(|error| unbound(&error))?;
        self.log.line(&format!(
            "Info RemoteCommandProcessor.cpp:126: Starting RCON interface at IP ADDR:({{{}}})",
            rcon.address()
        ));
        Ok(Some(rcon))
    }

    /// Ends as the game does.
    fn end(&self, server: &mut Server<SystemClock>, ending: Ending) -> Result<(), Failure> {
        let tick = server.tick();
        match ending {
            Ending::Signal(name) => {
                self.log.line(&format!("Received {name}, shutting down"));
                self.log.line("Quitting: signal.");
            }
            Ending::Quit => self.log.line("Quitting: remote-quit."),
            Ending::Freeze => freeze(),
            Ending::Abort(text) => {
                self.log.line(&format!("Error TickClosure.cpp:91: {text}"));
                self.log.line("Error CrashHandler.cpp:643: Received 6");
                std::process::abort();
            }
            Ending::Error(text) => {
                self.log.line(&format!("Error MainLoop.cpp:1488: {text}"));
                self.state(tick, "InGame", "Failed");
                let first = text.lines().next().unwrap_or_default();
                return Err(failed(first));
            }
        }
        self.state(tick, "InGame", "DisconnectingScheduled");
        server.save_at_end()?;
        self.state(tick, "DisconnectingScheduled", "Disconnecting");
        self.state(tick, "Disconnecting", "Disconnected");
        self.state(tick, "Disconnected", "Closed");
        Ok(())
    }
}

/// Makes the failure of a game that cannot be hosted, in the game's words.
fn failed(text: &str) -> Failure {
    Failure::new(format!("MultiplayerManager failed: \"{text}\""))
}

fn unbound(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AddrInUse {
        failed("Host address is already in use.")
    } else {
        failed(&format!("Couldn't bind a socket: {error}."))
    }
}

/// Gives a number that changes with the scripts of a mod.
fn checksum(scripts: &Mod) -> u32 {
    let mut bytes = Vec::new();
    for (name, text) in &scripts.files {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(text);
    }
    xxh3_64(&bytes) as u32
}

/// Hangs, deaf to signals, until it is killed or nobody is left who could.
fn freeze() -> ! {
    let parent = rustix::process::getppid();
    loop {
        std::thread::sleep(FROZEN_CHECK_INTERVAL);
        if rustix::process::getppid() != parent {
            std::process::exit(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_logged() {
        let arguments = [
            "--rcon-password",
            "secret",
            "--port=1",
            "--rcon-password=secret",
        ];
        let shown = shown_arguments(&arguments.map(str::to_owned));
        assert_eq!(
            shown,
            "\"factorio\" \"--rcon-password\" \"<private>\" \"--port=1\" \"--rcon-password=<private>\""
        );
    }
}
