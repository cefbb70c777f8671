use super::*;

#[test]
fn a_character_walks_until_it_is_told_otherwise() {
    let mut game = stage();
    run(
        &mut game,
        "c.walking_state = {walking = true, direction = defines.direction.east}",
    );
    updates(&mut game, 10);
    assert_eq!(
        run(
            &mut game,
            "say(c.position.x, c.walking_state.walking, c.walking_state.direction) c.walking_state = {walking = false}"
        ),
        "1.484375 true 4\n"
    );
    updates(&mut game, 10);
    assert_eq!(
        run(
            &mut game,
            "say(c.position.x, c.walking_state.walking, c.teleport{-3, 2}, c.position.x, c.position.y)"
        ),
        "1.484375 false true -3 2\n"
    );
}

#[test]
fn a_character_mines_what_is_selected() {
    let mut game = stage();
    let code = "s.create_entity{name = 'iron-ore', position = {1.5, 0.5}, amount = 30}
        c.update_selected_entity{1.5, 0.5} say(c.selected.name)
        c.mining_state = {mining = true, position = {1.5, 0.5}} say(c.mining_state.mining)";
    assert_eq!(run(&mut game, code), "iron-ore\ntrue\n");
    updates(&mut game, 60);
    assert_eq!(
        run(
            &mut game,
            "say(c.character_mining_progress > 0.4, c.get_item_count('iron-ore'))"
        ),
        "true 0\n"
    );
    updates(&mut game, 61);
    assert_eq!(
        run(
            &mut game,
            "say(c.get_item_count('iron-ore'), c.mining_state.mining) c.mining_state = {mining = false} say(c.mining_state.mining)"
        ),
        "1 true\nfalse\n"
    );
    let code = "local chest = make('iron-chest', -2.5, 0.5) chest.insert{name = 'coal', count = 4}
        say(c.mine_entity(chest), c.get_item_count('coal'), c.get_item_count('iron-chest'), chest.valid)
        local ore = s.find_entity('iron-ore', {1.5, 0.5})
        say(ore.amount, ore.mine{inventory = c.get_main_inventory()}, ore.amount, c.get_item_count('iron-ore'))";
    assert_eq!(run(&mut game, code), "true 4 1 false\n29 false 28 2\n");
}

#[test]
fn hands_craft_with_what_they_carry() {
    let mut game = stage();
    let code = "c.insert{name = 'iron-plate', count = 10}
        say(c.get_craftable_count('iron-gear-wheel'), c.begin_crafting{count = 3, recipe = 'iron-gear-wheel'}, c.get_item_count('iron-plate'))
        say(c.crafting_queue_size, c.crafting_queue[1].recipe, c.crafting_queue[1].count, c.crafting_queue[1].prerequisite)
        c.cancel_crafting{index = 1, count = 1} say(c.crafting_queue[1].count, c.get_item_count('iron-plate'))";
    assert_eq!(
        run(&mut game, code),
        "5 3 4\n1 iron-gear-wheel 3 false\n2 6\n"
    );
    updates(&mut game, 62);
    assert_eq!(
        run(
            &mut game,
            "say(c.get_item_count('iron-gear-wheel'), c.crafting_queue, c.crafting_queue_progress, c.begin_crafting{count = 9, recipe = 'iron-gear-wheel'})"
        ),
        "2 nil 0 3\n"
    );
}

#[test]
fn reach_is_that_of_the_prototype() {
    let mut game = stage();
    let code = "say(c.reach_distance, c.build_distance, c.resource_reach_distance, c.can_reach_entity(make('iron-chest', 9.5, 0.5)), c.can_reach_entity(make('iron-chest', 14.5, 0.5)))
        local chest = make('iron-chest', 3.5, 3.5) say(chest.reach_distance, #c.get_main_inventory(), c.get_inventory(defines.inventory.character_main) == c.get_main_inventory())
        say(pcall(function() return chest.walking_state end))
        say(c.can_place_entity{name = 'iron-chest', position = {5.5, 5.5}}, c.can_place_entity{name = 'iron-chest', position = {15.5, 15.5}})";
    let told = run(&mut game, code);
    assert!(
        told.starts_with("10 10 2.7 true false\n4294967295 80 true\nfalse (command):"),
        "{told}"
    );
    assert!(told.ends_with("\ntrue false\n"), "{told}");
}

#[test]
fn inventories_take_and_give() {
    let mut game = stage();
    let code = "local pockets = c.get_main_inventory()
        say(pockets.insert{name = 'coal', count = 120}, pockets.get_item_count('coal'), pockets.count_empty_stacks(), pockets[3].count)
        pockets[3].count = 5 say(pockets.get_item_count('coal'), pockets.can_insert{name = 'coal', count = 1}, pockets.find_item_stack('coal').name)
        say(pockets.remove{name = 'coal', count = 200}, pockets.is_empty(), pcall(function() return pockets[81] end))";
    let told = run(&mut game, code);
    assert!(
        told.starts_with("120 120 77 20\n105 true coal\n105 true false"),
        "{told}"
    );
    assert!(told.contains("Inventory index out of range: 81"), "{told}");
}
