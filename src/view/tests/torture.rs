use super::*;

/// Hostile text in every place that shows text from outside leaves no cell a terminal could obey. `draw` itself
/// fails in tests when the sweep finds something.
#[test]
fn hostile_text_never_reaches_a_cell() {
    let file = include_str!("../../../tests/torture.json");
    let json: serde_json::Value = serde_json::from_str(file).unwrap();
    let mut texts = Vec::new();
    collect(&json, &mut texts);
    assert!(texts.len() > 100, "{}", texts.len());
    for text in texts.iter().filter(|text| text.len() < 20_000) {
        let mut play = console();
        let it = with_labels(
            1047,
            Severity::Critical,
            "14:01:22",
            text,
            &[("service", text), ("account_id", text)],
        );
        play.engine.put(it);
        play.engine.by("ana", 1047, "14:02:00", Entry::LeadNamed { name: Outside::new(format!("x{text}")) });
        play.poll();
        play.wait(2000);
        for keys in ["", "enter", "q n", "esc c", "esc e enter", "esc"] {
            play.press(keys);
            play.tell(Message::Pasted(Outside::new(text.as_str())));
            for theme in [&COLOUR, &ASCII] {
                frame(&play, theme);
            }
        }
    }
}

fn collect(json: &serde_json::Value, out: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => out.push(text.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|it| collect(it, out)),
        serde_json::Value::Object(all) => all.values().for_each(|it| collect(it, out)),
        _ => {}
    }
}
