//! What the process needs of a game.
//!
//! Owns no state. A game is behind [`Simulation`]; the process around it knows sockets, files and time.

/// A game that a server runs.
pub(super) trait Simulation {
    /// Gives the number of ticks so far.
    fn tick(&self) -> u64;

    /// Gives how fast updates shall follow one another, where 1 is 60 a second.
    fn speed(&self) -> f64;

    /// Says whether the next update has a tick; otherwise a script has paused the game.
    fn is_running(&self) -> bool;

    /// Runs one update.
    ///
    /// # Errors
    /// What ends the game's process: an error in a handler of a script.
    fn update(&mut self) -> Result<(), GameError>;

    /// Runs a line of the console, as RCON and standard input send them, and gives what it answers.
    ///
    /// # Errors
    /// As [`Simulation::update`].
    fn console(&mut self, line: &str) -> Result<String, GameError>;

    /// Takes what scripts and the console have asked the process for.
    fn take_orders(&mut self) -> Orders;

    /// Hands out the datagrams that scripts sent since the last call, in order.
    fn take_datagrams(&mut self) -> Vec<Datagram>;

    /// Queues a datagram until a script asks for it.
    fn push_datagram(&mut self, datagram: Datagram);

    /// Gives the game's bytes, from which it can be loaded.
    ///
    /// # Errors
    /// What cannot be saved, such as a function in `storage`.
    fn save(&mut self) -> Result<Vec<u8>, GameError>;
}

/// What a game asks of its process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    /// The game shall be saved.
    pub(super) save: Option<SaveOrder>,
    /// The server shall save and end.
    pub(super) quits: bool,
}

/// Where a game shall be saved while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SaveOrder {
    /// Over the save that it began with.
    OverOwn,
    /// Under a name in the folder of saves.
    As(String),
}

/// A datagram to a port of this machine, or from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Datagram {
    pub(super) port: u16,
    pub(super) data: Vec<u8>,
}

/// Why a game cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GameError {
    /// A script brought it down; the text is the game's.
    Crashed(String),
    /// The game's own code fails here: the process aborts, and no handler of a script can prevent it.
    Aborted(String),
}

impl std::fmt::Display for GameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Crashed(text) | Self::Aborted(text)) = self;
        f.write_str(text)
    }
}
