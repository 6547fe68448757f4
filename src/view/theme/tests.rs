//! What is drawn can be read: contrast, computed for every look on every kind of terminal.

use super::palette::mixed;
use super::*;
use crate::view::cells::Looks;

const DEPTHS: [Depth; 3] = [Depth::Sixteen, Depth::Indexed, Depth::True];
const ROLES: [Role; 11] = [
    Role::Plain,
    Role::Dim,
    Role::Strong,
    Role::Heading,
    Role::Bad,
    Role::Warn,
    Role::Good,
    Role::Typed,
    Role::Caret,
    Role::Chosen,
    Role::Key,
];
/// The sixteen as xterm has them.
const XTERM: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

fn rgb(colour: Color) -> [u8; 3] {
    match colour {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(index) => {
            assert!(index >= 16, "{index} is another colour on each terminal");
            mixed(index)
        }
        named => XTERM.into_iter().find(|(known, _)| *known == named).unwrap().1,
    }
}

/// What many terminals make of one of the first eight colours when it is bold.
fn brightened(colour: Color) -> Color {
    let at = XTERM.iter().position(|(known, _)| *known == colour);
    at.filter(|at| *at < 8).map_or(colour, |at| XTERM[at + 8].0)
}

/// As WCAG 2 has it.
fn luminance(rgb: [u8; 3]) -> f64 {
    let linear = rgb.map(|byte| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// What terminals leave of the brightness of dim text, and the contrast it must have there: xterm and Alacritty two
/// thirds, iTerm2 and Windows Terminal half.
const DIMMED: [(f64, f64); 2] = [(2.0 / 3.0, 4.5), (0.5, 3.0)];

/// So much of a colour's brightness.
fn dimmed(rgb: [u8; 3], left: f64) -> [u8; 3] {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is less than before")]
    rgb.map(|part| (f64::from(part) * left) as u8)
}

/// Everything a theme draws with, by name.
fn styles(theme: &Theme) -> Vec<(String, Style)> {
    let roles = ROLES.map(|role| (format!("{role:?}"), theme.role(role)));
    let severities = [Severity::Critical, Severity::High, Severity::Normal];
    let severities = severities.map(|it| (format!("{it:?}"), theme.severity(it)));
    roles.into_iter().chain(severities).chain([("alarm".to_owned(), theme.alarm())]).collect()
}

/// Text and ground of a cell in a style, once the ground is under it.
fn cell(theme: &Theme, style: Style) -> (Color, Color) {
    let looks = grounded(theme, style);
    // A look without a ground is for terminals that are dark.
    let or = |colour, usual| if colour == Color::Reset { usual } else { colour };
    (or(looks.fg, Color::Gray), or(looks.bg, Color::Black))
}

/// How a cell in a style looks, once the ground is under it.
fn grounded(theme: &Theme, style: Style) -> Looks {
    let mut legend = Legend::default();
    let mut cells = [legend.cell("x", style)];
    theme.ground(&mut cells, &mut legend);
    legend.looks(cells[0])
}

#[test]
fn everything_can_be_read_in_every_look_on_every_terminal() {
    for look in Look::ALL {
        for depth in DEPTHS {
            let theme = Theme { depth, ..Theme::new(look) };
            for (name, style) in styles(&theme) {
                let (text, ground) = cell(&theme, style);
                let found = contrast(rgb(text), rgb(ground));
                // Reversed, as selections and badges are, it is the same pair.
                assert!(found >= 4.5, "{look:?} {depth:?} {name}: {text:?} on {ground:?} is {found:.2}");
                if style.add_modifier.contains(Modifier::BOLD) {
                    let bold = contrast(rgb(brightened(text)), rgb(ground));
                    assert!(bold >= 3.0, "{look:?} {depth:?} bold {name}: {bold:.2}");
                }
            }
        }
    }
}

/// Text and ground of a terminal that has its own: xterm's, and Windows Terminal's, which begins with less.
const OWN: [([u8; 3], [u8; 3]); 2] = [([229; 3], [0; 3]), ([204; 3], [12; 3])];

#[test]
fn what_is_dim_can_be_read_where_terminals_halve_it() {
    for look in Look::ALL {
        for depth in DEPTHS {
            let theme = Theme { depth, ..Theme::new(look) };
            for (name, style) in styles(&theme) {
                if !style.add_modifier.contains(Modifier::DIM) {
                    continue;
                }
                // A colour would be darker than the text to begin with.
                assert_eq!((style.fg, style.bg), (None, None), "{look:?} {depth:?} {name}");
                for (left, least) in DIMMED {
                    for (text, ground) in OWN {
                        let found = contrast(dimmed(text, left), ground);
                        assert!(found >= least, "{look:?} {depth:?} {name}: {found:.2} at {left:.2}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_wrong_and_what_is_well_differ_in_every_look_that_has_colours() {
    for look in Look::ALL.into_iter().filter(|look| *look != Look::Mono) {
        for depth in DEPTHS {
            let theme = Theme { depth, ..Theme::new(look) };
            let colours = [Role::Bad, Role::Warn, Role::Good].map(|role| theme.role(role).fg.unwrap());
            assert!(
                colours[0] != colours[1] && colours[1] != colours[2] && colours[0] != colours[2],
                "{look:?} {depth:?}: {colours:?}"
            );
        }
    }
}

#[test]
fn sixteen_colours_are_the_terminals_own_and_more_are_the_same_everywhere() {
    for look in Look::ALL {
        for (name, style) in styles(&Theme::new(look)) {
            let named = style.fg.is_none_or(|fg| XTERM.iter().any(|(known, _)| *known == fg));
            assert!(named, "{look:?} {name} {:?}", style.fg);
        }
    }
    let on = |depth| Theme { depth, ..Theme::new(Look::ColourBlind) }.role(Role::Bad).fg;
    assert_eq!(on(Depth::Sixteen), Some(Color::LightRed));
    assert_eq!(on(Depth::Indexed), Some(Color::Indexed(166)));
    assert_eq!(on(Depth::True), Some(Color::Rgb(0xd5, 0x5e, 0)));
}

#[test]
fn without_colour_weight_and_reverse_are_left() {
    let mono = Theme::new(Look::Mono);
    for (name, style) in styles(&mono) {
        assert_eq!((style.fg, style.bg), (None, None), "{name}");
    }
    assert_eq!(mono.role(Role::Chosen).add_modifier, Modifier::REVERSED);
    assert_eq!(mono.alarm().add_modifier, Modifier::BOLD | Modifier::REVERSED);
    assert_eq!(mono.severity(Severity::Critical).add_modifier, Modifier::BOLD);
    assert_eq!(cell(&mono, mono.alarm()), (Color::Gray, Color::Black), "no ground is painted");
}

#[test]
fn a_look_with_a_ground_paints_it_under_everything() {
    let looks = grounded(&Theme::new(Look::Light), Style::new());
    assert_eq!((looks.fg, looks.bg), (Color::Black, Color::White));
}

#[test]
fn on_sixteen_colours_what_is_strong_is_no_paler_and_a_bar_is_even() {
    for look in [Look::Light, Look::HighContrast, Look::ColourBlind] {
        let theme = Theme::new(look);
        let seen = |style: Style| {
            let looks = grounded(&theme, style);
            let bold = looks.modifier.contains(Modifier::BOLD);
            (if bold { brightened(looks.fg) } else { looks.fg }, looks.bg)
        };
        let read = |role| {
            let (text, ground) = seen(theme.role(role));
            contrast(rgb(text), rgb(ground))
        };
        assert!(read(Role::Strong) >= read(Role::Plain), "{look:?}");
        let chosen = theme.role(Role::Chosen);
        assert_eq!(seen(theme.role(Role::Strong).patch(chosen)), seen(chosen), "{look:?}");
    }
}
