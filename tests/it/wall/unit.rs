//! The service that runs a wall is one that systemd takes, and gives it no more than it needs.

use crate::support::real::programs;
use crate::support::repository;
use crate::support::scratch::{Scratch, run};

#[test]
fn systemd_takes_the_unit() {
    let unit = repository::text("assets/quell-wall.service");
    let needed = [
        "DynamicUser=yes",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "TTYPath=/dev/tty8",
    ];
    for line in needed {
        assert!(unit.lines().any(|it| it == line), "{line}");
    }
    // What passes, a terminal that is gone for a moment say, must not leave the wall dark for good.
    assert!(
        unit.lines().any(|it| it == "Restart=always")
            && unit.lines().any(|it| it == "StartLimitIntervalSec=0")
    );
    assert!(!unit.contains("RestartPreventExitStatus"));
    assert!(unit.lines().any(|it| it == "RestartSec=5"));
    let says = "(it is back after five seconds)";
    assert!(repository::text("assets/kiosk.md").contains(says), "as long as the unit waits");
    let Some([analyze]) = programs(["systemd-analyze"]) else { return };
    let scratch = Scratch::new();
    let (file, quell) = (scratch.path("quell-wall.service"), env!("CARGO_BIN_EXE_quell"));
    std::fs::write(&file, unit.replace("/usr/bin/quell", quell)).unwrap();
    let ran = run(&mut scratch.program(analyze.to_str().unwrap(), &["verify", file.to_str().unwrap()]));
    assert_eq!((ran.code, ran.stderr.as_str(), ran.stdout.as_str()), (Some(0), "", ""));
}
