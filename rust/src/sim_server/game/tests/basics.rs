use super::*;

#[test]
fn a_mod_loads_and_its_command_answers() {
    let mut game = Game::new(options(
        "commands.add_command('gym', 'help', function(command)
            rcon.print('tick ' .. command.tick .. ' ' .. tostring(command.parameter))
            rcon.print('again')
        end)
        script.on_init(function() storage.made = game.tick end)",
    ))
    .unwrap();
    assert_eq!(
        game.console("/gym hello world").text,
        "tick 0 hello world\nagain\n"
    );
    assert_eq!(game.console("/gym").text, "tick 0 nil\nagain\n");
    assert!(game.update().unwrap());
    assert_eq!(game.console("/gym x").text, "tick 1 x\nagain\n");
}

#[test]
fn no_member_is_registered_that_the_tables_lack() {
    let mut game = game("");
    assert_eq!(run(&mut game, "rcon.print(game.tick)"), "0\n");
    drop(game);
    for line in [crate::lua::GameLine::V2_0, crate::lua::GameLine::V2_1] {
        let missing = super::super::members_missing_in(line);
        assert_eq!(missing, Vec::<String>::new(), "{line:?}");
    }
}

#[test]
fn a_surface_is_built_and_read() {
    let mut game = game("");
    let code = "local s = game.create_surface('a', {width = 32, height = 32, seed = 5})
        local f = game.create_force('team')
        f.technologies['automation'].researched = true
        local c = s.create_entity{name = 'character', position = {0, 0}, force = f}
        c.insert{name = 'wooden-chest', count = 3}
        local chest = s.create_entity{name = 'wooden-chest', position = {3.5, 0.5}, force = f}
        c.remove_item{name = 'wooden-chest', count = 1}
        chest.insert{name = 'coal', count = 7}
        rcon.print(chest.name .. ' ' .. chest.position.x .. ' ' .. chest.force.name .. ' ' .. c.get_item_count('wooden-chest'))
        local contents = chest.get_inventory(defines.inventory.chest).get_contents()
        rcon.print(#contents .. ' ' .. contents[1].name .. ' ' .. contents[1].count)
        rcon.print(#s.find_entities_filtered{area = {{-16, -16}, {16, 16}}})
        chest.destroy()
        rcon.print(tostring(chest.valid))
        rcon.print(tostring(chest.name))";
    assert_eq!(
        run(&mut game, code),
        "wooden-chest 3.5 team 2\n1 coal 7\n2\nfalse\n\
         Cannot execute command. Error: (command):15: LuaEntity API call when LuaEntity was invalid.\n"
    );
}
