//! Help, manual and completions say what there is.

use std::fs;

use crate::server::Home;

#[test]
fn the_help_of_the_whole() {
    insta::assert_snapshot!(Home::bare().run(&["--help"]).out);
}

#[test]
fn the_help_of_the_server() {
    insta::assert_snapshot!(Home::bare().run(&["serve", "-h"]).out);
}

#[test]
fn every_command_tells_its_exit_codes() {
    for command in ["serve", "token", "user", "key"] {
        let help = Home::bare().run(&[command, "--help"]).out;
        assert!(help.contains("  5  the data can't be opened"), "{help}");
    }
}

#[test]
fn every_command_has_a_page() {
    let home = Home::bare();
    let page = home.run(&["man"]).out;
    assert!(
        page.starts_with(".ie") && page.contains(".SH SUBCOMMANDS"),
        "{page}"
    );
    assert!(page.contains("Exit codes:"), "{page}");
    assert_eq!(home.run(&["man", "--dir", "pages/deep"]).code, 0);
    let mut pages: Vec<_> = fs::read_dir(home.path("pages/deep"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.contains("help"))
        .collect();
    pages.sort();
    insta::assert_snapshot!(pages.join("\n"));
    home.run(&["man", "--dir", "/proc/none"])
        .failed(1, &["/proc/none", "(output_failed)"]);
}

#[test]
fn every_shell_has_completions() {
    let home = Home::bare();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completions", shell]).out;
        assert!(script.contains("identify"), "{shell}");
    }
    // The others complete no values.
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(&["completions", shell]).out;
        for word in ["read_api", "created_desc", "impersonation"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
}
