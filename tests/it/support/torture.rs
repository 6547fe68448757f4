//! The hostile payloads of `tests/torture.json`, decoded.

use serde_json::Value;

/// One payload and what it must not do.
#[derive(Clone, Debug)]
pub struct Payload {
    /// Its name.
    pub name: String,
    /// What sort of trick.
    pub category: String,
    /// Where it comes in: `title`, `http-body`, `stdin`, …
    pub place: String,
    /// The payload itself.
    pub bytes: Vec<u8>,
    /// What must not be seen to happen.
    pub must_not: Vec<String>,
    /// What should happen.
    pub expect: String,
}

impl Payload {
    /// The payload as text; `None` when it is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// Every payload.
pub fn all() -> Vec<Payload> {
    let file: Vec<Value> = serde_json::from_str(include_str!("../../torture.json")).unwrap();
    file.iter().map(payload).collect()
}

/// The payloads for one place.
pub fn at(place: &str) -> Vec<Payload> {
    all().into_iter().filter(|payload| payload.place == place).collect()
}

/// Every payload that can stand where a title or a label stands, as text.
pub fn texts() -> Vec<(String, String)> {
    let text = |payload: Payload| Some((payload.name.clone(), payload.text()?.to_owned()));
    all().into_iter().filter(|payload| !payload.place.starts_with("http-")).filter_map(text).collect()
}

fn payload(entry: &Value) -> Payload {
    let word = |key: &str| entry[key].as_str().unwrap_or_else(|| panic!("no {key} in {entry}")).to_owned();
    let bytes = match entry["encoding"].as_str() {
        Some("json") => word("payload_escaped").into_bytes(),
        Some("hex") => unhex(&word("payload_hex")),
        Some("gen") => generated(&entry["gen"]).into_bytes(),
        other => panic!("unknown encoding {other:?}"),
    };
    let must_not = entry["must_not"].as_array().unwrap();
    Payload {
        name: word("name"),
        category: word("category"),
        place: word("where"),
        bytes,
        must_not: must_not.iter().map(|line| line.as_str().unwrap().to_owned()).collect(),
        expect: word("expect"),
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn generated(recipe: &Value) -> String {
    let part = |key: &str| recipe[key].as_str().unwrap();
    let repeat = usize::try_from(recipe["repeat"].as_u64().unwrap()).unwrap();
    format!("{}{}{}", part("prefix"), part("unit").repeat(repeat), part("suffix"))
}
