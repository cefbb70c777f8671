use super::*;

#[test]
fn a_furnace_tells_what_it_does_and_holds() {
    let mut game = stage();
    let code = "furnace = make('stone-furnace', 5, 5)
        status = {}
        for name, number in pairs(defines.entity_status) do status[number] = name end
        say(status[furnace.status], furnace.get_recipe(), furnace.previous_recipe, furnace.crafting_progress)
        say(furnace.insert{name = 'coal', count = 80}, furnace.insert{name = 'iron-ore', count = 60}, furnace.insert{name = 'wooden-chest', count = 1})
        say(furnace.get_fuel_inventory().get_item_count(), #furnace.get_inventory(defines.inventory.furnace_source))";
    assert_eq!(run(&mut game, code), "no_fuel nil nil 0\n50 50 0\n50 1\n");
    updates(&mut game, 100);
    let code = "say(status[furnace.status], furnace.get_recipe().name, furnace.is_crafting(), furnace.crafting_progress > 0.4, furnace.products_finished)";
    assert_eq!(run(&mut game, code), "working iron-plate true true 0\n");
    updates(&mut game, 200);
    let code = "local result = furnace.get_output_inventory()
        say(result.get_item_count('iron-plate'), result[1].name, result[1].count, result.is_empty(), result.count_empty_stacks())
        local contents = result.get_contents() say(#contents, contents[1].name, contents[1].count, contents[1].quality)
        say(result.remove{name = 'iron-plate', count = 5}, result.is_empty(), result[1].valid_for_read, furnace.products_finished)
        say(f.get_item_production_statistics(s).input_counts['iron-plate'], f.get_item_production_statistics(s).get_output_count('iron-ore'))";
    assert_eq!(
        run(&mut game, code),
        "1 iron-plate 1 false 0\n1 iron-plate 1 normal\n1 true false 1\n1 2\n"
    );
}

#[test]
fn a_recipe_that_changes_hands_back_what_was_inside() {
    let mut game = stage();
    let code = "f.technologies['automation'].researched = true
        local machine = make('assembling-machine-1', 5.5, 5.5)
        say(#machine.set_recipe('iron-gear-wheel'), machine.get_recipe().name, machine.insert{name = 'iron-plate', count = 7})
        local back = machine.set_recipe('copper-cable')
        say(#back, back[1].name, back[1].count, c.get_item_count('iron-plate'))
        say(pcall(machine.set_recipe, 'iron-plate'))
        say(#machine.set_recipe(nil), machine.get_recipe())";
    assert_eq!(
        run(&mut game, code),
        "0 iron-gear-wheel 7\n1 iron-plate 7 0\nfalse assembling-machine-1 cannot make iron-plate\n0 nil nil\n"
    );
}

#[test]
fn energy_over_its_buffer_is_the_share_of_demand_that_was_met() {
    let mut game = stage();
    let code = "make('electric-energy-interface', -10, -10) make('medium-electric-pole', -7.5, -10.5)
        lab = make('lab', -5.5, -10.5) alone = make('lab', 10.5, 10.5)
        say(lab.is_connected_to_electric_network(), alone.is_connected_to_electric_network(), alone.electric_network_id, c.electric_buffer_size)";
    assert_eq!(run(&mut game, code), "true false nil nil\n");
    updates(&mut game, 5);
    let code =
        "say(lab.energy / lab.electric_buffer_size, alone.energy, lab.electric_buffer_size > 0)
        local pole = s.find_entities_filtered{type = 'electric-pole'}[1]
        say(pole.electric_network_id == lab.electric_network_id)";
    assert_eq!(run(&mut game, code), "1 0 true\ntrue\n");
}

#[test]
fn belts_tell_their_lanes_front_first() {
    let mut game = stage();
    let code = "belt = make('transport-belt', 4.5, 4.5, {direction = defines.direction.east})
        local left, right = belt.get_transport_line(1), belt.get_transport_line(2)
        say(belt.get_max_transport_line_index(), #left, left.line_length)
        say(left.insert_at(0.25, {name = 'coal'}), left.insert_at(0.75, 'iron-ore'), right.insert_at(0.5, 'stone'))
        say(#left, left[1].name, left[2].name, right.get_contents()[1].name, belt.get_item_count('coal'), belt.get_item_count())
        local detail = left.get_detailed_contents() say(#detail, detail[1].stack.name, detail[1].position < detail[2].position)
        say(left.remove_item{name = 'coal', count = 9}, #left, belt.remove_item{name = 'stone', count = 1}, #right)
        say(pcall(belt.get_transport_line, 3)) say(belt.direction, belt.rotate(), belt.direction)";
    assert_eq!(
        run(&mut game, code),
        "2 0 1\ntrue true true\n2 coal iron-ore stone 1 3\n2 coal true\n1 1 1 0\n\
         false the entity has transport lines 1 to 2, not 3\n4 true 8\n"
    );
}

#[test]
fn drills_and_inserters_tell_where_they_reach() {
    let mut game = stage();
    let code = "s.create_entity{name = 'iron-ore', position = {4.5, 4.5}, amount = 30}
        drill = make('burner-mining-drill', 5, 5) drill.insert{name = 'coal', count = 5}
        arm = make('burner-inserter', 10.5, 4.5)
        say(drill.mining_target.name, drill.mining_progress, drill.drop_position.x, arm.pickup_position.y, arm.drop_position.y > 5)
        say(arm.held_stack.valid_for_read, pcall(function() return arm.mining_target end))";
    let told = run(&mut game, code);
    assert!(
        told.starts_with("iron-ore 0 4.5 3.5 true\nfalse false (command):"),
        "{told}"
    );
    updates(&mut game, 300);
    assert_eq!(
        run(
            &mut game,
            "say(s.find_entities_filtered{name = 'iron-ore'}[1].amount, s.count_entities_filtered{type = 'item-entity'})"
        ),
        "29 1\n"
    );
}

#[test]
fn numbers_of_entities_are_never_used_again() {
    let mut game = stage();
    let code = "local seen = {}
        for turn = 1, 3 do
            local chest = make('iron-chest', 3.5, 3.5)
            assert(not seen[chest.unit_number]) seen[chest.unit_number] = true
            assert(chest == s.find_entity('iron-chest', {3.5, 3.5}))
            chest.destroy() assert(not chest.valid)
        end
        local other = game.create_surface('other', {width = 16, height = 16})
        local team = game.create_force('two')
        local chest = other.create_entity{name = 'iron-chest', position = {3.5, 3.5}, force = team}
        say(seen[chest.unit_number], chest.surface.name, chest.force.name)
        s.create_entity{name = 'coal', position = {5.5, 5.5}, amount = 3}
        say(s.find_entity('coal', {5.5, 5.5}).unit_number, c.unit_number ~= nil, game.get_entity_by_unit_number(c.unit_number) == c)";
    assert_eq!(run(&mut game, code), "nil other two\nnil true true\n");
}

#[test]
fn fluids_are_told_by_box_and_by_name() {
    let mut game = stage();
    let code = "local tank = make('storage-tank', 5.5, 5.5)
        say(tank.insert_fluid{name = 'water', amount = 100}, tank.get_fluid_count(), tank.get_fluid_count('steam'))
        say(tank.get_fluid_contents().water, #tank.fluidbox, tank.fluidbox[1].name, tank.fluids_count, tank.fluidbox.get_capacity(1))";
    assert_eq!(run(&mut game, code), "100 100 0\n100 1 water 1 25000\n");
}

#[test]
fn health_is_read_and_written() {
    let mut game = stage();
    let code = "local chest = make('iron-chest', 3.5, 3.5)
        say(chest.health, chest.max_health) chest.health = 50 say(chest.health)
        chest.die() say(chest.valid, c.health, c.max_health)
        local ore = s.create_entity{name = 'coal', position = {5.5, 5.5}, amount = 3}
        say(ore.health, ore.amount) ore.amount = 9 say(ore.amount, pcall(function() return c.amount end))";
    let told = run(&mut game, code);
    assert!(
        told.starts_with("200 200\n50\nfalse 250 250\nnil 3\n9 false (command):"),
        "{told}"
    );
}
