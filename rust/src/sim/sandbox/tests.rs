//! What a sandbox promises beyond what its Python tests cover: undoing, supplies, wires.

use super::settings::Settings;
use super::*;

fn world() -> World {
    create(64, 64, 0, "grass-1").expect("the size is allowed")
}

fn built(world: &mut World, name: &str, position: (f64, f64), direction: &str) -> EntityRef {
    place(world, name, position, direction, &Settings::default()).expect("there is room")
}

#[test]
fn a_placement_that_fails_leaves_the_state_as_it_was() {
    let mut world = world();
    built(&mut world, "wooden-chest", (0.5, 0.5), "north");
    let before = (world.entities.len(), world.awake_count());
    let settings = Settings {
        items: vec![("coal".to_owned(), 1), ("iron-plate".to_owned(), 1)],
        ..Settings::default()
    };
    let error = place(&mut world, "stone-furnace", (4.0, 4.0), "north", &settings);
    assert_eq!(
        error.map_err(|error| (error.kind(), error.to_string())),
        Err((
            ErrorKind::InvalidValue,
            "\"stone-furnace\" at (4, 4): it takes 0 of 1 \"iron-plate\"".to_owned()
        ))
    );
    assert_eq!((world.entities.len(), world.awake_count()), before);
    assert!(world.entity_at(TilePos::new(4, 4)).is_none());
}

#[test]
fn a_belt_kept_full_gives_a_full_lane_at_every_speed() {
    for (name, items) in [
        ("transport-belt", 15),
        ("fast-transport-belt", 30),
        ("express-transport-belt", 45),
    ] {
        let mut world = world();
        let belts: Vec<EntityRef> = (0..20)
            .map(|step| built(&mut world, name, (f64::from(step) - 9.5, 0.5), "east"))
            .collect();
        supplies::keep_full(&mut world, belts[0], "iron-plate", None).unwrap();
        supplies::keep_empty(&mut world, belts[19]).unwrap();
        run(&mut world, 1_200);
        let before = supplies::moved(&world, belts[19]).unwrap()["iron-plate"];
        run(&mut world, 600);
        let after = supplies::moved(&world, belts[19]).unwrap()["iron-plate"];
        assert!(
            (after - before - f64::from(items * 10)).abs() <= 1.0,
            "{name}: {} in ten seconds",
            after - before
        );
    }
}

#[test]
fn a_lane_kept_full_leaves_the_other_alone() {
    let mut world = world();
    let belt = built(&mut world, "transport-belt", (0.5, 0.5), "east");
    supplies::keep_full(&mut world, belt, "coal", Some(2)).unwrap();
    run(&mut world, 100);
    let lanes = belts::lane_items(&world, belt).unwrap();
    assert_eq!(lanes[0], []);
    assert_eq!(
        lanes[1],
        [("coal", 0), ("coal", 64), ("coal", 128), ("coal", 192)]
    );
    let error = supplies::keep_full(&mut world, belt, "coal", Some(3)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a belt has the lanes 1 (left of travel) and 2, not 3"
    );
}

#[test]
fn supplies_go_with_their_entities_and_through_snapshots() {
    let mut world = world();
    let chest = built(&mut world, "infinity-chest", (0.5, 0.5), "north");
    let other = built(&mut world, "wooden-chest", (2.5, 0.5), "north");
    supplies::keep_full(&mut world, other, "stone", None).unwrap();
    assert_eq!(
        contents::inventory(&world, other, None).unwrap()["stone"],
        800
    );
    contents::take(&mut world, other, "stone", 70).unwrap();
    let mut restored = World::restore(&world.snapshot()).expect("the bytes are right");
    run(&mut restored, 1);
    assert_eq!(
        contents::inventory(&restored, other, None).unwrap()["stone"],
        800
    );
    let moved = supplies::moved(&restored, other).unwrap()["stone"];
    assert!((moved - 870.0).abs() < 1e-9, "{moved}");
    remove(&mut world, chest).unwrap();
    remove(&mut world, other).unwrap();
    run(&mut world, 1);
    assert!(world.supplies.is_empty());
}

#[test]
fn closed_slots_take_nothing() {
    let mut world = world();
    let chest = built(&mut world, "wooden-chest", (0.5, 0.5), "north");
    let Body::Chest(index) = world.entity(chest).unwrap().body else {
        panic!("it is a chest");
    };
    world.chests.get_mut(index).unwrap().close_from(Some(2));
    assert_eq!(contents::insert(&mut world, chest, "coal", 500), Ok(100));
    let text = exchange::export(&world, ((0.0, 0.0), (1.0, 1.0))).unwrap();
    let copy = exchange::import(&mut world, &text, (5.0, 5.0), false).unwrap()[0];
    assert_eq!(contents::insert(&mut world, copy, "coal", 500), Ok(100));
}

#[test]
fn blueprints_keep_wires_as_they_are() {
    let mut world = world();
    let poles: Vec<EntityRef> = (0..3)
        .map(|step| {
            let place = (f64::from(step) * 3.0 + 0.5, 0.5);
            built(&mut world, "small-electric-pole", place, "north")
        })
        .collect();
    // Cut so that the third stands alone.
    world.power.disconnect_all(poles[2].slot);
    world.settle();
    assert_eq!(world.power.networks().count(), 2);
    let text = exchange::export(&world, ((0.0, 0.0), (7.0, 1.0))).unwrap();
    let mut other = create(64, 64, 0, "grass-1").unwrap();
    let copies = exchange::import(&mut other, &text, (-10.0, 0.0), false).unwrap();
    assert_eq!(other.power.networks().count(), 2);
    assert_eq!(other.power.wires_of(copies[0].slot), [copies[1].slot]);
    assert!(other.power.wires_of(copies[2].slot).is_empty());
    assert_eq!(
        exchange::export(&other, ((-10.0, 0.0), (-3.0, 1.0))),
        Ok(text)
    );
}

#[test]
fn absent_things_in_a_blueprint_are_refused_or_left_out() {
    let mut world = world();
    let text = blueprint_of(&["wooden-chest", "constant-combinator"]);
    let error = exchange::import(&mut world, &text, (0.0, 0.0), false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AbsentMechanic);
    assert!(world.entities.is_empty());
    let built = exchange::import(&mut world, &text, (0.0, 0.0), true).unwrap();
    assert_eq!(built.len(), 1);
}

/// Writes a blueprint of entities side by side, one tile each.
fn blueprint_of(names: &[&str]) -> String {
    let entities: Vec<serde_json::Value> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            serde_json::json!({
                "entity_number": index + 1,
                "name": name,
                "position": {"x": index as f64 + 0.5, "y": 0.5},
            })
        })
        .collect();
    let document = super::super::blueprint::Blueprint {
        entities: serde_json::from_value(serde_json::Value::Array(entities)).unwrap(),
        version: Some(562_949_958_139_904),
        ..super::super::blueprint::Blueprint::default()
    };
    super::super::blueprint::encode(&document.into()).unwrap()
}
