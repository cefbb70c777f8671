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

/// Members that 2.1 has no longer.
const ONLY_IN_2_0: [&str; 9] = [
    "LuaEntity.active",
    "LuaEntity.minable",
    "LuaEntity.fluidbox",
    "LuaFluidBox.owner",
    "LuaFluidBox.length",
    "LuaFluidBox.index",
    "LuaFluidBox.get_capacity",
    "LuaRecipe.category",
    "LuaRecipePrototype.category",
];

#[test]
fn every_member_that_is_built_is_in_the_tables() {
    use crate::lua::GameLine;
    let missing = super::super::members_missing_in;
    assert_eq!(missing(GameLine::V2_0), Vec::<String>::new());
    assert_eq!(missing(GameLine::V2_1), ONLY_IN_2_0);
}

#[test]
fn names_outside_the_tables_raise_the_errors_of_the_game() {
    let mut game = stage();
    let refused = "Cannot execute command. Error: ";
    assert_eq!(
        run(&mut game, "say(c.foo)"),
        format!("{refused}(command):1: LuaEntity doesn't contain key foo.\n")
    );
    assert_eq!(
        run(&mut game, "game.tick = 5"),
        format!("{refused}(command):1: LuaGameScript::tick is read only.\n")
    );
    assert_eq!(
        run(&mut game, "say(s.get_script_areas())"),
        format!(
            "{refused}(command):1: LuaSurface::get_script_areas is in the game's API, but this server has not built it\n"
        )
    );
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
