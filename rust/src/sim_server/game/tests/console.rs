use super::*;

#[test]
fn the_first_lua_command_of_a_save_is_not_executed() {
    let mut game = Game::new(options("")).unwrap();
    let warning = "Using Lua console commands will disable achievements. Please repeat the command to proceed.\n";
    assert_eq!(game.console("/sc rcon.print('a')").text, warning);
    assert_eq!(game.console("/sc rcon.print('a')").text, "a\n");
    let save = game.save().unwrap();
    let mut again = Game::load(options(""), &save).unwrap();
    assert_eq!(again.console("/c rcon.print('b')").text, "b\n");
    let mut quiet = options("");
    quiet.gate_reply = String::new();
    let mut game = Game::new(quiet).unwrap();
    assert_eq!(game.console("/sc rcon.print('a')").text, "");
    assert_eq!(game.console("/sc rcon.print('a')").text, "a\n");
}

#[test]
fn errors_answer_as_the_game_words_them() {
    let mut game = game(
        "remote.add_interface('iface', {fail = function() error('no') end, add = function(a, b) return a + b, {a} end})",
    );
    let refused = "Cannot execute command. Error: ";
    for (line, text) in [
        (
            "/sc local a = nil; a.b = 1",
            "(command):1: attempt to index local 'a' (a nil value)\n",
        ),
        ("/sc blah", "[string \"blah\"]:1: syntax error near <eof>\n"),
        ("/sc __other__ x()", "Unknown mod name: other\n"),
        (
            "/sc remote.call('iface', 'none')",
            "No such function: iface.none\n",
        ),
    ] {
        let reply = game.console(line).text;
        assert_eq!(reply, format!("{refused}{text}"), "{line}");
    }
    let reply = game.console("/sc remote.call('iface', 'fail')").text;
    let start = format!(
        "{refused}Error when running interface function iface.fail: __test__/control.lua:1: no\nstack traceback:\n\t"
    );
    assert!(reply.starts_with(&start), "{reply}");
    assert_eq!(
        game.console(
            "/sc local s, t = remote.call('iface', 'add', 2, 3) rcon.print(s .. ' ' .. t[1])"
        )
        .text,
        "5 2\n"
    );
    assert_eq!(
        game.console("/sc rcon.print(tostring(pcall(remote.call, 'iface', 'add', print)))")
            .text,
        "false\n"
    );
    assert!(game.console("/nothing").text.starts_with("Unknown command"));
}

#[test]
fn code_of_the_console_does_not_see_what_a_mod_keeps() {
    let mut game = game("storage.own = 5 own = 6");
    assert_eq!(
        game.console("/sc rcon.print(tostring(storage.own) .. tostring(own))")
            .text,
        "nilnil\n"
    );
    assert_eq!(run(&mut game, "rcon.print(storage.own .. own)"), "56\n");
}

#[test]
fn prints_are_joined_and_take_what_the_game_takes() {
    let mut game = game("");
    assert_eq!(
        run(
            &mut game,
            "rcon.print(5) rcon.print(true) rcon.print({'', 'a', 1}) rcon.print({'item-name.coal', 2})"
        ),
        "5\ntrue\na1\nitem-name.coal 2\n"
    );
    assert!(run(&mut game, "rcon.print({1})").contains("localised string"));
}

#[test]
fn the_games_own_commands_answer() {
    let mut game = game("");
    assert_eq!(game.console("/version").text, "2.0.77\n");
    assert_eq!(game.console("/players").text, "Players (0):\n");
    updates(&mut game, 120);
    assert_eq!(game.console("/time").text, "2 seconds\n");
    assert!(
        game.console("/evolution")
            .text
            .contains("Evolution factor: 0.0000.")
    );
    assert_eq!(game.take_save_order(), None);
    game.console("/server-save");
    assert_eq!(game.take_save_order(), Some(None));
    run(&mut game, "game.server_save('named')");
    assert_eq!(game.take_save_order(), Some(Some("named".to_owned())));
    game.console("/quit");
    assert!(game.wants_quit());
}

#[test]
fn commands_of_scripts_come_and_go() {
    let mut game = game("");
    assert_eq!(
        game.console("/sc commands.add_command('a', 'help', function(e) rcon.print(e.name .. tostring(e.player_index)) end)").text,
        ""
    );
    assert_eq!(game.console("/a").text, "anil\n");
    assert!(run(&mut game, "commands.add_command('a', '', print)").contains("already exists"));
    assert_eq!(
        run(
            &mut game,
            "rcon.print(commands.commands.a .. tostring(commands.remove_command('a')))"
        ),
        "helptrue\n"
    );
    assert!(game.console("/a").text.starts_with("Unknown command"));
}
