//! An independent reader of terminal bytes, and the list of what quell may send.

/// One thing a terminal would take from the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Characters to print.
    Text(String),
    /// A C0 control or DEL.
    Control(u8),
    /// A C1 control, in its 8-bit form as a character.
    C1(char),
    /// `ESC`, intermediates, a final byte.
    Escape(String),
    /// `ESC [`: everything between, and the final byte.
    Csi { parameters: String, last: char },
    /// `ESC ]`: its body, without the end.
    Osc(String),
    /// `ESC P`: its body, without the end.
    Dcs(Vec<u8>),
    /// `ESC X`, `ESC ^`, `ESC _`: which, and the body.
    Other { kind: char, body: Vec<u8> },
    /// A sequence that was cut off or has bytes it must not have, and bytes that are not UTF-8.
    Broken(Vec<u8>),
}

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const BACKSPACE: u8 = 0x08;

/// Takes bytes apart.
pub fn tokens(bytes: &[u8]) -> Vec<Token> {
    placed(bytes).into_iter().map(|(_, token)| token).collect()
}

/// Whether the bytes end with a whole sequence: one read of a terminal may cut one in two.
pub fn is_whole(bytes: &[u8]) -> bool {
    !matches!(tokens(bytes).last(), Some(Token::Broken(_)))
}

/// Takes bytes apart, and says where each token begins.
fn placed(bytes: &[u8]) -> Vec<(usize, Token)> {
    let mut reader = Reader { bytes, at: 0, tokens: Vec::new() };
    while let Some(byte) = reader.peek() {
        match byte {
            ESC => reader.escape(),
            0x00..=0x1f | 0x7f => {
                reader.tokens.push((reader.at, Token::Control(byte)));
                reader.at += 1;
            }
            _ => reader.text(),
        }
    }
    reader.tokens
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<(usize, Token)>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn text(&mut self) {
        let plain = |byte: &u8| *byte >= 0x20 && *byte != 0x7f;
        let length = self.bytes[self.at..].iter().take_while(|byte| plain(byte)).count();
        let run = &self.bytes[self.at..self.at + length];
        for chunk in run.utf8_chunks() {
            for character in chunk.valid().chars() {
                match (character, self.tokens.last_mut()) {
                    ('\u{80}'..='\u{9f}', _) => self.tokens.push((self.at, Token::C1(character))),
                    (_, Some((_, Token::Text(text)))) => text.push(character),
                    _ => self.tokens.push((self.at, Token::Text(character.into()))),
                }
                self.at += character.len_utf8();
            }
            if !chunk.invalid().is_empty() {
                self.tokens.push((self.at, Token::Broken(chunk.invalid().to_vec())));
                self.at += chunk.invalid().len();
            }
        }
    }

    fn escape(&mut self) {
        let start = self.at;
        self.at += 1;
        let token = match self.peek() {
            Some(b'[') => self.csi(),
            Some(b']') => self.string(true).map(|body| match String::from_utf8(body) {
                Ok(body) => Token::Osc(body),
                Err(error) => Token::Broken(error.into_bytes()),
            }),
            Some(b'P') => self.string(false).map(Token::Dcs),
            Some(kind @ (b'X' | b'^' | b'_')) => {
                self.string(false).map(|body| Token::Other { kind: kind.into(), body })
            }
            _ => self.short(),
        };
        let broken = || Token::Broken(self.bytes[start..self.at].to_vec());
        let token = token.unwrap_or_else(broken);
        self.tokens.push((start, token));
    }

    /// `[`, then 0x20–0x3F, then one of 0x40–0x7E.
    fn csi(&mut self) -> Option<Token> {
        self.at += 1;
        let inside = self.run(0x20..=0x3f);
        let last = self.peek().filter(|byte| (0x40..=0x7e).contains(byte))?;
        self.at += 1;
        Some(Token::Csi { parameters: inside, last: last.into() })
    }

    /// Intermediates, then one of 0x30–0x7E.
    fn short(&mut self) -> Option<Token> {
        let inside = self.run(0x20..=0x2f);
        let last = self.peek().filter(|byte| (0x30..=0x7e).contains(byte))?;
        self.at += 1;
        Some(Token::Escape(format!("{inside}{}", char::from(last))))
    }

    /// Up to `ESC \`, or BEL where that ends it. Inside a tmux passthrough every ESC is doubled.
    fn string(&mut self, bell_ends: bool) -> Option<Vec<u8>> {
        self.at += 1;
        let doubled = self.bytes[self.at..].starts_with(b"tmux;");
        let mut body = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match (byte, self.peek()) {
                (BEL, _) if bell_ends => return Some(body),
                (ESC, Some(b'\\')) => {
                    self.at += 1;
                    return Some(body);
                }
                (ESC, Some(ESC)) if doubled => {
                    self.at += 1;
                    body.push(ESC);
                }
                // The terminal would leave the string here and start anew.
                (ESC, _) => {
                    self.at -= 1;
                    return None;
                }
                _ => body.push(byte),
            }
        }
    }

    fn run(&mut self, range: std::ops::RangeInclusive<u8>) -> String {
        let length = self.bytes[self.at..].iter().take_while(|byte| range.contains(byte)).count();
        let run = &self.bytes[self.at..self.at + length];
        self.at += length;
        run.iter().map(|byte| char::from(*byte)).collect()
    }
}

/// Panics, showing the place, when the bytes hold anything but printable text, BEL, BS, CR, LF and what quell
/// needs: cursor moves, SGR, erasing and scrolling, its modes, its window title and its notifications.
pub fn assert_only_allowed(bytes: &[u8]) {
    let tokens = placed(bytes);
    for (nth, (at, token)) in tokens.iter().enumerate() {
        if let Some(why) = refused(token) {
            let around = &tokens[nth.saturating_sub(4)..(nth + 3).min(tokens.len())];
            let raw = bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())].escape_ascii();
            panic!(
                "a terminal must not get this: {why}\n  {token:?}\nat byte {at} of {}, in:\n  {raw}\namong:\n  {around:#?}",
                bytes.len()
            );
        }
    }
}

/// Panics when a payload had its way with the terminal: when one of its sequences is in the output as it was
/// sent. [`assert_only_allowed`] cannot see this where quell uses the same sequence (a colour, the title).
pub fn assert_inert(bytes: &[u8], payload: &[u8]) {
    if let Some(token) = alive(bytes, payload) {
        panic!("this came through from a payload as it was: {token:?}");
    }
}

/// The first sequence of a payload that is in the bytes as it was sent.
pub fn alive(bytes: &[u8], payload: &[u8]) -> Option<Token> {
    let (output, sent) = (tokens(bytes), tokens(payload));
    let found = |at: usize, token: &Token| match (token, sent.get(at + 1)) {
        (Token::Text(_), _) => false,
        (Token::Osc(_) | Token::Dcs(_) | Token::Other { .. }, _) => output.contains(token),
        // Told from quell's own by the text it stands before.
        (_, Some(Token::Text(text))) => {
            let start: String = text.chars().take(4).collect();
            let follows =
                |pair: &[Token]| matches!(&pair[1], Token::Text(shown) if shown.starts_with(&start));
            output.windows(2).any(|pair| pair[0] == *token && follows(pair))
        }
        _ => false,
    };
    sent.iter().enumerate().find(|(at, token)| found(*at, token)).map(|(_, token)| token.clone())
}

/// The body of every OSC that quell sent: titles and notifications.
pub fn oscs(bytes: &[u8]) -> Vec<String> {
    let body = |token| if let Token::Osc(body) = token { Some(body) } else { None };
    tokens(bytes).into_iter().filter_map(body).collect()
}

/// Why a terminal must not get this; `None` when it may.
pub fn refused(token: &Token) -> Option<String> {
    match token {
        Token::Text(text) => {
            text.chars().find(|c| unseen(*c)).map(|c| format!("invisible {}", c.escape_unicode()))
        }
        Token::Control(BEL | BACKSPACE | b'\r' | b'\n') => None,
        // Plain letters again, whatever others switched to.
        Token::Control(0x0f) => None,
        Token::Escape(plain) if plain == "(B" => None,
        Token::Control(byte) => Some(format!("control 0x{byte:02x}")),
        Token::Csi { parameters, last } => refused_csi(parameters, *last),
        Token::Osc(body) => refused_osc(body),
        Token::Dcs(body) => match body.strip_prefix(b"tmux;") {
            Some(wrapped) => refused_passthrough(wrapped),
            None => Some("a device control string".into()),
        },
        Token::C1(_) => Some("a C1 control".into()),
        Token::Escape(_) => Some("an escape sequence".into()),
        Token::Other { .. } => Some("an application string".into()),
        Token::Broken(_) => Some("broken bytes".into()),
    }
}

/// Characters that reorder or hide what stands around them.
fn unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn refused_csi(parameters: &str, last: char) -> Option<String> {
    let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == ';');
    let allowed = match last {
        'A'..='H' | 'd' | 'f' | 'J' | 'K' | 'X' | 'L' | 'M' | 'S' | 'T' | 'P' | '@' | 'r' | 's' => {
            numbers(parameters)
        }
        // With colons: underline styles and colours.
        'm' => parameters.chars().all(|c| c.is_ascii_digit() || c == ';' || c == ':'),
        // Mode 8 (BDSM): columns stay in logical order.
        'h' | 'l' if parameters == "8" => true,
        // What is written replaces, and rows count from the top.
        'l' if matches!(parameters, "4" | "?6") => true,
        'h' | 'l' => parameters.strip_prefix('?').is_some_and(|modes| {
            modes.split(';').all(|mode| matches!(mode, "7" | "25" | "69" | "1004" | "1049" | "2004" | "2026"))
        }),
        // Keep and restore the window's title.
        't' => matches!(parameters, "22;0" | "23;0" | "22;2" | "23;2" | "22;0;0" | "23;0;0"),
        _ => false,
    };
    (!allowed).then(|| format!("CSI {parameters} {last}"))
}

fn refused_osc(body: &str) -> Option<String> {
    if let Some(odd) = body.chars().find(|c| c.is_control() || unseen(*c)) {
        return Some(format!("{} inside an OSC", odd.escape_unicode()));
    }
    let (number, rest) = body.split_once(';').unwrap_or((body, ""));
    let allowed = match number {
        "0" | "2" => true,
        // `9;` and a digit is a command to some terminals (progress, working folder), not a message.
        "9" => !rest.starts_with(|c: char| c.is_ascii_digit()),
        "777" => rest.strip_prefix("notify;").is_some_and(|fields| fields.matches(';').count() == 1),
        "99" => rest.contains(';'),
        _ => false,
    };
    (!allowed).then(|| format!("OSC {number}"))
}

/// What tmux passes on must be a notification itself.
fn refused_passthrough(wrapped: &[u8]) -> Option<String> {
    match tokens(wrapped).as_slice() {
        [] => Some("an empty passthrough".into()),
        inner => inner.iter().find_map(|token| match token {
            Token::Osc(_) => refused(token).map(|why| format!("{why}, passed through tmux")),
            _ => Some(format!("{token:?} passed through tmux")),
        }),
    }
}
