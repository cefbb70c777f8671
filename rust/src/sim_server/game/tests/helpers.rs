use super::*;
use crate::lua::GameLine;
use crate::sim_server::game::{Datagram, GameError};

#[test]
fn json_and_compression_go_both_ways() {
    let mut game = game("");
    let code = r#"local json = helpers.table_to_json{a = 1, b = {1, 2.5, "x"}, c = {}, d = true}
        rcon.print(json)
        local back = helpers.json_to_table(json) rcon.print(back.b[3] .. back.a .. tostring(helpers.json_to_table("{")))
        rcon.print(helpers.json_to_table("5") .. tostring(helpers.json_to_table("null")))
        local packed = helpers.encode_string("hello\0there") rcon.print(packed:sub(1, 2) .. #helpers.decode_string(packed) .. tostring(helpers.decode_string("!")))
        rcon.print(helpers.compare_versions("2.0.9", "2.0.10") .. helpers.compare_versions("2.1", "2.0.99") .. helpers.compare_versions("1.1.0", "1.1") .. helpers.game_version)
        rcon.print(helpers.direction_to_string(defines.direction.east))"#;
    assert_eq!(
        run(&mut game, code),
        "{\"a\":1,\"b\":[1,2.5,\"x\"],\"c\":{},\"d\":true}\nx1nil\n5nil\neJ11nil\n-1102.0.77\neast\n"
    );
}

#[test]
fn datagrams_need_the_flag_and_vanish_when_they_are_too_long() {
    let mut silent = game("");
    assert!(run(&mut silent, "helpers.send_udp(5, 'a')").contains("--enable-lua-udp"));
    let mut options = options("");
    options.is_udp_enabled = true;
    options.max_datagram_bytes = 10;
    let mut game = Game::new(options).unwrap();
    game.console("/sc");
    let code = "helpers.send_udp(700, 'a\\0\\255') helpers.send_udp(700, ('x'):rep(11)) helpers.send_udp(701, {'', 'b'}, 0) helpers.send_udp(701, 'c', 1)";
    assert_eq!(run(&mut game, code), "");
    let sent = game.take_datagrams();
    let expected = [
        Datagram {
            port: 700,
            bytes: vec![b'a', 0, 255],
        },
        Datagram {
            port: 701,
            bytes: vec![b'b'],
        },
    ];
    assert_eq!(sent, expected);
    assert!(game.take_datagrams().is_empty());
}

#[test]
fn reading_a_datagram_aborts_2_0_and_is_an_event_in_2_1() {
    let control = "script.on_event(defines.events.on_udp_packet_received, function(event)
        got = event.payload .. event.source_port .. event.player_index end)";
    let with = |line| {
        let mut options = options(control);
        options.line = line;
        options.is_udp_enabled = true;
        let mut game = Game::new(options).unwrap();
        game.console("/sc");
        assert_eq!(
            run(&mut game, "helpers.recv_udp()"),
            "",
            "an empty socket is harmless"
        );
        game.push_datagram(99, b"hi".to_vec());
        assert_eq!(
            run(&mut game, "helpers.recv_udp(1)"),
            "",
            "there is no such player"
        );
        run(&mut game, "helpers.recv_udp(0)");
        game
    };
    let mut old = with(GameLine::V2_0);
    assert!(matches!(old.update(), Err(GameError::Aborted(_))));
    let mut new = with(GameLine::V2_1);
    new.update().unwrap();
    assert_eq!(run(&mut new, "rcon.print(got)"), "hi990\n");
}

#[test]
fn files_stay_in_their_folder() {
    let folder = std::env::temp_dir().join(format!("factorio_fast_output_{}", std::process::id()));
    let mut options = options("");
    options.script_output = Some(folder.clone());
    let mut game = Game::new(options).unwrap();
    game.console("/sc");
    let code = "helpers.write_file('a/b.txt', 'one') helpers.write_file('a/b.txt', 'two', true) helpers.write_file('../c.txt', 'x')";
    assert!(run(&mut game, code).contains("not at \"../c.txt\""));
    let written = std::fs::read(folder.join("a/b.txt")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(written, b"onetwo");
}

#[test]
fn prototypes_tell_the_figures_of_the_base_game() {
    let mut game = game("");
    let code = "local furnace, coal = prototypes.entity['stone-furnace'], prototypes.item.coal
        rcon.print(furnace.type .. furnace.tile_width .. furnace.get_crafting_speed() .. furnace.get_max_health() .. furnace.items_to_place_this[1].name)
        rcon.print(coal.stack_size .. ' ' .. coal.fuel_value .. ' ' .. tostring(coal.place_result) .. prototypes.item['iron-chest'].place_result.name)
        rcon.print(tostring(prototypes.entity.none) .. prototypes.technology.automation.name .. prototypes.tile['grass-1'].name .. prototypes.fluid.water.name)
        rcon.print(prototypes.entity['iron-ore'].mineable_properties.products[1].name .. prototypes.entity['iron-ore'].resource_category .. prototypes.recipe['iron-plate'].products[1].amount)";
    assert_eq!(
        run(&mut game, code),
        "furnace21200stone-furnace\n50 4000000 niliron-chest\nnilautomationgrass-1water\niron-orebasic-solid1\n"
    );
}

#[test]
fn the_log_gets_what_scripts_write() {
    let mut options = options("log('at load')");
    let lines = log_of(&mut options);
    let mut game = Game::new(options).unwrap();
    game.console("/sc");
    run(&mut game, "log({'', 'a', 1}) game.print('b')");
    let lines = lines.borrow();
    let first = lines.first().map(String::as_str);
    assert_eq!(first, Some("Script @__test__/control.lua:1: at load"));
    assert_eq!(lines[lines.len() - 2..], ["Script @(command):1: a1", "b"]);
}
