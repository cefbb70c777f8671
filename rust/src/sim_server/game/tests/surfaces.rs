use super::*;

#[test]
fn searches_take_names_types_areas_radii_and_limits() {
    let mut game = stage();
    let code = "make('wooden-chest', 3.5, 0.5) make('iron-chest', 5.5, 0.5) make('stone-furnace', -5, -5)
        make('tree-01', 8.5, 8.5)
        s.create_entity{name = 'iron-ore', position = {10.5, 2.5}, amount = 40}
        s.create_entity{name = 'coal', position = {11.5, 2.5}, amount = 60}
        s.create_entity{name = 'entity-ghost', inner_name = 'lab', position = {-8.5, 8.5}, force = f}
        s.create_entity{name = 'item-on-ground', position = {-3.5, 6.5}, stack = {name = 'coal', count = 9}}
        local function count(filter) return s.count_entities_filtered(filter) end
        say(count{}, count{name = 'iron-chest'}, count{name = {'iron-chest', 'wooden-chest'}}, count{name = {}})
        say(count{type = 'container'}, count{type = 'resource'}, count{type = 'container', invert = true})
        say(count{ghost_name = 'lab'}, count{type = 'entity-ghost'}, count{ghost_type = 'container'}, count{type = 'item-entity'})
        say(count{force = f}, count{force = 'neutral'}, count{area = {{3, 0}, {5, 1}}}, count{position = {5.4, 0.6}})
        say(count{position = {4.5, 0.5}, radius = 1}, count{limit = 2}, count{type = 'container', limit = 1})
        local found = s.find_entities_filtered{type = {'container', 'resource'}}
        say(#found, found[1].name, found[2].name, found[3].name, found[4].amount)
        say(s.find_entity('iron-chest', {5.5, 0.5}).position.x, s.find_entity('lab', {0, 0}))
        local counts = s.get_resource_counts() say(counts['iron-ore'], counts.coal, counts.stone)";
    assert_eq!(
        run(&mut game, code),
        "9 1 2 0\n2 2 7\n1 1 0 1\n5 4 1 1\n2 2 1\n4 wooden-chest iron-chest iron-ore 60\n5.5 nil\n40 60 nil\n"
    );
}

#[test]
fn places_are_checked_as_a_hand_would() {
    let mut game = stage();
    let code = "local manual = defines.build_check_type.manual
        local function can(name, x, y, type) return s.can_place_entity{name = name, position = {x, y}, force = f, build_check_type = type} end
        say(can('iron-chest', 0.5, 0.5), can('iron-chest', 0.5, 0.5, manual), can('iron-chest', 40, 0), can('iron-ore', 3.5, 3.5))
        make('iron-chest', 3.5, 3.5)
        say(can('iron-chest', 3.5, 3.5), make('iron-chest', 3.5, 3.5), can('iron-chest', 4.5, 3.5, manual))
        s.set_tiles({{name = 'water', position = {6, 6}}})
        say(can('iron-chest', 6.5, 6.5), s.get_tile(6.5, 6.9).name, s.get_tile{6, 7}.name, s.get_tile(99, 0).name)
        say(s.count_tiles_filtered{name = 'water'}, #s.find_tiles_filtered{area = {{6, 6}, {8, 8}}}, s.can_fast_replace{name = 'iron-chest', position = {3.5, 3.5}})
        local ok, why = pcall(s.create_entity, {name = 'iron-chest', position = {9.5, 9.5}})
        say(ok, why)";
    assert_eq!(
        run(&mut game, code),
        "true false false true\nfalse nil true\nfalse water grass-1 out-of-map\n1 4 false\n\
         false an entity without a force is the enemy's, which builds nothing on this server: pass force\n"
    );
}

#[test]
fn ghosts_are_fulfilled_by_what_is_built_over_them() {
    let mut game = stage();
    let code = "local ghost = make('entity-ghost', 4.5, 4.5, {inner_name = 'iron-chest'})
        say(ghost.name, ghost.ghost_name, ghost.ghost_prototype.name, ghost.type, ghost.status == defines.entity_status.ghost)
        say(make('entity-ghost', 4.5, 4.5, {inner_name = 'iron-chest'}))
        make('iron-chest', 4.5, 4.5)
        say(ghost.valid)
        local other = make('entity-ghost', -4.5, 4.5, {inner_name = 'iron-chest'})
        other.revive{}
        say(other.valid, s.count_entities_filtered{name = 'iron-chest'})";
    assert_eq!(
        run(&mut game, code),
        "entity-ghost iron-chest iron-chest entity-ghost true\nnil\nfalse\nfalse 2\n"
    );
}

#[test]
fn chunks_are_generated_when_they_are_asked_for() {
    let mut game = game(
        "seen = 0 script.on_event(defines.events.on_chunk_generated, function(event) seen = seen + 1 last = event.position.x end)",
    );
    run(&mut game, STAGE);
    let code = "say(s.is_chunk_generated{0, 0})
        s.request_to_generate_chunks({0, 0}, 1) s.force_generate_chunk_requests()
        say(s.is_chunk_generated{0, 0}, s.is_chunk_generated{-1, 1}, s.is_chunk_generated{2, 0}, seen)";
    assert_eq!(run(&mut game, code), "false\ntrue true false 9\n");
}

#[test]
fn a_cleared_surface_keeps_its_name_and_loses_its_things() {
    let mut game = stage();
    run(
        &mut game,
        "chest = make('iron-chest', 3.5, 3.5) s.clear() f.technologies.automation.researched = true",
    );
    assert_eq!(run(&mut game, "say(chest.valid, s.valid)"), "true true\n");
    updates(&mut game, 1);
    let code = "say(chest.valid, s.valid, s.name, c.valid, #s.find_entities_filtered{})
        local again = make('iron-chest', 3.5, 3.5)
        say(again.unit_number ~= nil, chest.valid, f.technologies.automation.researched)";
    assert_eq!(
        run(&mut game, code),
        "false true stage false 0\ntrue false true\n"
    );
}

#[test]
fn a_surface_holds_things_of_one_force() {
    let mut game = stage();
    let code = "local other = game.create_force('other')
        local ok, why = pcall(s.create_entity, {name = 'iron-chest', position = {3.5, 3.5}, force = other})
        say(ok, why)";
    assert_eq!(
        run(&mut game, code),
        "false a surface of this server has things of one force, here \"team\", not \"other\" too\n"
    );
}

#[test]
fn objects_are_told_when_they_are_gone() {
    let mut game = game(
        "seen = {} script.on_event(defines.events.on_object_destroyed, function(event)
            seen[#seen + 1] = event.registration_number .. ':' .. event.useful_id .. ':' .. event.type
        end)",
    );
    run(&mut game, STAGE);
    let code = "local chest = make('iron-chest', 3.5, 3.5)
        local number, useful, kind = script.register_on_object_destroyed(chest)
        local again = script.register_on_object_destroyed(chest)
        say(number, again, useful == chest.unit_number, kind == defines.target_type.entity)
        expected = number .. ':' .. useful .. ':' .. kind
        chest.destroy() say(#seen)";
    assert_eq!(run(&mut game, code), "1 1 true true\n0\n");
    updates(&mut game, 1);
    assert_eq!(
        run(&mut game, "say(#seen, seen[1] == expected)"),
        "1 true\n"
    );
}

#[test]
fn built_things_are_told_through_filters() {
    let mut game = game(
        "seen = {} script.on_event(defines.events.script_raised_built, function(event) seen[#seen + 1] = event.entity.name end,
            {{filter = 'type', type = 'container'}})",
    );
    run(&mut game, STAGE);
    let code = "make('iron-chest', 3.5, 3.5, {raise_built = true}) make('lab', 8.5, 8.5, {raise_built = true})
        make('iron-chest', 5.5, 3.5) say(table.concat(seen, ' '))";
    assert_eq!(run(&mut game, code), "iron-chest\n");
}
