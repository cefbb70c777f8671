use super::*;

#[test]
fn what_is_researched_before_a_force_builds_holds_on_its_surface() {
    let mut game = game(
        "done = {} script.on_event(defines.events.on_research_finished, function(event)
            done[#done + 1] = event.research.name .. tostring(event.by_script) .. event.research.force.name
        end)",
    );
    let code = "f = game.create_force('team') f.technologies['automation'].researched = true
        s = game.create_surface('a', {width = 16, height = 16})
        machine = s.create_entity{name = 'assembling-machine-1', position = {2.5, 2.5}, force = f}
        rcon.print(tostring(f.recipes['assembling-machine-1'].enabled) .. tostring(f.technologies.automation.researched) .. table.concat(done))
        f.reset() rcon.print(tostring(f.recipes['assembling-machine-1'].enabled))";
    assert_eq!(run(&mut game, code), "truetrueautomationtrueteam\nfalse\n");
}

#[test]
fn research_is_queued_and_done_in_labs() {
    let mut game = stage();
    let code = "say(f.add_research('automation'), f.add_research('automation-2'), f.current_research)
        f.technologies['automation-science-pack'].researched = true
        say(f.add_research('automation'), f.current_research.name, f.research_progress, #f.research_queue)
        f.research_progress = 0.5 say(f.research_progress)
        f.cancel_current_research() say(f.current_research, f.technologies.automation.saved_progress)";
    let told = run(&mut game, code);
    assert!(
        told.contains("\ntrue automation 0 1\n0.5\nnil 0.5\n"),
        "{told}"
    );
}

#[test]
fn bonuses_and_relations_are_set_and_read() {
    let mut game = stage();
    let code = "f.manual_mining_speed_modifier = 1 f.inserter_stack_size_bonus = 2
        say(f.manual_mining_speed_modifier, f.inserter_stack_size_bonus, f.mining_drill_productivity_bonus)
        f.set_cease_fire('enemy', true) say(f.get_cease_fire('enemy'), f.get_friend('enemy'), f.is_enemy('enemy'), f.is_enemy('player'))
        f.research_all_technologies() say(f.technologies['logistics-3'].researched, f.recipes['rocket-silo'].enabled)
        say(f.get_entity_count('iron-chest'), make('iron-chest', 3.5, 3.5) and f.get_entity_count('iron-chest'), f.get_entity_count('character'))";
    assert_eq!(
        run(&mut game, code),
        "1 2 0\ntrue false false true\ntrue true\n0 1 1\n"
    );
}

#[test]
fn forces_are_limited_and_merge_at_the_end_of_the_update() {
    let mut game = stage();
    let code = "for number = 1, 60 do game.create_force('n' .. number) end
        local ok, why = pcall(game.create_force, 'one too many') say(ok, why, #game.forces)
        game.merge_forces('n1', 'n2') game.merge_forces(f, 'player') say(f.valid)";
    assert_eq!(
        run(&mut game, code),
        "false Can't create force: there are at most 64 forces. 64\ntrue\n"
    );
    updates(&mut game, 1);
    assert_eq!(
        run(&mut game, "say(f.valid, #game.forces, c.force.name)"),
        "false 62 player\n"
    );
}

#[test]
fn tables_of_the_game_are_gone_through_by_name() {
    let mut game = stage();
    let code = "local names = {} for name, force in pairs(game.forces) do assert(force.name == name) names[#names + 1] = name end
        say(table.concat(names, ','), game.forces[1].name, game.forces.none, #game.surfaces, game.surfaces.stage.index)
        local count = 0 for name, technology in pairs(f.technologies) do count = count + 1 assert(technology.name == name) end
        say(count == #f.technologies, f.technologies.automation.research_unit_ingredients[1].name, f.recipes['iron-gear-wheel'].ingredients[1].amount)
        say(table_size(game.connected_players), #game.players, settings.startup.none)";
    assert_eq!(
        run(&mut game, code),
        "player,enemy,neutral,team player nil 2 2\ntrue automation-science-pack 2\n0 0 nil\n"
    );
}
