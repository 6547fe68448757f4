//! The paths a Rust file names, with `use` groups written out; comments and literals aside.

/// Every path of two or more parts, and every bare `use name`.
pub fn paths(text: &str) -> Vec<Vec<String>> {
    let words = words(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let starts =
            is_name(&words[at]) && (at == 0 || words[at - 1] != "::" || !follows_name(&words, at - 1));
        if !starts {
            at += 1;
            continue;
        }
        let used = at > 0 && words[at - 1] == "use";
        let mut mine = Vec::new();
        let next = path(&words, at, &mut Vec::new(), &mut mine);
        found.extend(mine.into_iter().filter(|path| path.len() > 1 || used));
        at = next;
    }
    found
}

/// Reads one path from `at`, each branch of its groups written out; returns where it ends.
fn path(words: &[String], mut at: usize, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = before.len();
    loop {
        match words.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while words.get(at).is_some_and(|word| word != "}") {
                    at = match words[at].as_str() {
                        "," => at + 1,
                        // The new name of `a as b` is no path.
                        "as" => at + 2,
                        _ => path(words, at, before, found),
                    };
                }
                at += 1;
                break;
            }
            Some("*") => {
                found.push(before.clone());
                at += 1;
                break;
            }
            Some(name) if is_name(name) => {
                if name != "self" || before.is_empty() {
                    before.push(name.to_owned());
                }
                at += 1;
                let group_or_name = |word: &String| is_name(word) || word == "{" || word == "*";
                if words.get(at).is_some_and(|word| word == "::")
                    && words.get(at + 1).is_some_and(group_or_name)
                {
                    at += 1;
                    continue;
                }
                found.push(before.clone());
                break;
            }
            // Nothing a path consists of: step over it.
            _ => {
                at += 1;
                break;
            }
        }
    }
    before.truncate(depth);
    at
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Whether the `::` at this place continues something (a name, or `>` of a qualified one).
fn follows_name(words: &[String], colons: usize) -> bool {
    colons > 0 && (is_name(&words[colons - 1]) && words[colons - 1] != "use" || words[colons - 1] == ">")
}

/// Names, `::` and single other characters; comments, text, characters and lifetimes left out.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_text(rest) {
            length
        } else if first == '"' {
            quoted(rest)
        } else if first == '\'' {
            character_or_lifetime(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            end
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                words.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    words
}

/// The length of `r"…"`, `r#"…"#`, `br"…"`.
fn raw_text(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - body.len();
    Some(body.find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    rest.len()
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), _) => rest[3..].find('\'').map_or(rest.len(), |at| at + 4),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}
