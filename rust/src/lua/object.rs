//! Objects of the game as scripts see them: strict, by the tables of the official API.
//!
//! Owns which members exist, how they may be used and which are built. What a member does is registered by whoever
//! holds the world: [`ObjectLayer::register_attribute`], [`ObjectLayer::register_method`],
//! [`ObjectLayer::register_operator`]. A registration on a class holds for the classes that extend it.
//!
//! Invariants: only members of the tables can be registered; an official member that is not built raises an error that
//! says so; of an invalid object only `valid` and `object_name` answer.
//!
//! The texts for unknown members and invalid objects are the game's own. The others (read-only, arity, absent named
//! arguments) have no published text and are ours. A named argument that the table does not list is refused here; the
//! game passes over it in silence.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use mlua::{
    AnyUserData, Error as LuaError, Function, Lua, LuaString, MetaMethod, MultiValue,
    Result as LuaResult, UserData, UserDataMethods, Value,
};

use super::api::{Access, Api, Arity};
use crate::error::{Error, ErrorKind, Result};

/// What identifies an object to whoever holds the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    class: u16,
    /// The holder's own number for the object; equal numbers of a class are the same object.
    pub handle: u128,
}

impl ObjectRef {
    /// Gives the number of the class, as [`ObjectLayer::class_names`] lists them.
    pub fn class(self) -> usize {
        usize::from(self.class)
    }
}

/// Reads an attribute.
pub type Getter = Rc<dyn Fn(&Lua, ObjectRef) -> LuaResult<Value>>;
/// Writes an attribute.
pub type Setter = Rc<dyn Fn(&Lua, ObjectRef, Value) -> LuaResult<()>>;
/// Lists what `pairs` goes through, in its order.
pub type Pairs = Rc<dyn Fn(&Lua, ObjectRef) -> LuaResult<Vec<(Value, Value)>>>;
type Method = Rc<dyn Fn(&Lua, ObjectRef, MultiValue) -> LuaResult<MultiValue>>;

/// Methods that are kept bound to their objects; further ones are bound anew for every call. Each keeps one reference to
/// Lua, of which there are a million.
const MAX_BOUND_METHODS: usize = 200_000;
/// Lua keeps strings up to this length once each, so that their place tells them apart.
const MAX_INTERNED_BYTES: usize = 40;

/// What answers without asking whether the object is valid.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Always {
    Valid,
    ObjectName,
}

enum Member {
    Always(Always),
    Attribute {
        access: Access,
        get: Option<Getter>,
        set: Option<Setter>,
    },
    Method {
        arity: Arity,
        call: Option<Method>,
    },
}

struct ClassLayer {
    name: String,
    /// The places of members by their names.
    places: HashMap<String, u32>,
    members: Vec<(String, Member)>,
    operators: HashMap<String, Option<Method>>,
    pairs: Option<Pairs>,
}

/// The classes of the API with what has been built of them.
pub struct ObjectLayer {
    api: Api,
    classes: Vec<ClassLayer>,
    /// The numbers of the classes by their names.
    numbers: HashMap<String, u16>,
    is_valid: Box<dyn Fn(ObjectRef) -> bool>,
}

impl ObjectLayer {
    /// Takes the classes of `api`, of which nothing is built yet and every object is valid.
    pub fn new(api: Api) -> Self {
        let classes: Vec<ClassLayer> = api
            .classes
            .iter()
            .map(|(name, class)| {
                let attributes = class.attributes.iter().map(|(key, access)| {
                    let member = Member::Attribute {
                        access: *access,
                        get: None,
                        set: None,
                    };
                    (key.clone(), member)
                });
                let methods = class.methods.iter().map(|(key, arity)| {
                    let member = Member::Method {
                        arity: arity.clone(),
                        call: None,
                    };
                    (key.clone(), member)
                });
                let mut members: Vec<(String, Member)> = attributes.chain(methods).collect();
                answer_always(&mut members);
                let places = members.iter().enumerate();
                ClassLayer {
                    name: name.clone(),
                    places: places
                        .map(|(place, (key, _))| (key.clone(), place as u32))
                        .collect(),
                    members,
                    operators: class
                        .operators
                        .iter()
                        .map(|op| (op.clone(), None))
                        .collect(),
                    pairs: None,
                }
            })
            .collect();
        let numbers = classes.iter().enumerate();
        Self {
            numbers: numbers
                .map(|(number, layer)| (layer.name.clone(), number as u16))
                .collect(),
            api,
            classes,
            is_valid: Box::new(|_| true),
        }
    }

    /// Sets the question that comes before every use of an object.
    pub fn set_validity(&mut self, is_valid: impl Fn(ObjectRef) -> bool + 'static) {
        self.is_valid = Box::new(is_valid);
    }

    /// Builds an attribute: how it is read and, where the API lets it, written.
    ///
    /// # Errors
    /// `UnknownName` for what the API does not have; `InvalidValue` for a getter or a setter that it does not allow.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand the functions over, as to the other registrations"
    )]
    pub fn register_attribute(
        &mut self,
        class: &str,
        name: &str,
        getter: Option<Getter>,
        setter: Option<Setter>,
    ) -> Result<()> {
        self.each(class, name, |owner, member| {
            let Member::Attribute { access, get, set } = member else {
                return Err(not_so(owner, name, "an attribute"));
            };
            if getter.is_some() && !access.reads() {
                return Err(not_so(owner, name, "readable"));
            }
            if setter.is_some() && !access.writes() {
                return Err(not_so(owner, name, "writable"));
            }
            *get = getter.clone().or_else(|| get.take());
            *set = setter.clone().or_else(|| set.take());
            Ok(())
        })
    }

    /// Builds a method; the number or the names of its arguments are checked before it is called.
    ///
    /// # Errors
    /// `UnknownName` for what the API does not have, `InvalidValue` for an attribute.
    pub fn register_method(
        &mut self,
        class: &str,
        name: &str,
        method: impl Fn(&Lua, ObjectRef, MultiValue) -> LuaResult<MultiValue> + 'static,
    ) -> Result<()> {
        let method: Method = Rc::new(method);
        self.each(class, name, |owner, member| {
            let Member::Method { call, .. } = member else {
                return Err(not_so(owner, name, "a method"));
            };
            *call = Some(Rc::clone(&method));
            Ok(())
        })
    }

    /// Builds an operator: `length`, `index` or `call`.
    ///
    /// # Errors
    /// `UnknownName` for an operator that the class does not have.
    pub fn register_operator(
        &mut self,
        class: &str,
        operator: &str,
        method: impl Fn(&Lua, ObjectRef, MultiValue) -> LuaResult<MultiValue> + 'static,
    ) -> Result<()> {
        let slot = self
            .classes
            .iter_mut()
            .find(|layer| layer.name == class)
            .and_then(|layer| layer.operators.get_mut(operator));
        let slot = slot.ok_or_else(|| {
            let message = format!("no such operator in the API: \"{class}\", \"{operator}\"");
            Error::new(ErrorKind::UnknownName, message)
        })?;
        *slot = Some(Rc::new(method));
        Ok(())
    }

    /// Lets `pairs` go through the objects of a class.
    ///
    /// # Errors
    /// `UnknownName` for a class that the API does not have.
    pub fn register_pairs(
        &mut self,
        class: &str,
        pairs: impl Fn(&Lua, ObjectRef) -> LuaResult<Vec<(Value, Value)>> + 'static,
    ) -> Result<()> {
        let found = self.classes.iter_mut().find(|layer| layer.name == class);
        let layer = found.ok_or_else(|| unknown_class(class))?;
        layer.pairs = Some(Rc::new(pairs));
        Ok(())
    }

    /// Runs `change` on a member of `class` and of the classes that extend it.
    fn each(
        &mut self,
        class: &str,
        name: &str,
        mut change: impl FnMut(&str, &mut Member) -> Result<()>,
    ) -> Result<()> {
        let unknown = || {
            let message = format!("no such member in the API: \"{class}.{name}\"");
            Error::new(ErrorKind::UnknownName, message)
        };
        let owner = self.api.classes.get(class).ok_or_else(unknown)?;
        if !owner.attributes.contains_key(name) && !owner.methods.contains_key(name) {
            return Err(unknown());
        }
        for layer in &mut self.classes {
            if self.api.extends(&layer.name, class)
                && let Some(place) = layer.places.get(name)
            {
                change(&layer.name, &mut layer.members[*place as usize].1)?;
            }
        }
        Ok(())
    }

    /// Names an object for [`ObjectLayer::object`].
    ///
    /// # Errors
    /// `UnknownName` for a class that the API does not have.
    pub fn reference(&self, class: &str, handle: u128) -> Result<ObjectRef> {
        let class = *self
            .numbers
            .get(class)
            .ok_or_else(|| unknown_class(class))?;
        Ok(ObjectRef { class, handle })
    }

    /// Gives the class of a reference.
    pub fn class_name(&self, object: ObjectRef) -> &str {
        &self.classes[usize::from(object.class)].name
    }

    /// Lists the classes, in the order of their numbers.
    pub fn class_names(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().map(|layer| layer.name.as_str())
    }

    /// Makes the value by which scripts hold an object.
    ///
    /// # Errors
    /// What Lua raises for want of memory.
    pub fn object(self: &Rc<Self>, lua: &Lua, object: ObjectRef) -> LuaResult<AnyUserData> {
        let known = lua
            .app_data_ref::<Rc<Scene>>()
            .filter(|scene| Rc::ptr_eq(&scene.layer, self))
            .map(|scene| Rc::clone(&scene));
        let scene = known.unwrap_or_else(|| {
            let scene = Rc::new(Scene::new(Rc::clone(self)));
            lua.set_app_data(Rc::clone(&scene));
            scene
        });
        lua.create_userdata(LuaObject {
            scene,
            object,
            bound: RefCell::default(),
        })
    }
}

/// Turns the members that answer for invalid objects too into what they are.
fn answer_always(members: &mut Vec<(String, Member)>) {
    for (name, member) in members.iter_mut() {
        match name.as_str() {
            "valid" => *member = Member::Always(Always::Valid),
            "object_name" => *member = Member::Always(Always::ObjectName),
            _ => {}
        }
    }
    if !members.iter().any(|(name, _)| name == "object_name") {
        members.push(("object_name".to_owned(), Member::Always(Always::ObjectName)));
    }
}

/// The layer within one interpreter, with what makes it quick there.
struct Scene {
    layer: Rc<ObjectLayer>,
    /// For each class the places of members by where Lua keeps their names.
    known: RefCell<Vec<HashMap<usize, u32, PlainHash>>>,
    /// Keeps the names of `known` where they are.
    kept: RefCell<Vec<LuaString>>,
    class_names: Vec<OnceCell<LuaString>>,
    n_bound: Cell<usize>,
}

/// Hashes an address: its low bits are alike, and no one chooses it.
type PlainHash = std::hash::BuildHasherDefault<AddressHasher>;

#[derive(Default)]
struct AddressHasher(u64);

impl std::hash::Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_usize(&mut self, address: usize) {
        self.0 = ((address as u64) >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Scene {
    fn new(layer: Rc<ObjectLayer>) -> Self {
        let n_classes = layer.classes.len();
        Self {
            known: RefCell::new((0..n_classes).map(|_| HashMap::default()).collect()),
            kept: RefCell::default(),
            class_names: (0..n_classes).map(|_| OnceCell::new()).collect(),
            layer,
            n_bound: Cell::new(0),
        }
    }

    /// Finds the place of a member by its name.
    fn place(&self, class: usize, key: &LuaString) -> Option<u32> {
        let bytes = key.as_bytes();
        let address = bytes.as_ptr() as usize;
        if let Some(place) = self.known.borrow()[class].get(&address) {
            return Some(*place);
        }
        let text = std::str::from_utf8(&bytes).ok()?;
        let place = *self.layer.classes[class].places.get(text)?;
        if bytes.len() <= MAX_INTERNED_BYTES {
            self.kept.borrow_mut().push(key.clone());
            self.known.borrow_mut()[class].insert(address, place);
        }
        Some(place)
    }

    fn class_name(&self, lua: &Lua, class: usize) -> LuaResult<Value> {
        let held = &self.class_names[class];
        if let Some(name) = held.get() {
            return Ok(Value::String(name.clone()));
        }
        let name = lua.create_string(&self.layer.classes[class].name)?;
        Ok(Value::String(held.get_or_init(|| name).clone()))
    }
}

fn unknown_class(class: &str) -> Error {
    let message = format!("no such class in the API: \"{class}\"");
    Error::new(ErrorKind::UnknownName, message)
}

fn not_so(class: &str, name: &str, what: &str) -> Error {
    let message = format!("the API does not have it as {what}: \"{class}.{name}\"");
    Error::new(ErrorKind::InvalidValue, message)
}

/// What a member raises: its text gets the position of the script in front, as the game's own errors have it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Fault(String);

/// Makes an error for a member to raise; what it raises otherwise goes through as it is.
pub fn fault(message: impl Into<String>) -> LuaError {
    LuaError::external(Fault(message.into()))
}

/// Puts the position of the script in front of what a member raised.
fn placed<T>(lua: &Lua, result: LuaResult<T>) -> LuaResult<T> {
    result.map_err(|error| match error.downcast_ref::<Fault>() {
        Some(Fault(message)) => LuaError::runtime(format!("{}{message}", position(lua))),
        None => error,
    })
}

/// An object in the hands of a script.
pub(super) struct LuaObject {
    scene: Rc<Scene>,
    object: ObjectRef,
    /// Methods that were asked for, by the places of their members.
    bound: RefCell<Vec<(u32, Function)>>,
}

impl Drop for LuaObject {
    fn drop(&mut self) {
        let n_bound = &self.scene.n_bound;
        n_bound.set(n_bound.get().saturating_sub(self.bound.borrow().len()));
    }
}

impl LuaObject {
    fn class(&self) -> &ClassLayer {
        &self.scene.layer.classes[self.object.class()]
    }

    fn is_valid(&self) -> bool {
        (self.scene.layer.is_valid)(self.object)
    }

    /// Gives a text that sorts objects by class and number, for the order of `pairs`.
    pub(super) fn order_text(&self) -> String {
        format!("{:05}:{:039}", self.object.class, self.object.handle)
    }

    /// Makes an error with the script's position in front, as the game's own errors have it.
    fn raise(&self, lua: &Lua, message: &str) -> LuaError {
        let class = &self.class().name;
        LuaError::runtime(format!("{}{class}{message}", position(lua)))
    }

    fn check_valid(&self, lua: &Lua) -> LuaResult<()> {
        if self.is_valid() {
            return Ok(());
        }
        Err(self.raise(
            lua,
            &format!(" API call when {} was invalid.", self.class().name),
        ))
    }

    fn unknown(&self, lua: &Lua, key: &Value) -> LuaError {
        let key = key.to_string().unwrap_or_default();
        self.raise(lua, &format!(" doesn't contain key {key}."))
    }

    fn not_built(&self, lua: &Lua, key: &str) -> LuaError {
        let message = "is in the game's API, but this server has not built it";
        self.raise(lua, &format!("::{key} {message}"))
    }

    fn member(&self, key: &Value) -> Option<(u32, &str, &Member)> {
        let Value::String(text) = key else {
            return None;
        };
        let place = self.scene.place(self.object.class(), text)?;
        let (key, member) = &self.class().members[place as usize];
        Some((place, key, member))
    }

    fn operator(&self, lua: &Lua, name: &str, arguments: MultiValue) -> LuaResult<MultiValue> {
        self.check_valid(lua)?;
        match self.class().operators.get(name) {
            Some(Some(operator)) => placed(lua, operator(lua, self.object, arguments)),
            Some(None) => Err(self.not_built(lua, name)),
            None => Err(self.raise(lua, &format!(" has no operator {name}."))),
        }
    }

    fn index(&self, lua: &Lua, key: Value) -> LuaResult<Value> {
        let found = self.member(&key);
        if let Some((_, _, Member::Always(always))) = found {
            return match always {
                Always::Valid => Ok(Value::Boolean(self.is_valid())),
                Always::ObjectName => self.scene.class_name(lua, self.object.class()),
            };
        }
        self.check_valid(lua)?;
        match found {
            Some((_, name, Member::Attribute { access, get, .. })) => match get {
                _ if !access.reads() => Err(self.raise(lua, &format!("::{name} is write only."))),
                Some(get) => placed(lua, get(lua, self.object)),
                None => Err(self.not_built(lua, name)),
            },
            Some((place, _, Member::Method { .. })) => self.bound(lua, place),
            _ if self.class().operators.contains_key("index") => {
                let found = self.operator(lua, "index", MultiValue::from_iter([key]))?;
                Ok(found.into_iter().next().unwrap_or(Value::Nil))
            }
            _ => Err(self.unknown(lua, &key)),
        }
    }

    /// Gives a method as a function that knows its object: the game's methods are called with a dot.
    fn bound(&self, lua: &Lua, place: u32) -> LuaResult<Value> {
        let known = self.bound.borrow();
        if let Some((_, function)) = known.iter().find(|(held, _)| *held == place) {
            return Ok(Value::Function(function.clone()));
        }
        drop(known);
        let (scene, object) = (Rc::clone(&self.scene), self.object);
        let call = move |lua: &Lua, arguments: MultiValue| {
            let this = Self {
                scene: Rc::clone(&scene),
                object,
                bound: RefCell::default(),
            };
            this.invoke(lua, place, arguments)
        };
        let function = lua.create_function(call)?;
        let n_bound = self.scene.n_bound.get();
        if n_bound < MAX_BOUND_METHODS {
            self.scene.n_bound.set(n_bound + 1);
            self.bound.borrow_mut().push((place, function.clone()));
        }
        Ok(Value::Function(function))
    }

    fn invoke(&self, lua: &Lua, place: u32, arguments: MultiValue) -> LuaResult<MultiValue> {
        self.check_valid(lua)?;
        let (name, Member::Method { arity, call }) = &self.class().members[place as usize] else {
            unreachable!("bound functions are of methods")
        };
        let call = call.as_ref().ok_or_else(|| self.not_built(lua, name))?;
        if let Some(fault) = arity_fault(arity, &arguments)? {
            return Err(self.raise(lua, &format!("::{name}: {fault}")));
        }
        placed(lua, call(lua, self.object, arguments))
    }

    /// Gives what `pairs` needs: an iterator over what there is now.
    fn pairs(&self, lua: &Lua) -> LuaResult<Function> {
        self.check_valid(lua)?;
        let Some(pairs) = &self.class().pairs else {
            return Err(self.raise(lua, " cannot be gone through by pairs."));
        };
        let mut listed = pairs(lua, self.object)?.into_iter();
        lua.create_function_mut(move |_, _: MultiValue| {
            Ok(listed.next().unwrap_or((Value::Nil, Value::Nil)))
        })
    }

    fn new_index(&self, lua: &Lua, key: &Value, value: Value) -> LuaResult<()> {
        self.check_valid(lua)?;
        match self.member(key) {
            None => Err(self.unknown(lua, key)),
            Some((_, name, Member::Attribute { access, set, .. })) if access.writes() => {
                match set {
                    Some(set) => placed(lua, set(lua, self.object, value)),
                    None => Err(self.not_built(lua, name)),
                }
            }
            Some((_, name, _)) => Err(self.raise(lua, &format!("::{name} is read only."))),
        }
    }
}

/// Gives `file:line: ` of the script that runs, or nothing where none does.
fn position(lua: &Lua) -> String {
    for level in 0..8 {
        let found = lua.inspect_stack(level, |frame| {
            let source = frame.source().short_src.map(Cow::into_owned);
            frame.current_line().zip(source)
        });
        match found {
            // A member that `pcall` calls itself has no script round it.
            Some(Some((_, source))) if source == "[prelude]" => break,
            Some(Some((line, source))) => return format!("{source}:{line}: "),
            Some(None) => {}
            None => break,
        }
    }
    String::new()
}

/// Says what is wrong with the arguments of a call, if something is.
fn arity_fault(arity: &Arity, arguments: &MultiValue) -> LuaResult<Option<String>> {
    let given = arguments.len();
    match arity {
        Arity::Positional(least, most) => {
            let fits = given >= *least && most.is_none_or(|most| given <= most);
            let expected = match most {
                Some(most) if most == least => least.to_string(),
                Some(most) => format!("{least} to {most}"),
                None => format!("at least {least}"),
            };
            Ok((!fits).then(|| format!("expected {expected} arguments, got {given}.")))
        }
        Arity::Named { required, optional } => {
            let Some(Value::Table(table)) = arguments.front().filter(|_| given == 1) else {
                let may_be_left_out = given == 0 && required.is_empty();
                return Ok(
                    (!may_be_left_out).then(|| "expected one table of arguments.".to_owned())
                );
            };
            for name in required {
                if table.raw_get::<Value>(name.as_str())?.is_nil() {
                    return Ok(Some(format!("argument {name} is absent.")));
                }
            }
            // Of several unknown names the first by letters is told, whatever the table's order is.
            let mut unknown: Vec<String> = Vec::new();
            table.for_each(|key: Value, _: Value| {
                let is_known = match &key {
                    Value::String(text) => {
                        let bytes = text.as_bytes();
                        let mut names = required.iter().chain(optional);
                        names.any(|name| name.as_bytes() == &*bytes)
                    }
                    _ => false,
                };
                if !is_known {
                    unknown.push(key.to_string()?);
                }
                Ok(())
            })?;
            let first = unknown.into_iter().min();
            Ok(first.map(|name| format!("there is no argument {name}.")))
        }
        Arity::Open { .. } => {
            let is_table = given == 1 && matches!(arguments.front(), Some(Value::Table(_)));
            Ok((!is_table).then(|| "expected one table of arguments.".to_owned()))
        }
    }
}

/// Gives what identifies the object that a script hands over, if it is one.
pub fn object_of(value: &Value) -> Option<ObjectRef> {
    let Value::UserData(data) = value else {
        return None;
    };
    data.borrow::<LuaObject>().ok().map(|held| held.object)
}

/// Gives class and reference of the object that a value is, if it is one.
pub(super) fn class_of(value: &Value) -> Option<(String, ObjectRef)> {
    let Value::UserData(data) = value else {
        return None;
    };
    let held = data.borrow::<LuaObject>().ok()?;
    Some((held.class().name.clone(), held.object))
}

impl UserData for LuaObject {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_method(MetaMethod::Index, |lua, this, key: Value| {
            this.index(lua, key)
        });
        methods.add_meta_method(
            MetaMethod::NewIndex,
            |lua, this, (key, value): (Value, Value)| this.new_index(lua, &key, value),
        );
        methods.add_meta_method(MetaMethod::Len, |lua, this, _: Value| {
            this.operator(lua, "length", MultiValue::new())
        });
        methods.add_meta_method(MetaMethod::Call, |lua, this, arguments: MultiValue| {
            this.operator(lua, "call", arguments)
        });
        methods.add_meta_method(MetaMethod::Pairs, |lua, this, ()| this.pairs(lua));
        methods.add_meta_function(
            MetaMethod::Eq,
            |_, (a, b): (AnyUserData, AnyUserData)| match (a.borrow::<Self>(), b.borrow::<Self>()) {
                (Ok(a), Ok(b)) => Ok(a.object == b.object),
                _ => Ok(false),
            },
        );
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| {
            Ok(format!("[{} {}]", this.class().name, this.object.handle))
        });
    }
}
