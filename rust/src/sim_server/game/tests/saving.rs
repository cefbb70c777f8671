use super::*;

const KEEPER: &str = "script.on_init(function() storage.count = 0 end)
    script.on_load(function() loaded = game == nil and storage.count end)
    script.on_event(defines.events.on_tick, function() storage.count = storage.count + 1 end)";

#[test]
fn a_loaded_game_goes_on_as_if_it_had_not_stopped() {
    let mut game = game(KEEPER);
    run(&mut game, STAGE);
    let code = "make('stone-furnace', 5, 5).insert{name = 'coal', count = 5}
        local furnace = s.find_entities_filtered{name = 'stone-furnace'}[1]
        furnace.insert{name = 'iron-ore', count = 10}
        storage.furnace, storage.character, storage.force, storage.surface = furnace, c, f, s
        storage.inventory = furnace.get_inventory(defines.inventory.furnace_result)
        storage.self = storage
        storage.list = {1, {2, 'three', key = true}, [5.5] = 'half'}
        storage.recipe = f.recipes['iron-gear-wheel']";
    assert_eq!(run(&mut game, code), "");
    updates(&mut game, 250);
    let save = game.save().unwrap();
    let mut again = Game::load(options(KEEPER), &save).unwrap();
    assert!(
        again.save().unwrap() == save,
        "what is loaded is what was saved"
    );
    let told = "rcon.print(storage.furnace.name .. ' ' .. storage.inventory.get_item_count('iron-plate') .. ' '
        .. storage.force.name .. ' ' .. storage.surface.name .. ' ' .. storage.recipe.name .. ' '
        .. tostring(storage.self == storage) .. ' ' .. storage.list[2][2] .. ' ' .. storage.list[5.5] .. ' '
        .. storage.count .. ' ' .. tostring(storage.character.valid) .. ' ' .. math.random(1000000))";
    assert_eq!(run(&mut again, "rcon.print(tostring(loaded))"), "250\n");
    assert_eq!(run(&mut game, told), run(&mut again, told));
    updates(&mut game, 200);
    updates(&mut again, 200);
    assert_eq!(run(&mut game, told), run(&mut again, told));
    assert!(
        game.save().unwrap() == again.save().unwrap(),
        "both went on alike"
    );
}

#[test]
fn what_cannot_be_saved_is_named() {
    let mut game = game("");
    run(&mut game, "storage.a = {f = function() end}");
    assert_eq!(
        game.save().unwrap_err().to_string(),
        "Cannot serialise lua function at storage[a][f]"
    );
}

#[test]
fn metatables_that_are_registered_come_back() {
    let control = "meta = {__index = {size = function(self) return #self end}}
        script.register_metatable('list', meta)";
    let mut game = game(control);
    run(&mut game, "storage.list = setmetatable({1, 2, 3}, meta)");
    let mut again = Game::load(options(control), &game.save().unwrap()).unwrap();
    assert_eq!(run(&mut again, "rcon.print(storage.list:size())"), "3\n");
}

#[test]
fn another_version_of_the_mod_is_told_what_changed() {
    let control = "script.on_configuration_changed(function(data)
        local change = data.mod_changes.test
        storage.changed = change.old_version .. '>' .. change.new_version
    end)";
    let save = game(control).save().unwrap();
    let mut same = Game::load(options(control), &save).unwrap();
    assert_eq!(
        run(&mut same, "rcon.print(tostring(storage.changed))"),
        "nil\n"
    );
    let mut newer = options(control);
    let info = br#"{"version": "2.0.0"}"#.to_vec();
    newer.files.insert("info.json".to_owned(), info);
    let mut newer = Game::load(newer, &save).unwrap();
    assert_eq!(
        run(&mut newer, "rcon.print(storage.changed)"),
        "1.2.3>2.0.0\n"
    );
}

#[test]
fn bytes_that_are_no_save_are_refused() {
    let mut save = game("").save().unwrap();
    let middle = save.len() / 2;
    save[middle] ^= 1;
    let error = Game::load(options(""), &save).unwrap_err();
    assert!(
        matches!(error, super::super::GameError::InvalidSave(_)),
        "{error}"
    );
    assert!(Game::load(options(""), b"no save").is_err());
}

#[test]
fn a_script_that_does_not_rely_on_an_order_gives_the_same_under_any() {
    let control = "script.on_init(function()
        local keys = {}
        for key in pairs{a = 1, b = 2, c = 3, d = 4} do keys[#keys + 1] = key end
        table.sort(keys)
        storage.keys = table.concat(keys)
    end)";
    let plain = Game::new(options(control)).unwrap().save().unwrap();
    for seed in 0..4 {
        let mut options = options(control);
        options.order = crate::lua::PairsOrder::Shuffled { seed };
        assert!(Game::new(options).unwrap().save().unwrap() == plain);
    }
}
