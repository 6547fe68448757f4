//! What outside text becomes on its way to a screen.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

/// Every payload of the collection, with its name.
fn payloads() -> Vec<(String, Vec<u8>)> {
    let all: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../tests/torture.json")).expect("the collection is JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    all.iter()
        .map(|one| {
            let bytes = match one["encoding"].as_str() {
                Some("hex") => text(&one["payload_hex"])
                    .as_bytes()
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
                    .collect(),
                Some("gen") => {
                    let r#gen = &one["gen"];
                    let repeat = usize::try_from(r#gen["repeat"].as_u64().unwrap()).unwrap();
                    let body = text(&r#gen["unit"]).repeat(repeat);
                    format!("{}{body}{}", text(&r#gen["prefix"]), text(&r#gen["suffix"])).into_bytes()
                }
                _ => text(&one["payload_escaped"]).into_bytes(),
            };
            (text(&one["name"]), bytes)
        })
        .collect()
}

fn payload(name: &str) -> Outside {
    let all = payloads();
    let (_, bytes) = all.iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no payload {name}"));
    Outside::from_bytes(bytes)
}

fn shown(name: &str) -> String {
    payload(name).safe().to_string()
}

fn assert_safe(text: &SafeText, what: &str) {
    for cluster in text.graphemes(true) {
        assert!(is_safe_symbol(cluster), "{what}: {}", cluster.escape_debug());
    }
}

#[test]
fn every_payload_becomes_safe_everywhere() {
    let all = payloads();
    assert!(all.len() > 100);
    for (name, bytes) in &all {
        let text = Outside::capped(String::from_utf8_lossy(bytes), 64 * 1024);
        assert!(text.raw().len() <= 64 * 1024, "{name}");
        assert_safe(&text.safe(), name);
        assert!(!text.safe().trim().is_empty(), "{name} shows nothing");
        let lines = text.lines(2000);
        assert!(lines.len() <= 2000, "{name}");
        lines.iter().for_each(|line| assert_safe(line, name));
        assert!(text.exact().bytes().all(|b| matches!(b, b' '..=b'~')), "{name}");
        assert!(ascii_fold(&text.safe()).is_ascii(), "{name}");
        for cells in [0, 1, 7, 40] {
            let clip = text.safe().clip(cells);
            assert!(clip.graphemes(true).map(Width::width).sum::<usize>() <= cells, "{name}");
        }
    }
}

#[test]
fn controls_are_shown() {
    assert_eq!(shown("title_set"), "\\x1b]0;prod-db is fine\\x07");
    assert_eq!(shown("c1_osc_utf8"), "\\u{9d}0;pwn\\u{9c}");
    assert_eq!(shown("tab_newline_cell"), "a\\tb\\nc\\r\\nd\\u{2028}e\\u{2029}f\\x0bg");
    assert_eq!(shown("cr_overwrite"), "SEV1 hot wallet drained\\rSEV5 nothing to see      ");
}

#[test]
fn direction_and_hidden_characters_are_shown() {
    assert_eq!(shown("alm_lrm_rlm"), "a\\u{61c}b\\u{200e}c\\u{200f}d");
    assert_eq!(shown("rli_lri_fsi_pdi"), "a\\u{2066}b\\u{2067}c\\u{2068}d\\u{2069}e");
    assert_eq!(shown("hangul_fillers"), "\\u{3164}\\u{115f}\\u{1160}\\u{ffa0}");
    assert_eq!(shown("noncharacters"), "a\\u{fffe}\\u{ffff}\\u{fdd0}b");
    assert_eq!(shown("only_spaces"), "(blank)");
    assert!(payload("only_spaces").is_blank() && payload("braille_blank").is_blank());
    assert!(payload("hangul_fillers").is_blank() && !payload("pua_icons").is_blank());
}

#[test]
fn marks_are_limited_and_carried() {
    assert_eq!(shown("zalgo20"), "Z\u{301}\u{301}\u{301}\u{301}\u{fffd}algo");
    assert_eq!(shown("lone_combining_start"), "\u{25cc}\u{301}\u{308} starts with marks");
    assert_eq!(SafeText::display("\u{7}\u{301}").to_string(), "\\x07\u{25cc}\u{301}");
}

#[test]
fn our_own_glyphs_are_not_taken_from_data() {
    assert_eq!(shown("ui_glyph_spoof"), "\\u{2713} RESOLVED \\u{2502} SEV5 \\u{2502} \\u{25cf} live");
    assert_eq!(shown("box_drawing"), "\\u{256d}\\u{2500} CONFIRM \\u{2500}\\u{256e}");
    assert_eq!(shown("pua_icons"), "\\u{e0b0} \\u{f058} resolved");
    for ours in ["─", "│", "┌", "▌", "●", "○", "◍", "◐", "✓", "↑", "·", "…", "▁", "█", " ", ""]
    {
        assert!(is_safe_symbol(ours), "{ours}");
        assert!(ascii_fold(ours).is_ascii() && ascii_fold(ours).len() == ours.width(), "{ours}");
    }
}

#[test]
fn what_terminals_draw_too_wide_is_shown_as_escapes() {
    assert_eq!(shown("fdfd"), "\\u{fdfd}\\u{fdfd}\\u{fdfd} SEV1");
    assert_eq!(SafeText::display("\u{12031}\u{2e3b}").to_string(), "\\u{12031}\\u{2e3b}");
}

#[test]
fn every_language_stays_readable() {
    for name in ["emoji_ok", "devanagari_ok", "family_zwj", "arabic_trade", "turkish_i_lower_len"] {
        assert_eq!(shown(name), payload(name).raw(), "{name}");
    }
    for text in ["ข้อผิดพลาดที่เซิร์ฟเวอร์", "བོད་ཡིག", "取引停止 서버 오류", "🇪🇺 ok 👩🏽‍🚒", "각"]
    {
        assert_eq!(Outside::new(text).safe().to_string(), text);
    }
}

#[test]
fn a_joiner_cannot_hide_behind_a_picture() {
    assert_eq!(SafeText::display("🔥\u{200d}").to_string(), "🔥\\u{200d}");
    assert_eq!(SafeText::display("🔥\u{fe0f}\u{fe0f}").to_string(), "🔥\\u{fe0f}\\u{fe0f}");
    assert_eq!(SafeText::display("a\u{fe0f}").to_string(), "a\\u{fe0f}");
    let long = ["👩"; 6].join("\u{200d}");
    assert!(SafeText::display(&long).contains("\\u{200d}"));
}

#[test]
fn invalid_bytes_become_replacements() {
    assert_eq!(Outside::from_bytes(b"a\xff\xfeb\xe2\x82").raw(), "a\u{fffd}\u{fffd}b\u{fffd}");
}

#[test]
fn cuts_are_said() {
    let text = Outside::new("é".repeat(600));
    assert_eq!(text.safe().to_string(), format!("{}…[+176 bytes]", "é".repeat(512)));
    assert_eq!(text.capped_safe(5).to_string(), "éé…[+1196 bytes]");

    let capped = Outside::capped("é".repeat(600), 100);
    assert!(capped.raw().len() <= 100 && capped.raw().starts_with("éé"));
    let kept = capped.raw().chars().filter(|c| *c == 'é').count() * 2;
    assert!(capped.raw().contains(&format!("…[+{} bytes] sha256:", 1200 - kept)), "{}", capped.raw());
    assert_eq!(Outside::capped(capped.raw(), 100), capped);
    assert_eq!(Outside::capped("short", 100).raw(), "short");
    let digest = Outside::capped("a".repeat(64), 50);
    assert!(digest.raw().ends_with("sha256:ffe054fe7ae0"), "{}", digest.raw());
    let whole = Outside::capped("a".repeat(1025), 1024);
    let (_, digest) = whole.raw().split_once(" sha256:").unwrap();
    assert!(whole.raw().len() <= 1024);
    assert_eq!(digest.len(), 64, "where there is room, all of it");
    assert_eq!(digest, "4a82297889eb505cf6b5cbdf69977afab4632d6557539782f657bd7dc78091a5");
}

#[test]
fn lines_split_at_newlines_only() {
    let lines = |text: &str, max| -> Vec<String> {
        Outside::new(text).lines(max).iter().map(ToString::to_string).collect()
    };
    assert_eq!(lines("a\r\n\n b\rc\u{2028}d\n", 10), ["a", "", " b\\rc\\u{2028}d"]);
    assert_eq!(lines("a\nb\nc", 3), ["a", "b", "c"]);
    assert_eq!(lines("a\nb\nc", 2), ["a", "…[+2 lines]"]);
    assert_eq!(lines(" \n ", 5), ["(blank)"]);
    assert_eq!(lines("a\nb", 0), Vec::<String>::new());
    let long = lines(&"x".repeat(70_000), 10);
    assert_eq!(long.len(), 2);
    assert_eq!(long[1], "…[+4464 bytes]");
    let many = payload("newlines_100k").lines(9999);
    assert_eq!(many.len(), 2000);
    assert!(many[1999].starts_with("…[+98002 lines"), "{}", &many[1999]);
}

#[test]
fn debug_never_shows_raw_text() {
    assert_eq!(format!("{:?}", Outside::new("a\x1b\\é")), r#"Outside("a\x1b\\\u{e9}")"#);
}

#[test]
fn clipping_leaves_whole_clusters() {
    let text = SafeText::display("取引 ok");
    assert_eq!(text.width(), 7);
    for (cells, clip) in [(0, ""), (1, "…"), (2, "…"), (3, "取…"), (4, "取…"), (6, "取引 …"), (7, "取引 ok")]
    {
        assert_eq!(text.clip(cells), clip, "{cells}");
    }
}

/// Text rich in what matters here: joiners, marks, controls, pictures, prepended signs, jamo.
fn hostile() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(
        "a\\\n\r\t\x1b\u{9b}\u{301}\u{93f}\u{915}\u{94d}\u{200d}\u{fe0f}\u{20e3}\u{1f525}\u{1f3fb}\u{1f1e6}1\
         \u{600}\u{110bd}\u{1100}\u{1161}\u{11a8}\u{ff9e}\u{2800}\u{202e}─●{}x\u{e0041}\u{fdfd}\u{644}\u{627} "
            .chars()
            .collect::<Vec<_>>(),
    );
    let c = prop_oneof![4 => tricky, 1 => any::<char>()];
    let run = (c, prop_oneof![9 => Just(1usize), 1 => 2..80usize]);
    prop::collection::vec(run, 0..40)
        .prop_map(|runs| runs.iter().flat_map(|(c, n)| std::iter::repeat_n(*c, *n)).collect())
}

proptest! {
    #[test]
    fn display_is_safe_and_stays_as_it_is(text in hostile()) {
        let once = SafeText::display(&text);
        for cluster in once.graphemes(true) {
            prop_assert!(is_safe_symbol(cluster), "{}", cluster.escape_unicode());
        }
        prop_assert!(!once.trim().is_empty());
        prop_assert_eq!(SafeText::display(&once), once);
    }

    #[test]
    fn exact_is_injective(a in hostile(), b in hostile()) {
        prop_assert_eq!(read_exact(&SafeText::exact(&a)), a.clone());
        prop_assert_eq!(SafeText::exact(&a) == SafeText::exact(&b), a == b);
    }

    #[test]
    fn a_clip_is_never_wider(text in hostile(), cells in 0usize..60) {
        let text = SafeText::display(&text);
        let clip = text.clip(cells);
        prop_assert!(clip.graphemes(true).map(Width::width).sum::<usize>() <= cells);
        prop_assert_eq!(clip == *text, text.width() <= cells);
    }

    #[test]
    fn caps_hold(text in hostile(), max in 45usize..200) {
        prop_assert!(Outside::capped(text.as_str(), max).raw().len() <= max);
        prop_assert!(Outside::new(text).lines(max).len() <= max);
    }

    #[test]
    fn folding_is_ascii_and_as_wide(text in hostile()) {
        let text = SafeText::display(&text);
        let folded = ascii_fold(&text);
        prop_assert!(folded.is_ascii());
        prop_assert_eq!(folded.len(), text.width());
    }
}

/// The text that an exact text was made of.
fn read_exact(exact: &str) -> String {
    let mut out = String::new();
    let mut rest = exact.chars();
    while let Some(c) = rest.next() {
        let hex = |digits: String| char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap();
        out.push(match c {
            '\\' => match rest.next().unwrap() {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => hex(rest.by_ref().take(2).collect()),
                _ => hex(rest.by_ref().skip(1).take_while(|c| *c != '}').collect()),
            },
            _ => c,
        });
    }
    out
}

#[test]
fn large_numbers_stand_in_groups() {
    for (number, text) in
        [(0, "0"), (999, "999"), (1000, "1 000"), (12_068, "12 068"), (1_234_567, "1 234 567")]
    {
        assert_eq!(grouped(number, ' '), text);
    }
    assert_eq!(grouped(1200, ','), "1,200");
}

#[test]
fn sizes_are_short() {
    for (bytes, words) in [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (16 << 20, "16.0 MiB")] {
        assert_eq!(size(bytes), words);
    }
}

#[test]
fn of_many_the_first_are_named_and_the_rest_counted() {
    let named = |all: &[&str]| named(all.iter().map(ToString::to_string), 2);
    assert_eq!([named(&[]), named(&["a", "b"])], ["", "a, b"]);
    assert_eq!(named(&["a", "b", "c", "d"]), "a, b, and 2 more");
}
