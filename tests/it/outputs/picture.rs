//! The picture of a response is one that any reader of SVG takes, whatever stands in it.

use std::collections::BTreeSet;

use quell::domain::record::Record;
use quell::domain::timeline_svg::svg;
use roxmltree::Document;

use super::payloads;
use crate::support::response::{self, fold, plain};

fn picture(records: &[Record]) -> String {
    svg(&fold(records), records)
}

/// Every element in order, and every text.
fn read(picture: &str) -> (Vec<String>, BTreeSet<String>) {
    let document = Document::parse(picture).unwrap_or_else(|error| panic!("{error} in {picture}"));
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    let texts = document.descendants().filter_map(|node| node.text().map(str::to_owned)).collect();
    (elements.map(|node| node.tag_name().name().to_owned()).collect(), texts)
}

#[test]
fn the_picture_of_a_response_shows_its_course() {
    let picture = picture(&response::records(plain));
    let (_, texts) = read(&picture);
    for said in [
        "ana acknowledged",
        "1 freeze-account 88213 verified",
        "4 revoke-key k-17 refused",
        "security 2 missed",
        "1 to users: investigating",
        "bulletin users",
        "Login failures, account 88213",
    ] {
        assert!(texts.iter().any(|text| text.contains(said)), "{said}: {texts:#?}");
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("timeline_svg", picture);
    });
}

#[test]
fn every_start_of_a_response_has_a_picture_whose_marks_stay_inside() {
    let records = response::records(plain);
    for end in 1..=records.len() {
        let picture = picture(&records[..end]);
        let document = Document::parse(&picture).unwrap();
        let number = |name: &str| document.root_element().attribute(name).unwrap().parse::<f64>().unwrap();
        let (width, height) = (number("width"), number("height"));
        for node in document.descendants() {
            let place =
                |name: &str| node.attribute(name).and_then(|value| value.parse::<f64>().ok()).unwrap_or(0.0);
            assert!((0.0..=width).contains(&place("x")), "{end}: {node:?}");
            assert!((0.0..=height).contains(&place("y")), "{end}: {node:?}");
        }
    }
}

#[test]
fn no_text_from_outside_becomes_an_element() {
    let allowed = ["svg", "title", "style", "rect", "text", "path", "circle", "g"];
    for (name, payload) in payloads() {
        let picture = picture(&response::records(|words| {
            if words == "status-page" { words.to_owned() } else { payload.clone() }
        }));
        let (elements, _) = read(&picture);
        assert!(elements.iter().all(|element| allowed.contains(&element.as_str())), "{name}: {elements:?}");
        assert!(!picture.contains("href") || payload.contains("href"), "{name}");
    }
}

#[test]
fn a_storm_of_marks_keeps_its_height() {
    let mut records = response::records(plain);
    let note = records
        .iter()
        .position(|record| matches!(record.entry, quell::domain::record::Entry::HealthTurned { .. }))
        .unwrap();
    let turned = records[note].clone();
    records.splice(note..note, std::iter::repeat_n(turned, 500));
    let height = |picture: &str| {
        Document::parse(picture).unwrap().root_element().attribute("height").unwrap().parse::<f64>().unwrap()
    };
    assert!(height(&picture(&records)) < 1200.0);
}
