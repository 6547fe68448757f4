//! The sequences a terminal is moved by, each in its shortest form.

/// A number in decimal.
pub fn number(out: &mut Vec<u8>, number: u16) {
    if number >= 10 {
        self::number(out, number / 10);
    }
    out.extend(b"0123456789".get(usize::from(number % 10)));
}

/// `ESC [ n last`; one is what is meant without a number.
pub fn csi(out: &mut Vec<u8>, count: u16, last: u8) {
    out.extend(b"\x1b[");
    if count != 1 {
        number(out, count);
    }
    out.push(last);
}

/// Keeps the shorter of what was written since `start` and what is written now.
pub fn or(out: &mut Vec<u8>, start: usize, other: impl FnOnce(&mut Vec<u8>)) {
    let middle = out.len();
    other(out);
    if out.len() - middle < middle - start {
        out.drain(start..middle);
    } else {
        out.truncate(middle);
    }
}

/// Writes what moves the cursor; `from` is where it is, if that is known.
pub fn go(out: &mut Vec<u8>, from: Option<(u16, u16)>, to: (u16, u16)) {
    if from == Some(to) {
        return;
    }
    let start = out.len();
    absolute(out, to);
    if let Some(from) = from {
        or(out, start, |out| {
            upright(out, from.1, to.1);
            across(out, from.0, to.0);
        });
        or(out, start, |out| {
            upright(out, from.1, to.1);
            out.push(b'\r');
            across(out, 0, to.0);
        });
    }
}

fn absolute(out: &mut Vec<u8>, (x, y): (u16, u16)) {
    out.extend(b"\x1b[");
    if (x, y) != (0, 0) {
        number(out, y + 1);
    }
    if x > 0 {
        out.push(b';');
        number(out, x + 1);
    }
    out.push(b'H');
}

/// A line feed keeps its column: output is not processed while the terminal is raw.
fn upright(out: &mut Vec<u8>, from: u16, to: u16) {
    match to.checked_sub(from) {
        Some(down @ 0..=3) => out.extend(std::iter::repeat_n(b'\n', usize::from(down))),
        Some(down) => csi(out, down, b'B'),
        None => csi(out, from - to, b'A'),
    }
}

fn across(out: &mut Vec<u8>, from: u16, to: u16) {
    match from.checked_sub(to) {
        Some(back @ 0..=3) => out.extend(std::iter::repeat_n(b'\x08', usize::from(back))),
        Some(back) => csi(out, back, b'D'),
        None => csi(out, to - from, b'C'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(from: Option<(u16, u16)>, to: (u16, u16)) -> String {
        let mut out = Vec::new();
        go(&mut out, from, to);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let cases = [
            (None, (0, 0), "^[H"),
            (None, (0, 9), "^[10H"),
            (None, (4, 0), "^[1;5H"),
            (Some((3, 3)), (3, 3), ""),
            (Some((3, 3)), (4, 3), "^[C"),
            (Some((3, 3)), (1, 3), "\x08\x08"),
            (Some((80, 3)), (1, 3), "\r^[C"),
            (Some((80, 3)), (60, 3), "^[20D"),
            (Some((80, 3)), (0, 4), "\n\r"),
            (Some((14, 3)), (12, 4), "\n\x08\x08"),
            (Some((14, 30)), (14, 3), "^[27A"),
            (Some((150, 30)), (14, 3), "^[4;15H"),
        ];
        for (from, to, bytes) in cases {
            assert_eq!(way(from, to), bytes, "{from:?} {to:?}");
        }
    }
}
