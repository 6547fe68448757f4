//! What a later quell makes of what an older one kept.

use super::*;

#[tokio::test]
async fn silences_that_an_older_quell_did_not_keep_are_read_at_once() {
    let page = || say(&json!([alert("f1")]));
    let told = Peer::new([page(), none(), about("0.25.0")]);
    let earlier = Alertmanager::new(&settings(&[told.url("")]), |_| None).unwrap();
    earlier.poll(at()).await.unwrap();
    let mut mark: serde_json::Value = serde_json::from_str(&earlier.mark().unwrap()).unwrap();
    let silence = json!([{ "id": "s1", "createdBy": "zed", "comment": "", "endsAt": "2026-11-21T16:00:00Z",
        "matchers": [{ "name": "alertname", "value": "Lag", "isRegex": false, "isEqual": true }],
        "status": { "state": "active" } }]);
    for (is_kept, listed) in [(true, 0), (false, 1)] {
        if !is_kept {
            mark.as_object_mut().unwrap().remove("stock").unwrap();
        }
        let peer = Peer::new(match is_kept {
            true => vec![page(), about("0.25.0")],
            false => vec![page(), say(&silence), about("0.25.0")],
        });
        let later = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
        later.recall(&mark.to_string());
        assert_eq!(later.poll(at()).await.unwrap().vitals.silences.len(), listed);
    }
}
