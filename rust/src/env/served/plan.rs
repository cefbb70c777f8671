//! From an action, or from orders, to the commands of a step: decided on the mirror, which stays as the server reported it.

use crate::action::decode::{Action, interaction};
use crate::action::order::Order;
use crate::contract::action::RejectReason;
use crate::env::episode::{Deed, check_number, code_of, rejected_of};
use crate::env::{Episode, StepResult};
use crate::error::Result;
use crate::observation::local_map::item_code;
use crate::prototypes::vanilla;
use crate::sim::World;
use crate::sim::collision::character_box;
use crate::sim::command::{Command, apply, check};
use crate::sim::entity::{Target, collision_box};
use crate::sim::inventory::stack_size;
use crate::sim::placement::{built_direction, placed_by, snapped};
use crate::sim::position::{Direction, SUBTILES};

/// How far from a new building its presence may change a walk, in 1/256 tile; a step of a walk is shorter.
const WALK_MARGIN_SUBTILES: i32 = 2 * SUBTILES;

/// What the server was told that goes on until told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub walk: Option<Direction>,
    pub is_mining: bool,
}

/// Whom a refusal of a command concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Interaction,
    Walk,
    Order(usize),
    /// A command that nobody asked for, such as to stand still.
    Aside,
}

/// What is sent of a step, and why the rest is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The commands, separated by commas.
    pub text: String,
    /// Where each command comes from.
    pub sources: Vec<Source>,
    rejected: [u8; 2],
    orders: Vec<Order>,
    refusals: Vec<u8>,
}

impl Plan {
    fn push(&mut self, source: Source, command: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(command);
        self.sources.push(source);
    }

    /// Notes that the server refused a command; returns whether there was such a command.
    pub fn refuse(&mut self, index: usize, code: u8, told: &mut Told) -> bool {
        let Some(source) = self.sources.get(index) else {
            return false;
        };
        match *source {
            Source::Interaction => {
                self.rejected[1] = code;
                told.is_mining = false;
            }
            Source::Walk => {
                self.rejected[0] = code;
                told.walk = None;
            }
            Source::Order(place) => {
                self.refusals[place] = code;
                match self.orders[place] {
                    Order::Walk(_) => told.walk = None,
                    Order::MineAt(_) | Order::MineEntity(_) => told.is_mining = false,
                    _ => {}
                }
            }
            Source::Aside => {}
        }
        true
    }

    fn stop_mining(&mut self, told: &mut Told) {
        if told.is_mining {
            self.push(Source::Aside, "S");
            told.is_mining = false;
        }
    }

    fn walk(&mut self, source: Source, direction: Option<Direction>, told: &mut Told) {
        if told.walk == direction {
            return;
        }
        match direction {
            None => self.push(source, "W -"),
            Some(direction) => self.push(source, &format!("W {}", direction.eighths())),
        }
        told.walk = direction;
    }
}

impl Episode {
    /// Decides what is sent of an action; each component is accepted or refused by itself.
    pub(in crate::env) fn plan_action(&mut self, action: Action, told: &mut Told) -> Result<Plan> {
        self.ensure_running()?;
        if self.is_recording {
            self.deeds.push(Deed::Action(action.numbers()));
        }
        self.last_action = Some(action);
        let mut plan = Plan::default();
        let world = &self.world;
        let wanted = interaction(
            world,
            &self.kept.rows,
            self.scenario.palette(),
            action.interact,
            action.target,
            action.item,
        );
        let accepted = match wanted {
            Ok(None) => Ok(None),
            Ok(Some(command)) => check(world, &command)
                .and_then(|()| worded(world, &command))
                .map(|text| Some((command, text))),
            Err(reason) => Err(reason),
        };
        if !matches!(accepted, Ok(Some((Command::Mine(_), _)))) {
            plan.stop_mining(told);
        }
        let walked = match (&accepted, action.walk) {
            (Ok(Some((command, _))), Some(_)) if may_block(world, command) => {
                let mut after = world.clone();
                let done = apply(&mut after, command);
                debug_assert!(done.is_ok(), "it was checked");
                check(&after, &Command::Walk(action.walk))
            }
            _ => check(world, &Command::Walk(action.walk)),
        };
        if let Ok(Some((command, text))) = &accepted {
            plan.push(Source::Interaction, text);
            told.is_mining |= matches!(command, Command::Mine(_));
        }
        match walked {
            Ok(()) => plan.walk(Source::Walk, action.walk, told),
            Err(_) => plan.walk(Source::Aside, None, told),
        }
        plan.rejected = [code_of(walked), code_of(accepted.map(drop))];
        Ok(plan)
    }

    /// Decides what is sent of orders, each after what those before it would do.
    pub(in crate::env) fn plan_orders(
        &mut self,
        orders: &[Order],
        told: &mut Told,
    ) -> Result<Plan> {
        self.ensure_running()?;
        check_number(orders)?;
        if self.is_recording {
            self.deeds.push(Deed::Orders(orders.to_vec()));
        }
        self.last_action = None;
        let mut plan = Plan {
            orders: orders.to_vec(),
            ..Plan::default()
        };
        // What the orders do is tried on a copy: the mirror stays what the server reported.
        let mut after = (orders.len() > 1).then(|| self.world.clone());
        for (place, order) in orders.iter().enumerate() {
            let source = Source::Order(place);
            let world = after.as_ref().unwrap_or(&self.world);
            let accepted = order.resolve(world).and_then(|command| {
                check(world, &command)?;
                Ok((command, worded(world, &command)?))
            });
            match &accepted {
                Ok((Command::Walk(direction), _)) => plan.walk(source, *direction, told),
                Ok((Command::StopMining, _)) => plan.stop_mining(told),
                Ok((command, text)) => {
                    plan.push(source, text);
                    told.is_mining |= matches!(command, Command::Mine(_));
                    if let Command::Research { technology } = *command {
                        // The queue of research is not reported; it is what was asked for.
                        let queued = self.world.start_research(technology);
                        debug_assert!(queued.is_ok() || after.is_some(), "it was checked");
                    }
                }
                Err(_) if matches!(order, Order::Walk(_)) => plan.walk(Source::Aside, None, told),
                Err(_) => {}
            }
            if let (Ok((command, _)), Some(world)) = (&accepted, &mut after) {
                let done = apply(world, command);
                debug_assert!(done.is_ok(), "it was checked");
            }
            plan.refusals.push(code_of(accepted.map(drop)));
        }
        Ok(plan)
    }

    /// Judges the step of a plan, whose frame has come.
    pub(in crate::env) fn conclude_plan(&mut self, plan: &mut Plan) -> StepResult {
        if plan.orders.is_empty() {
            self.rejected = plan.rejected;
        } else {
            self.rejected = rejected_of(&plan.orders, &plan.refusals);
        }
        self.refusals = std::mem::take(&mut plan.refusals);
        self.conclude()
    }
}

/// Says whether a command may change where the character can walk in this step.
fn may_block(world: &World, command: &Command) -> bool {
    let Command::Build {
        item,
        position,
        direction,
    } = *command
    else {
        return false;
    };
    let Ok(prototype) = placed_by(item) else {
        return false;
    };
    let direction = built_direction(prototype, direction);
    let place = snapped(prototype, position, direction);
    let mut body = collision_box(prototype, place, direction);
    body.left -= WALK_MARGIN_SUBTILES;
    body.top -= WALK_MARGIN_SUBTILES;
    body.right += WALK_MARGIN_SUBTILES;
    body.bottom += WALK_MARGIN_SUBTILES;
    body.touches(&character_box(world.character.position))
}

/// Words a command as the mod reads it.
///
/// # Errors
/// What the wire has no number for.
fn worded(world: &World, command: &Command) -> std::result::Result<String, RejectReason> {
    let coded = |item| match item_code(item) {
        0 => Err(RejectReason::WrongItem),
        code => Ok(code),
    };
    Ok(match *command {
        Command::Walk(None) => "W -".to_owned(),
        Command::Walk(Some(direction)) => format!("W {}", direction.eighths()),
        Command::Mine(Target::Entity(entity) | Target::Ghost(entity)) => {
            format!("M e {}", entity.unit)
        }
        Command::Mine(Target::Resource(tile)) => format!("M r {} {}", tile.x, tile.y),
        Command::Mine(Target::Pile(place)) => format!("M p {} {}", place.x, place.y),
        Command::StopMining => "S".to_owned(),
        Command::Build {
            item,
            position,
            direction,
        } => {
            let prototype = placed_by(item)?;
            let direction = built_direction(prototype, direction);
            let place = snapped(prototype, position, direction);
            let number = prototype.index();
            format!(
                "B {number} {} {} {}",
                place.x,
                place.y,
                direction.sixteenths()
            )
        }
        Command::Insert {
            entity,
            item,
            count,
        } => {
            let carried = world.character.inventory.count(item);
            let count = count.min(carried).min(stack_size(item));
            format!("I {} {} {count}", entity.unit, coded(item)?)
        }
        Command::Take { entity, only: None } => format!("T {}", entity.unit),
        Command::Take {
            entity,
            only: Some((item, count)),
        } => format!("T {} {} {count}", entity.unit, coded(item)?),
        Command::Craft { recipe, count } => format!("C {} {count}", recipe.index()),
        Command::SetRecipe { entity, recipe } => format!("P {} {}", entity.unit, recipe.index()),
        Command::Rotate { entity } => format!("O {}", entity.unit),
        Command::PlaceGhost {
            prototype,
            position,
            direction,
        } => {
            let direction = built_direction(prototype, direction);
            let place = snapped(prototype, position, direction);
            debug_assert!(prototype.index() < vanilla().entities().len());
            format!(
                "G {} {} {} {}",
                prototype.index(),
                place.x,
                place.y,
                direction.sixteenths()
            )
        }
        Command::RemoveGhost { ghost } => format!("U {}", ghost.unit),
        Command::Research { technology } => format!("R {}", technology.index()),
    })
}
