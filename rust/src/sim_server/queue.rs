//! Commands that wait to be executed.
//!
//! Owns their order: that of arrival, or where a fault makes the network slow, that in which they are complete; then a
//! long command may run after a shorter one that was sent later, as on real servers.

use std::collections::VecDeque;

use super::connection::Command;
use super::faults::FaultSpec;

/// The queue. It holds what the connections' own limits let in.
#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    command: Command,
    /// The update in which it is executed; 0: the next moment between two ticks.
    due: u64,
}

impl Queue {
    /// Adds commands that arrived, in order, before update `next_update`.
    pub(super) fn add(&mut self, commands: &mut Vec<Command>, spec: &FaultSpec, next_update: u64) {
        for command in commands.drain(..) {
            let due = spec
                .updates_until_executed(command.body.len())
                .map_or(0, |updates| next_update + updates - 1);
            let at = self.waiting.iter().rposition(|earlier| earlier.due <= due);
            let at = at.map_or(0, |at| at + 1);
            self.waiting.insert(at, Waiting { command, due });
        }
    }

    /// Takes the next command that is due by `update` and whose connection can take a reply.
    pub(super) fn take_due(
        &mut self,
        update: u64,
        is_congested: impl Fn(u64) -> bool,
    ) -> Option<Command> {
        let at = self
            .waiting
            .iter()
            .take_while(|waiting| waiting.due <= update)
            .position(|waiting| !is_congested(waiting.command.connection))?;
        self.waiting.remove(at).map(|waiting| waiting.command)
    }

    /// Forgets the commands of a connection that was lost.
    pub(super) fn forget(&mut self, connection: u64) {
        self.waiting
            .retain(|waiting| waiting.command.connection != connection);
    }

    /// Says whether a command waits for an update to come.
    pub(super) fn needs_updates(&self) -> bool {
        self.waiting.back().is_some_and(|last| last.due > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(connection: u64, id: i32, bytes: usize) -> Command {
        Command {
            connection,
            id,
            body: vec![b'x'; bytes],
        }
    }

    fn taken(queue: &mut Queue, update: u64) -> Vec<i32> {
        std::iter::from_fn(|| queue.take_due(update, |_| false))
            .map(|command| command.id)
            .collect()
    }

    #[test]
    fn commands_run_in_the_order_of_arrival() {
        let mut queue = Queue::default();
        let mut commands = vec![command(1, 7, 5_000), command(2, 8, 1), command(1, 9, 1)];
        queue.add(&mut commands, &FaultSpec::default(), 100);
        assert!(!queue.needs_updates());
        assert_eq!(taken(&mut queue, 0), [7, 8, 9]);
        assert!(commands.is_empty());
    }

    #[test]
    fn long_command_runs_after_shorter_ones_where_the_network_is_slow() {
        let spec = FaultSpec::parse("latency_updates=2,segment_bytes=100").unwrap();
        let mut queue = Queue::default();
        queue.add(&mut vec![command(1, 7, 250), command(1, 8, 10)], &spec, 5);
        queue.add(&mut vec![command(1, 9, 10), command(1, 10, 10)], &spec, 6);
        assert!(queue.needs_updates());
        let runs: Vec<_> = (5..10).map(|update| taken(&mut queue, update)).collect();
        assert_eq!(
            runs,
            [vec![], vec![8], vec![9, 10], vec![7], vec![]].map(Vec::from)
        );
    }

    #[test]
    fn commands_of_a_congested_connection_let_others_pass() {
        let mut queue = Queue::default();
        let mut commands = vec![command(1, 7, 1), command(2, 8, 1), command(1, 9, 1)];
        queue.add(&mut commands, &FaultSpec::default(), 0);
        let passed = queue.take_due(0, |connection| connection == 1).unwrap();
        assert_eq!(passed.id, 8);
        assert_eq!(queue.take_due(0, |connection| connection == 1), None);
        assert_eq!(taken(&mut queue, 0), [7, 9]);
    }
}
