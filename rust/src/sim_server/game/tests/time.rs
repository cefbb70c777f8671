use super::*;

#[test]
fn handlers_see_the_tick_before_entities_are_updated_and_count_down_after() {
    let mut game = game(
        "seen = {}
        script.on_event(defines.events.on_tick, function(event)
            seen[#seen + 1] = event.tick .. '/' .. game.tick .. '/' .. game.ticks_to_run
        end)",
    );
    run(&mut game, "game.tick_paused = true game.ticks_to_run = 3");
    let ran: Vec<bool> = (0..5).map(|_| game.update().unwrap()).collect();
    assert_eq!(ran, [true, true, true, false, false]);
    assert_eq!(
        run(&mut game, "rcon.print(table.concat(seen, ' '))"),
        "0/0/3 1/1/2 2/2/1\n"
    );
    assert_eq!(
        run(
            &mut game,
            "rcon.print(game.tick .. ' ' .. game.ticks_played .. ' ' .. game.ticks_to_run .. tostring(game.tick_paused))"
        ),
        "3 5 0true\n"
    );
    assert!(!game.is_running());
}

#[test]
fn all_handlers_of_nth_ticks_are_called_at_tick_0() {
    let mut game = game(
        "seen = {}
        script.on_nth_tick({2, 3}, function(event) seen[#seen + 1] = event.nth_tick .. '@' .. event.tick end)",
    );
    updates(&mut game, 5);
    assert_eq!(
        run(&mut game, "rcon.print(table.concat(seen, ' '))"),
        "2@0 3@0 2@2 3@3 2@4\n"
    );
}

#[test]
fn speed_has_a_least_value() {
    let mut game = game("");
    run(&mut game, "game.speed = 10");
    assert_eq!(game.speed().to_bits(), 10.0_f64.to_bits());
    let refused = run(&mut game, "game.speed = 0");
    assert!(
        refused.contains("game.speed must be at least 0.01, not 0"),
        "{refused}"
    );
}

#[test]
fn an_error_in_a_handler_ends_the_game_with_its_text() {
    let mut game = game(
        "script.on_event(defines.events.on_tick, function(event) if event.tick == 1 then error('no') end end)",
    );
    assert!(game.update().unwrap());
    let error = game.update().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "Exception at tick 1: The mod test (1.2.3) caused a non-recoverable error.\n\
             Please report this error to the mod author.\n\n\
             Error while running event test::on_tick (ID 0)\n__test__/control.lua:1: no"
        ),
        "{error}"
    );
    assert_eq!(
        game.update().unwrap_err().to_string(),
        error,
        "it stays down"
    );
}

#[test]
fn deletions_wait_for_the_end_of_the_update_and_are_told_even_while_paused() {
    let mut game = game(
        "seen = {}
        for _, name in ipairs{'on_surface_created', 'on_pre_surface_deleted', 'on_surface_deleted'} do
            script.on_event(defines.events[name], function(event) seen[#seen + 1] = name .. event.surface_index end)
        end",
    );
    let code = "game.tick_paused = true
        local a = game.create_surface('a', {width = 8, height = 8})
        old = a
        rcon.print(tostring(game.delete_surface(a)) .. tostring(a.valid) .. tostring(game.delete_surface('nauvis')))";
    assert_eq!(run(&mut game, code), "truetruefalse\n");
    updates(&mut game, 1);
    let code = "local b = game.create_surface('b', {width = 8, height = 8})
        rcon.print(tostring(old.valid) .. ' ' .. b.index .. ' ' .. tostring(old == b))
        rcon.print(table.concat(seen, ' '))";
    assert_eq!(
        run(&mut game, code),
        "false 2 false\non_surface_created2 on_pre_surface_deleted2 on_surface_deleted2 on_surface_created2\n"
    );
}
