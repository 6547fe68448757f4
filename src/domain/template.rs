//! `{{name}}` in a text: strict, every name must have a value.

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
