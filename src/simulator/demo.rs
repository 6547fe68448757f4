//! The configuration with which `quell demo` watches the exchange.

/// The configuration file for an exchange at `base` (`http://127.0.0.1:PORT`) whose mailer listens at `mailer`
/// (`127.0.0.1:PORT`) and whose admin token is in `token_file`.
pub fn demo_config(base: &str, mailer: &str, token_file: &str) -> String {
    let address = base.rsplit_once("//").map_or(base, |(_, address)| address);
    TEMPLATE
        .replace("@BASE@", &inside_quotes(base))
        .replace("@ADDRESS@", &inside_quotes(address))
        .replace("@MAILER@", &inside_quotes(mailer))
        .replace("@TOKEN_FILE@", &inside_quotes(token_file))
}

/// Text as it may stand between the double quotes of a TOML string.
fn inside_quotes(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

const TEMPLATE: &str = include_str!("demo.toml");
