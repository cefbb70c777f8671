//! What scripts may do, what they may not, and that they always do it the same way.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use mlua::{FromLua as _, IntoLua as _, MultiValue, Value};
use proptest::prelude::*;

use super::*;

fn files(list: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    list.iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

fn state() -> State {
    State::new(Options::new("gym", BTreeMap::new())).unwrap()
}

fn state_in(order: PairsOrder) -> State {
    let mut options = Options::new("gym", BTreeMap::new());
    options.order = order;
    State::new(options).unwrap()
}

fn text(state: &State, source: &str) -> String {
    state.run::<String>("=(command)", source).unwrap()
}

fn fault(state: &State, source: &str) -> String {
    state.run::<Value>("=(command)", source).unwrap_err()
}

#[test]
fn globals_that_the_game_does_not_have_are_absent() {
    let state = state();
    let names = "io os coroutine loadfile dofile package module loadstring collectgarbage \
                 debug.sethook debug.getregistry debug.setmetatable debug.getupvalue";
    for name in names.split_whitespace() {
        let kind = text(&state, &format!("return type({name})"));
        assert_eq!(kind, "nil", "{name}");
    }
}

#[test]
fn globals_that_the_game_adds_are_there() {
    let state = state();
    let names = "string.pack string.packsize string.unpack table_size log localised_print require \
                 serpent.line serpent.block serpent.dump debug.traceback debug.getinfo unpack \
                 table.unpack bit32.band math.random load pcall xpcall next pairs ipairs";
    for name in names.split_whitespace() {
        let kind = text(&state, &format!("return type({name})"));
        assert_eq!(kind, "function", "{name}");
    }
    assert_eq!(
        text(&state, "return type(storage) .. _VERSION"),
        "tableLua 5.2"
    );
}

#[test]
fn compiled_chunks_are_refused() {
    let state = state();
    let source =
        "local f, why = load(string.dump(function() return 1 end)) return tostring(f) .. why";
    assert!(text(&state, source).contains("attempt to load a binary chunk"));
    let source = "local f = load('return 1', 'x', 'b') return tostring(f())";
    assert_eq!(text(&state, source), "1");
}

#[test]
fn environment_of_a_chunk_may_be_nil() {
    let state = state();
    assert_eq!(text(&state, "return load('return \"a\"', 'x')()"), "a");
    let source = "return tostring(pcall(load('return pairs', 'x', 't', nil)))";
    assert_eq!(text(&state, source), "false");
}

#[test]
fn errors_caught_by_pcall_are_texts_with_a_position() {
    let state = state();
    let source = "local _, why = pcall(error, 'plain', 0) return type(why) .. why";
    assert_eq!(text(&state, source), "stringplain");
    let source = "local _, why = pcall(function() local x = nil; return x.y end) return why";
    assert!(text(&state, source).starts_with("(command):1: attempt to index"));
    let source = "local _, why = pcall(string.pack, 'q') return type(why) .. why";
    assert_eq!(text(&state, source), "stringinvalid format option 'q'");
    let source = "local _, why = pcall(error, {code = 7}) return tostring(why.code)";
    assert_eq!(text(&state, source), "7");
    let source =
        "local _, why = xpcall(string.pack, function(m) return 'seen ' .. m end, 'q') return why";
    assert_eq!(text(&state, source), "seen invalid format option 'q'");
}

#[test]
fn runaway_scripts_end_through_every_pcall() {
    let mut options = Options::new("gym", BTreeMap::new());
    options.limits.call_instructions = 100_000;
    let state = State::new(options).unwrap();
    let loops = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function() end) end",
        "while true do load(function() while true do end end) end",
    ];
    for source in loops {
        let why = fault(&state, source);
        assert!(why.contains("used up its instructions"), "{source}: {why}");
    }
    assert_eq!(
        text(&state, "return 'and the state lives on'"),
        "and the state lives on"
    );
}

#[test]
fn memory_has_a_limit() {
    let mut options = Options::new("gym", BTreeMap::new());
    options.limits.memory_bytes = 8 << 20;
    let state = State::new(options).unwrap();
    assert!(fault(&state, "return ('x'):rep(1e9)").contains("not enough memory"));
    assert_eq!(text(&state, "return 'fine'"), "fine");
}

#[test]
fn pairs_and_next_go_by_numbers_then_strings_then_booleans() {
    let state = state();
    let made =
        "local t = {} for _, k in ipairs{'b', 'a', 3, 1, 2.5, true, false, 'Z'} do t[k] = 1 end ";
    let expected = "1 2.5 3 Z a b false true ";
    let by_pairs = "local s = '' for k in pairs(t) do s = s .. tostring(k) .. ' ' end return s";
    assert_eq!(text(&state, &format!("{made}{by_pairs}")), expected);
    let by_next = "local s, k = '', next(t) while k ~= nil do s = s .. tostring(k) .. ' ' k = next(t, k) end return s";
    assert_eq!(text(&state, &format!("{made}{by_next}")), expected);
}

#[test]
fn fields_may_be_removed_and_written_while_pairs_goes() {
    let state = state();
    let source = "local t, s = {a = 1, b = 2, c = 3, d = 4}, ''
        for k, v in pairs(t) do s = s .. k .. v; t[k] = nil; t.c = nil; if t.d then t.d = 9 end end
        return s .. table_size(t)";
    assert_eq!(text(&state, source), "a1b2d90");
    assert_eq!(
        fault(&state, "local k = next({}, 'absent')"),
        "(command):1: invalid key to 'next'"
    );
}

#[test]
fn metatables_may_say_how_pairs_goes() {
    let state = state();
    let source =
        "local t = setmetatable({a = 1}, {__pairs = function() return next, {z = 1}, nil end})
        local s = '' for k in pairs(t) do s = s .. k end return s";
    assert_eq!(text(&state, source), "z");
}

#[test]
fn shuffled_order_differs_from_loop_to_loop_and_repeats_with_its_seed() {
    let source = "local t, s = {}, '' for i = 1, 20 do t[i] = i end
        for _ = 1, 2 do for k in pairs(t) do s = s .. k .. ' ' end s = s .. '|' end return s";
    let first = text(&state_in(PairsOrder::Shuffled { seed: 1 }), source);
    assert_eq!(
        first,
        text(&state_in(PairsOrder::Shuffled { seed: 1 }), source)
    );
    assert_ne!(
        first,
        text(&state_in(PairsOrder::Shuffled { seed: 2 }), source)
    );
    let loops: Vec<&str> = first.split('|').collect();
    assert_ne!(loops[0], loops[1]);
    let mut sorted: Vec<u32> = loops[0]
        .split_whitespace()
        .map(|k| k.parse().unwrap())
        .collect();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=20).collect::<Vec<_>>());
}

#[test]
fn equal_states_give_equal_results() {
    let source = "local t = {} for i = 1, 200 do t['k' .. math.random(1, 1e6)] = math.random() end
        math.randomseed(5) return serpent.line(t, {comment = false}) .. math.random()";
    assert_eq!(text(&state(), source), text(&state(), source));
    let mut options = Options::new("gym", BTreeMap::new());
    options.seed = 1;
    assert_ne!(
        text(&State::new(options).unwrap(), source),
        text(&state(), source)
    );
}

#[test]
fn random_stays_in_its_interval() {
    let state = state();
    let source = "for _ = 1, 1000 do local a, b, c = math.random(), math.random(3), math.random(-2, 2)
        assert(a >= 0 and a < 1 and b >= 1 and b <= 3 and b % 1 == 0 and c >= -2 and c <= 2) end return 'ok'";
    assert_eq!(text(&state, source), "ok");
    assert!(fault(&state, "math.random(0)").contains("interval is empty"));
}

#[test]
fn serpent_writes_tables_as_the_game_does() {
    let state = state();
    let source = "return serpent.line({b = 1, a = {true, 'x'}}, {comment = false})";
    assert_eq!(text(&state, source), "{a = {true, \"x\"}, b = 1}");
}

#[test]
fn modules_load_once_and_only_while_control_is_parsed() {
    let list = [
        (
            "__gym__/control.lua",
            "count = 0 a = require('lib.part') b = require('lib/part') c = require('__other__.x')",
        ),
        (
            "__gym__/lib/part.lua",
            "count = count + 1 return {later = function() return require('lib.part') end}",
        ),
        ("__other__/x.lua", "return 'of another mod'"),
    ];
    let state = State::new(Options::new("gym", files(&list))).unwrap();
    state.run_control().unwrap();
    assert_eq!(
        text(&state, "return count .. tostring(a == b) .. c"),
        "1trueof another mod"
    );
    assert!(
        fault(&state, "a.later()")
            .contains("Require can't be used outside of control.lua parsing.")
    );
}

#[test]
fn modules_that_are_not_there_are_named() {
    for (name, expected) in [
        (
            "gone",
            "module gone not found;  no such file __gym__/gone.lua",
        ),
        ("../secret", "illegal path of a module \"../secret\""),
        ("/etc/passwd", "illegal path of a module \"/etc/passwd\""),
    ] {
        let source = format!("require('{name}')");
        let list = [("__gym__/control.lua", source.as_str())];
        let state = State::new(Options::new("gym", files(&list))).unwrap();
        let why = state.run_control().unwrap_err();
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn errors_of_a_module_name_its_file_and_line() {
    let list = [("__gym__/control.lua", "\n\nerror('bad start')")];
    let state = State::new(Options::new("gym", files(&list))).unwrap();
    assert_eq!(
        state.run_control().unwrap_err(),
        "__gym__/control.lua:3: bad start"
    );
}

#[test]
fn storage_refuses_functions_wherever_they_are() {
    let state = state();
    state
        .run::<()>("=x", "storage.a = {1, {b = 'c'}} storage.a.self = storage")
        .unwrap();
    assert_eq!(state.check_storage(), Ok(()));
    state
        .run::<()>("=x", "storage.a[2].f = function() end")
        .unwrap();
    let why = state.check_storage().unwrap_err();
    assert_eq!(why, "Cannot serialise lua function at storage[a][2][f]");
}

#[test]
fn log_takes_localised_strings_and_names_the_line() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let mut options = Options::new("gym", BTreeMap::new());
    let sink = Rc::clone(&lines);
    options.log = Box::new(move |line| sink.borrow_mut().push(line.to_owned()));
    let state = State::new(options).unwrap();
    state
        .run::<()>(
            "=x",
            "log('a')\nlog({'', 'b', 1, true}) log({'item-name.iron-plate', 2}) print('c', 4)",
        )
        .unwrap();
    let expected = [
        "Script @x:1: a",
        "Script @x:2: b1true",
        "Script @x:2: item-name.iron-plate 2",
        "c\t4",
    ];
    assert_eq!(*lines.borrow(), expected);
}

/// Vectors of the reference implementation: format, arguments as Lua, bytes.
const PACKED: &[(&str, &str, &[u8])] = &[
    ("<i4", "-2", &[0xfe, 0xff, 0xff, 0xff]),
    (">i4", "-2", &[0xff, 0xff, 0xff, 0xfe]),
    ("<I2B", "513, 255", &[1, 2, 255]),
    ("<i3", "-2", &[0xfe, 0xff, 0xff]),
    (
        "<I16",
        "1",
        &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ),
    ("<i9", "-1", &[0xff; 9]),
    ("<d", "1.5", &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f]),
    (">f", "-0.5", &[0xbf, 0, 0, 0]),
    ("<s1", "'abc'", &[3, b'a', b'b', b'c']),
    ("z", "'ab'", &[b'a', b'b', 0]),
    ("c4", "'ab'", &[b'a', b'b', 0, 0]),
    ("<!4 b i4", "1, 2", &[1, 0, 0, 0, 2, 0, 0, 0]),
    ("<! b Xd", "1", &[1, 0, 0, 0, 0, 0, 0, 0]),
    ("<b x b", "1, 2", &[1, 0, 2]),
    ("<b > h < h", "1, 2, 3", &[1, 0, 2, 3, 0]),
];

#[test]
fn packing_gives_the_bytes_of_the_reference() {
    let state = state();
    for (format, arguments, bytes) in PACKED {
        let source = format!("return string.pack('{format}', {arguments})");
        let packed: mlua::LuaString = state.run("=x", &source).unwrap();
        assert_eq!(&*packed.as_bytes(), *bytes, "{format} {arguments}");
        let source = format!(
            "local p = string.pack('{format}', {arguments})
             local a, b = {{string.unpack('{format}', p)}}, {{{arguments}}}
             for i, v in ipairs(b) do assert(a[i] == v or '{format}' == 'c4', i) end
             return a[#b + 1]"
        );
        let end: usize = state.run("=x", &source).unwrap();
        assert_eq!(end, bytes.len() + 1, "{format}");
    }
}

#[test]
fn packing_refuses_what_does_not_fit() {
    let state = state();
    for (source, expected) in [
        ("string.pack('b', 128)", "integer overflow"),
        ("string.pack('B', -1)", "unsigned overflow"),
        (
            "string.pack('i4', 1.5)",
            "number has no integer representation",
        ),
        (
            "string.pack('j', 2^63)",
            "number has no integer representation",
        ),
        ("string.pack('i4')", "number expected, got nil"),
        (
            "string.pack('i17', 1)",
            "integral size (17) out of limits [1,16]",
        ),
        (
            "string.pack('c', 'a')",
            "missing size for format option 'c'",
        ),
        ("string.pack('c1', 'ab')", "string longer than given size"),
        ("string.pack('z', 'a\\0b')", "string contains zeros"),
        (
            "string.pack('s1', ('x'):rep(256))",
            "string length does not fit",
        ),
        ("string.pack('!4 i3', 1)", "not power of 2"),
        ("string.pack('X', 1)", "invalid next option for option 'X'"),
        ("string.packsize('s')", "variable-length format"),
        (
            "string.packsize('c2147483647c2147483647')",
            "format result too large",
        ),
        ("string.unpack('i4', 'abc')", "data string too short"),
        (
            "string.unpack('s4', '\\255\\255\\255\\255')",
            "data string too short",
        ),
        ("string.unpack('z', 'abc')", "unfinished string"),
        (
            "string.unpack('<I9', ('\\255'):rep(9))",
            "9-byte integer does not fit",
        ),
        (
            "string.unpack('b', 'abc', 5)",
            "initial position out of string",
        ),
    ] {
        let why = fault(&state, source);
        assert!(why.contains(expected), "{source}: {why}");
    }
    assert_eq!(
        text(&state, "return tostring(string.unpack('b', 'abc', -1))"),
        "99"
    );
    assert_eq!(
        text(&state, "return tostring(string.packsize('!8 b d i4'))"),
        "20"
    );
}

proptest! {
    #[test]
    fn integers_and_floats_come_back_as_packed(
        size in 1_usize..=8,
        big in any::<bool>(),
        bits in any::<i64>(),
        float in any::<f32>(),
        tail in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let state = state();
        let lua = state.lua();
        // Doubles carry 53 bits.
        let value = bits >> (64 - (size * 8).min(53));
        let order = if big { '>' } else { '<' };
        let format = format!("{order}i{size} f s2");
        let values = MultiValue::from_iter([
            Value::Number(value as f64),
            Value::Number(f64::from(float)),
            Value::String(lua.create_string(&tail).unwrap()),
        ]);
        let packed = pack(lua, format.as_bytes(), &values).unwrap();
        let mut expected = value.to_le_bytes()[..size].to_vec();
        let mut middle = float.to_le_bytes().to_vec();
        let mut length = (tail.len() as u16).to_le_bytes().to_vec();
        if big {
            expected.reverse();
            middle.reverse();
            length.reverse();
        }
        expected.extend(middle);
        expected.extend(length);
        expected.extend(&tail);
        prop_assert_eq!(&packed, &expected);
        let (back, end) = unpack(lua, format.as_bytes(), &packed, 0).unwrap();
        prop_assert_eq!(end, packed.len() + 1);
        prop_assert_eq!(back[0].as_f64(), Some(value as f64));
        let floats_agree = back[1].as_f64().map(f64::to_bits) == Some(f64::from(float).to_bits());
        prop_assert!(float.is_nan() || floats_agree);
        prop_assert_eq!(&back[2], &values[2]);
    }

    #[test]
    fn hostile_formats_and_data_never_panic(
        format in proptest::collection::vec(prop_oneof![Just(b'!'), Just(b'X'), Just(b's'), Just(b'9'), any::<u8>()], 0..12),
        data in proptest::collection::vec(any::<u8>(), 0..40),
        start in 0_usize..50,
    ) {
        let state = state();
        let _ = packed_size(&format);
        let _ = unpack(state.lua(), &format, &data, start);
        let _ = pack(state.lua(), &format, &MultiValue::new());
    }
}

/// A layer with a `LuaEntity` of which some is built, and `e` (valid), `f` (the same), `gone` in the globals.
fn with_objects() -> State {
    let state = state();
    let mut layer = ObjectLayer::new(Api::of(GameLine::V2_0));
    let name =
        |lua: &mlua::Lua, object: ObjectRef| format!("chest {}", object.handle).into_lua(lua);
    layer
        .register_attribute("LuaEntity", "name", Some(Rc::new(name)), None)
        .unwrap();
    let health = Rc::new(Cell::new(50.0));
    let get = {
        let health = Rc::clone(&health);
        move |_: &mlua::Lua, _: ObjectRef| Ok(Value::Number(health.get()))
    };
    let set = move |lua: &mlua::Lua, _: ObjectRef, value: Value| {
        health.set(f64::from_lua(value, lua)?);
        Ok(())
    };
    layer
        .register_attribute(
            "LuaEntity",
            "health",
            Some(Rc::new(get)),
            Some(Rc::new(set)),
        )
        .unwrap();
    let count = |_: &mlua::Lua, _: ObjectRef, arguments: MultiValue| {
        Ok(MultiValue::from_iter([Value::Integer(
            arguments.len() as i64
        )]))
    };
    layer
        .register_method("LuaControl", "get_item_count", count)
        .unwrap();
    layer.register_method("LuaEntity", "clone", count).unwrap();
    layer
        .register_operator("LuaInventory", "length", |_, _, _| {
            Ok(MultiValue::from_iter([Value::Integer(9)]))
        })
        .unwrap();
    layer.set_validity(|object| object.handle != 7);
    let layer = Rc::new(layer);
    for (global, class, handle) in [
        ("e", "LuaEntity", 1),
        ("f", "LuaEntity", 1),
        ("gone", "LuaEntity", 7),
        ("inventory", "LuaInventory", 1),
    ] {
        let reference = layer.reference(class, handle).unwrap();
        let object = layer.object(state.lua(), reference).unwrap();
        state.lua().globals().set(global, object).unwrap();
    }
    state
}

#[test]
fn built_members_answer() {
    let state = with_objects();
    assert_eq!(text(&state, "return e.name"), "chest 1");
    assert_eq!(
        text(&state, "e.health = 20 return tostring(e.health)"),
        "20"
    );
    assert_eq!(
        text(&state, "return tostring(e.get_item_count('iron-plate'))"),
        "1"
    );
    assert_eq!(
        text(
            &state,
            "return tostring(e == f) .. tostring(e == gone) .. e.object_name"
        ),
        "truefalseLuaEntity"
    );
    assert_eq!(text(&state, "return tostring(#inventory)"), "9");
}

#[test]
fn strict_members_raise_with_the_position_of_the_script() {
    let state = with_objects();
    for (source, expected) in [
        (
            "return e.foo",
            "(command):1: LuaEntity doesn't contain key foo.",
        ),
        (
            "e.foo = 1",
            "(command):1: LuaEntity doesn't contain key foo.",
        ),
        (
            "return e[1]",
            "(command):1: LuaEntity doesn't contain key 1.",
        ),
        (
            "return inventory.foo",
            "(command):1: LuaInventory::index is in the game's API, but this server has not built it",
        ),
        ("e.name = 'x'", "(command):1: LuaEntity::name is read only."),
        ("e.clone = 1", "(command):1: LuaEntity::clone is read only."),
        (
            "return e.position",
            "(command):1: LuaEntity::position is in the game's API, but this server has not built it",
        ),
        (
            "e.active = true",
            "(command):1: LuaEntity::active is in the game's API, but this server has not built it",
        ),
        (
            "e.destroy()",
            "(command):1: LuaEntity::destroy is in the game's API, but this server has not built it",
        ),
        (
            "e.get_item_count(1, 2)",
            "(command):1: LuaEntity::get_item_count: expected 0 to 1 arguments, got 2.",
        ),
        (
            "e.clone('x')",
            "(command):1: LuaEntity::clone: expected one table of arguments.",
        ),
        (
            "e.clone{}",
            "(command):1: LuaEntity::clone: argument position is absent.",
        ),
        (
            "e.clone{position = {0, 0}, colour = 1}",
            "(command):1: LuaEntity::clone: there is no argument colour.",
        ),
        (
            "return gone.name",
            "(command):1: LuaEntity API call when LuaEntity was invalid.",
        ),
        (
            "gone.health = 1",
            "(command):1: LuaEntity API call when LuaEntity was invalid.",
        ),
        (
            "return gone.foo",
            "(command):1: LuaEntity API call when LuaEntity was invalid.",
        ),
        ("return e()", "(command):1: LuaEntity has no operator call."),
    ] {
        assert_eq!(fault(&state, source), expected, "{source}");
    }
    assert_eq!(
        text(
            &state,
            "return tostring(gone.valid) .. tostring(e.valid) .. gone.object_name"
        ),
        "falsetrueLuaEntity"
    );
    assert_eq!(text(&state, "e.clone{position = {0, 0}} return 'ok'"), "ok");
}

#[test]
fn a_raise_of_an_object_can_be_caught_as_text() {
    let state = with_objects();
    let source = "local _, why = pcall(function() return e.foo end) return type(why) .. ' ' .. why";
    assert_eq!(
        text(&state, source),
        "string (command):1: LuaEntity doesn't contain key foo."
    );
}

#[test]
fn objects_are_keys_in_an_order_and_may_be_stored() {
    let state = with_objects();
    let source = "local t, s = {[gone] = 'b', [e] = 'a', [inventory] = 'c'}, ''
        for _, v in pairs(t) do s = s .. v end storage.e = e return s";
    assert_eq!(text(&state, source), "abc");
    assert_eq!(state.check_storage(), Ok(()));
}

#[test]
fn only_members_of_the_api_can_be_registered() {
    let mut layer = ObjectLayer::new(Api::of(GameLine::V2_0));
    let get = |_: &mlua::Lua, _: ObjectRef| Ok(Value::Nil);
    let set = |_: &mlua::Lua, _: ObjectRef, _: Value| Ok(());
    let why = |result: crate::Result<()>| result.unwrap_err().to_string();
    assert_eq!(
        why(layer.register_attribute("LuaEntity", "foo", Some(Rc::new(get)), None)),
        "no such member in the API: \"LuaEntity.foo\"",
    );
    assert_eq!(
        why(layer.register_attribute("LuaEntity", "name", None, Some(Rc::new(set)))),
        "the API does not have it as writable: \"LuaEntity.name\"",
    );
    assert_eq!(
        why(layer.register_attribute("LuaEntity", "destroy", Some(Rc::new(get)), None)),
        "the API does not have it as an attribute: \"LuaEntity.destroy\"",
    );
    assert!(layer.reference("LuaNothing", 1).is_err());
}

#[test]
fn both_tables_have_what_the_mod_stands_on() {
    for line in [GameLine::V2_0, GameLine::V2_1] {
        let api = Api::of(line);
        assert!(api.extends("LuaEntity", "LuaControl"));
        assert!(!api.extends("LuaControl", "LuaEntity"));
        let game = &api.classes["LuaGameScript"].attributes;
        assert_eq!(game["ticks_to_run"], Access::ReadWrite);
        assert_eq!(game["tick"], Access::Read);
        let helpers = &api.classes["LuaHelpers"].methods;
        assert_eq!(helpers["send_udp"], Arity::Positional(2, Some(3)));
        assert_eq!(api.globals["rcon"], "LuaRCON");
        assert!(api.events["on_tick"].contains(&"tick".to_owned()));
        let events = api.defines["events"].as_array().unwrap();
        assert!(events.contains(&"on_udp_packet_received".into()));
    }
}
