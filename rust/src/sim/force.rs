//! The force: what it has researched, which recipes it may use, and the bonuses that follow.

use serde::{Deserialize, Serialize};

use crate::prototypes::{
    EntityPrototypeId, RecipeId, Technology, TechnologyEffect, TechnologyId, vanilla,
};

/// Effects that nothing in the simulation could show: the mechanics they act on (robots, trains, artillery, wires,
/// cliffs, ghosts of the destroyed, logistic requests) are absent.
pub const ABSENT_EFFECTS: [&str; 11] = [
    "artillery-range",
    "character-logistic-requests",
    "character-logistic-trash-slots",
    "cliff-deconstruction-enabled",
    "create-ghost-on-entity-death",
    "maximum-following-robots-count",
    "train-braking-force-bonus",
    "unlock-circuit-network",
    "vehicle-logistics",
    "worker-robot-speed",
    "worker-robot-storage",
];

/// The player's force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Force {
    /// Recipes that may be used, by recipe index.
    pub enabled_recipes: Vec<bool>,
    /// Technologies that are researched; of one with levels, how many.
    pub researched: Vec<u32>,
    pub bonuses: Bonuses,
}

/// What research adds to; each starts at 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bonuses {
    /// Items more that an inserter's hand holds.
    pub inserter_stack_size: u32,
    /// Items more that a bulk inserter's hand holds.
    pub bulk_inserter_capacity: u32,
    /// Share by which labs are faster.
    pub laboratory_speed: f64,
    /// Share by which drills yield more.
    pub mining_drill_productivity: f64,
    /// Share by which the character mines faster.
    pub character_mining_speed: f64,
    /// Share by which the character crafts faster; no technology of the base game gives it.
    pub manual_crafting_speed: f64,
    /// Slots that the character's inventory gains.
    pub character_inventory_slots: u32,
    /// Whether drills may mine what takes a fluid.
    pub mining_with_fluid: bool,
    /// Share by which ammunition does more damage, by category.
    pub ammo_damage: Vec<(String, f64)>,
    /// Share by which weapons fire faster, by category of ammunition.
    pub gun_speed: Vec<(String, f64)>,
    /// Share by which turrets do more damage.
    pub turret_attack: Vec<(EntityPrototypeId, f64)>,
}

impl Force {
    /// Makes the force as it is at the start of a game, keeping memory.
    pub fn reset(&mut self) {
        let recipes = vanilla().recipes();
        self.enabled_recipes.clear();
        self.enabled_recipes
            .extend(recipes.iter().map(|recipe| recipe.enabled));
        self.researched.clear();
        self.bonuses = Bonuses::default();
    }

    /// Says whether a recipe may be used.
    pub fn is_enabled(&self, recipe: RecipeId) -> bool {
        self.enabled_recipes
            .get(recipe.index())
            .copied()
            .unwrap_or(false)
    }

    /// Says whether a technology is researched.
    pub fn is_researched(&self, technology: TechnologyId) -> bool {
        self.levels_of(technology) > 0
    }

    /// Counts the levels of a technology that are researched; 0 or 1 for those without levels.
    pub fn levels_of(&self, technology: TechnologyId) -> u32 {
        self.researched
            .get(technology.index())
            .copied()
            .unwrap_or(0)
    }

    /// Grants a technology with its effects, whether or not its prerequisites are researched.
    ///
    /// One that is researched already and has no further level changes nothing.
    pub fn research(&mut self, technology: TechnologyId) {
        let facts: &Technology = &vanilla()[technology];
        if self.researched.is_empty() {
            self.researched.resize(vanilla().technologies().len(), 0);
        }
        let levels = &mut self.researched[technology.index()];
        if *levels > 0 && !facts.is_infinite {
            return;
        }
        *levels += 1;
        for effect in &facts.effects {
            self.apply(effect);
        }
    }

    fn apply(&mut self, effect: &TechnologyEffect) {
        match effect {
            TechnologyEffect::UnlockRecipe(recipe) => {
                if let Some(enabled) = self.enabled_recipes.get_mut(recipe.index()) {
                    *enabled = true;
                }
            }
            TechnologyEffect::Modifier {
                kind,
                amount,
                ammo_category,
                turret,
            } => self
                .bonuses
                .add(kind, *amount, ammo_category.as_deref(), *turret),
        }
    }
}

impl Bonuses {
    /// Adds to the bonus that the game calls `kind`; [`ABSENT_EFFECTS`] are passed over.
    fn add(
        &mut self,
        kind: &str,
        amount: f64,
        ammo_category: Option<&str>,
        turret: Option<EntityPrototypeId>,
    ) {
        match kind {
            "inserter-stack-size-bonus" => self.inserter_stack_size += amount as u32,
            "bulk-inserter-capacity-bonus" => self.bulk_inserter_capacity += amount as u32,
            "laboratory-speed" => self.laboratory_speed += amount,
            "mining-drill-productivity-bonus" => self.mining_drill_productivity += amount,
            "character-mining-speed" => self.character_mining_speed += amount,
            "character-inventory-slots-bonus" => self.character_inventory_slots += amount as u32,
            "mining-with-fluid" => self.mining_with_fluid = true,
            "ammo-damage" => add_by_key(
                &mut self.ammo_damage,
                ammo_category.unwrap_or_default(),
                amount,
            ),
            "gun-speed" => add_by_key(
                &mut self.gun_speed,
                ammo_category.unwrap_or_default(),
                amount,
            ),
            "turret-attack" => {
                if let Some(turret) = turret {
                    match self.turret_attack.iter_mut().find(|(id, _)| *id == turret) {
                        Some((_, sum)) => *sum += amount,
                        None => self.turret_attack.push((turret, amount)),
                    }
                }
            }
            _ => {}
        }
    }

    /// Reads the share by which ammunition of `category` does more damage.
    pub fn ammo_damage(&self, category: &str) -> f64 {
        sum_of(&self.ammo_damage, category)
    }

    /// Reads the share by which weapons with ammunition of `category` fire faster.
    pub fn gun_speed(&self, category: &str) -> f64 {
        sum_of(&self.gun_speed, category)
    }

    /// Reads the share by which turrets of a prototype do more damage.
    pub fn turret_attack(&self, turret: EntityPrototypeId) -> f64 {
        self.turret_attack
            .iter()
            .find(|(id, _)| *id == turret)
            .map_or(0.0, |(_, sum)| *sum)
    }
}

fn add_by_key(sums: &mut Vec<(String, f64)>, key: &str, amount: f64) {
    match sums.iter_mut().find(|(known, _)| known == key) {
        Some((_, sum)) => *sum += amount,
        None => sums.push((key.to_owned(), amount)),
    }
}

fn sum_of(sums: &[(String, f64)], key: &str) -> f64 {
    sums.iter()
        .find(|(known, _)| known == key)
        .map_or(0.0, |(_, sum)| *sum)
}

impl super::world::World {
    /// Lets everything look again at what the force may do and has as bonuses, after research.
    pub(super) fn force_changed(&mut self) {
        let slots =
            vanilla().character().inventory_size + self.force.bonuses.character_inventory_slots;
        self.character.inventory.grow(slots as usize);
        let machines: Vec<_> = self
            .entities
            .iter()
            .filter(|(_, entity)| entity.body != super::entity::Body::Plain)
            .filter_map(|(slot, _)| self.reference(slot))
            .collect();
        for machine in machines {
            self.wake(machine);
        }
        self.changes.contents = true;
    }
}
