//! `{{name}}` in a text: strict, every name must have a value.

use serde_json::Value;

/// A piece of a template.
pub enum Piece<'a> {
    /// Stands for itself.
    Text(&'a str),
    /// Stands for a value.
    Name(&'a str),
}

/// The pieces of a template, in order.
///
/// # Errors
/// A sentence when the braces do not match.
pub fn pieces(template: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else {
            return Err(format!("`{template}` opens {{{{ and never closes it"));
        };
        out.push(Piece::Text(before));
        out.push(Piece::Name(name.trim()));
        rest = tail;
    }
    out.push(Piece::Text(rest));
    Ok(out)
}

/// The names a template uses.
///
/// # Errors
/// As [`pieces`].
pub fn names(template: &str) -> Result<Vec<String>, String> {
    let name = |piece| if let Piece::Name(name) = piece { Some(name.to_owned()) } else { None };
    Ok(pieces(template)?.into_iter().filter_map(name).collect())
}

/// The names every string of a JSON template uses.
///
/// # Errors
/// As [`names`].
pub fn json_names(template: &Value) -> Result<Vec<String>, String> {
    Ok(match template {
        Value::String(text) => names(text)?,
        Value::Array(items) => collect(items.iter().map(json_names))?,
        Value::Object(map) => collect(map.values().map(json_names))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    })
}

fn collect(all: impl Iterator<Item = Result<Vec<String>, String>>) -> Result<Vec<String>, String> {
    Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
}

/// Fills a template with what `value` says of each name.
///
/// # Errors
/// As [`pieces`], and a sentence when a name has no value.
pub fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    pieces(template)?.into_iter().try_fold(String::new(), |mut out, piece| {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Name(name) => out.push_str(&value(name).ok_or_else(|| format!("{name} has no value"))?),
        }
        Ok(out)
    })
}

/// What is wrong with the first of an argument list, and what to do about it.
pub fn program_flaw(name: &str) -> Option<(&'static str, &'static str)> {
    if name.contains("{{") {
        return Some(("lets a value choose the program", "name the program itself"));
    }
    let relative = name.contains('/') && !name.starts_with('/');
    relative.then_some((
        "depends on the folder quell runs in",
        "write the program's whole path, or its name alone",
    ))
}

/// What a variable that is passed on may be called.
pub const VARIABLES: &str = "write the names of variables; those that begin with QUELL_ are quell's to set";

/// Whether a variable of this name can be passed on to a program.
pub fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !name.starts_with("QUELL_")
}

/// Fills an argument list, each argument by itself: whatever a value holds, it stays one argument, there and no option.
///
/// # Errors
/// As [`fill`], and a sentence when an argument would become empty, or an option by what its first value begins with.
pub fn argv(templates: &[String], value: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    templates.iter().map(|template| argument(template, &value)).collect()
}

fn argument(template: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let filled = fill(template, value)?;
    if filled.is_empty() {
        return Err(format!("the argument {template} would be empty"));
    }
    if filled.contains('\0') {
        return Err(format!("the argument {template} would hold a zero byte, which no program can be given"));
    }
    if template.starts_with("{{") && filled.starts_with('-') {
        return Err(format!("the argument {template} would become an option"));
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_argument_and_no_option() {
        let fill = |template: &str, value: &str| {
            argv(&[template.to_owned()], |name| (name == "node").then(|| value.to_owned()))
        };
        for (template, value, argument) in [
            ("{{node}}", "gw-2", "gw-2"),
            ("--node={{node}}", "-x", "--node=-x"),
            ("-{{ node }}", "n", "-n"),
            ("{{node}}", "a b; $(reboot) `id` \"'\\n*", "a b; $(reboot) `id` \"'\\n*"),
            ("node/{{node}}", "../../x", "node/../../x"),
            ("--all", "", "--all"),
        ] {
            assert_eq!(fill(template, value), Ok(vec![argument.to_owned()]));
        }
        for (template, value) in [
            ("{{node}}", ""),
            ("{{node}}", "-rf"),
            ("{{node}}-x", ""),
            ("{{node}}{{node}}", "--all"),
            ("{{node}}", "a\0"),
        ] {
            assert!(fill(template, value).is_err(), "{template} {value:?}");
        }
        assert!(fill("{{other}}", "x").is_err());
    }
}
