use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use softtoken_core::error::StopReason;
use softtoken_core::identity::{CodeKind, IdentityId, IdentityState, IdentityView, Stopped};
use softtoken_core::time::UnixTime;
use softtoken_core::token::{CodeSheet, CodeView};
use zeroize::Zeroizing;

use super::draw::{Palette, draw};
use super::keys::{Action, press};
use super::model::{Mode, Model};

fn identity(number: u8, name: &str, kind: CodeKind) -> IdentityView {
    IdentityView {
        id: IdentityId([number; 16]),
        name: name.into(),
        issuer: String::new(),
        account: String::new(),
        serial: None,
        kind: Some(kind),
        algorithm: None,
        digits: Some(6),
        period: Some(30),
        state: IdentityState::Active,
        stopped: None,
        badge: None,
        registration_code: None,
    }
}

fn timed(number: u8, name: &str, code: &str) -> CodeView {
    CodeView {
        id: IdentityId([number; 16]),
        name: name.into(),
        code: Some(Zeroizing::new(code.into())),
        valid_from: Some(UnixTime(30)),
        valid_until: Some(UnixTime(60)),
        next: Some(Zeroizing::new("999000".into())),
        counter: None,
    }
}

fn on_demand(number: u8, name: &str) -> CodeView {
    CodeView { code: None, valid_from: None, valid_until: None, next: None, ..timed(number, name, "") }
}

/// Three identities, 45 s after the epoch: half of the window is left.
fn model() -> Model {
    let identities = [
        identity(1, "Bank: alice", CodeKind::Totp),
        identity(2, "VPN", CodeKind::Hotp),
        identity(3, "GitHub", CodeKind::Totp),
    ];
    let mut model = Model::new(&identities);
    model.set_time(45_000);
    let codes = vec![timed(1, "Bank: alice", "123456"), on_demand(2, "VPN"), timed(3, "GitHub", "12345678")];
    model.take(CodeSheet { at: UnixTime(45), next_change: UnixTime(60), codes });
    model
}

fn screen(model: &Model, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, model, Palette::without_colours())).unwrap();
    let text = terminal.backend().to_string();
    text.lines().map(|line| line.trim_matches('"').trim_end().to_owned()).collect()
}

fn key(model: &mut Model, code: KeyCode) -> Action {
    press(model, KeyEvent::new(code, KeyModifiers::NONE))
}

#[test]
fn an_identity_that_its_issuer_has_ended_comes_last_and_says_so() {
    let stopped = Some(Stopped { why: StopReason::Deleted, since: UnixTime(1_795_338_000) });
    let gone = IdentityView { stopped, ..identity(4, "Gone", CodeKind::Hotp) };
    let mut model = Model::new(&[identity(1, "Bank", CodeKind::Totp), gone]);
    model.set_time(45_000);
    let codes = vec![timed(1, "Bank", "123456")];
    model.take(CodeSheet { at: UnixTime(45), next_change: UnixTime(60), codes });
    let lines = screen(&model, 100, 8);
    assert!(lines[0].contains("2 identities"));
    assert!(
        lines[3].contains("Gone  ended by its issuer on 2026-11-22: deleted there; activate it again"),
        "{lines:?}"
    );
    model.select_by(1);
    assert!(!model.selected_row().unwrap().is_event(), "there is no next code");
}

#[test]
fn a_row_has_name_grouped_code_bar_and_seconds() {
    let screen = screen(&model(), 60, 8);
    assert_eq!(screen[0], " softtoken 3 identities");
    assert_eq!(screen[2], "▶ Bank: alice  123 456    ████████           15 s");
    assert_eq!(screen[3], "  VPN          press n for the next code");
    assert_eq!(screen[4], "  GitHub       1234 5678  ████████           15 s");
    assert!(screen[7].contains("Enter copy"));
}

#[test]
fn the_following_code_is_shown_in_the_last_five_seconds_only() {
    let mut model = model();
    assert!(!screen(&model, 80, 8).join("\n").contains("999 000"));
    model.set_time(55_000);
    assert!(screen(&model, 80, 8)[2].ends_with("5 s  then 999 000"), "{:?}", screen(&model, 80, 8));
}

#[test]
fn a_narrow_terminal_loses_the_bar_and_then_the_ends_of_names() {
    let narrow = screen(&model(), 30, 8);
    assert!(!narrow.join("\n").contains('█'));
    assert!(narrow[2].contains("123 456"), "{narrow:?}");
    let tiny = screen(&model(), 24, 8);
    assert!(tiny[2].contains("Ban") && tiny[2].contains('…') && tiny[2].contains("123 456"), "{tiny:?}");
}

#[test]
fn a_long_name_leaves_room_for_the_following_code() {
    let identities = [identity(1, "", CodeKind::Totp)];
    let mut model = Model::new(&identities);
    model.set_time(56_000);
    let codes = vec![timed(1, &"long name ".repeat(10), "123456")];
    model.take(CodeSheet { at: UnixTime(56), next_change: UnixTime(60), codes });
    for width in [70, 80, 100] {
        let row = screen(&model, width, 8)[2].clone();
        assert!(row.contains('…') && row.ends_with("4 s  then 999 000"), "{width}: {row}");
    }
}

#[test]
fn no_size_of_a_terminal_is_too_small() {
    let mut model = model();
    model.help = true;
    for (width, height) in [(1, 1), (3, 2), (10, 3), (200, 1), (1, 50)] {
        screen(&model, width, height);
    }
}

#[test]
fn a_search_narrows_the_list_and_escape_clears_it() {
    let mut model = model();
    key(&mut model, KeyCode::Char('/'));
    for c in "hUB".chars() {
        key(&mut model, KeyCode::Char(c));
    }
    assert_eq!(model.visible().len(), 1);
    assert!(screen(&model, 60, 8).join("\n").contains(" /hUB▏"));
    assert!(screen(&model, 60, 8)[0].contains("1 of 3 identities"));
    assert_eq!(key(&mut model, KeyCode::Enter), Action::Nothing);
    assert_eq!(model.selected_row().map(|row| row.name.as_str()), Some("GitHub"));
    assert_eq!(key(&mut model, KeyCode::Esc), Action::Nothing);
    assert!(model.visible().len() == 3 && model.mode == Mode::List);
    assert_eq!(key(&mut model, KeyCode::Esc), Action::Quit);
}

#[test]
fn letters_of_a_search_are_not_commands() {
    let mut model = model();
    key(&mut model, KeyCode::Char('/'));
    assert_eq!(key(&mut model, KeyCode::Char('q')), Action::Nothing);
    assert_eq!(model.search, "q");
}

#[test]
fn the_selection_stops_at_both_ends_and_survives_new_codes() {
    let mut model = model();
    key(&mut model, KeyCode::Up);
    assert_eq!(model.selected_index(), Some(0));
    key(&mut model, KeyCode::End);
    key(&mut model, KeyCode::Down);
    assert_eq!(model.selected_index(), Some(2));
    let codes = vec![timed(3, "GitHub", "000000"), timed(1, "Bank: alice", "111111")];
    model.take(CodeSheet { at: UnixTime(60), next_change: UnixTime(90), codes });
    assert_eq!(model.selected_row().map(|row| row.name.as_str()), Some("GitHub"));
}

#[test]
fn an_event_code_stays_until_the_next_one() {
    let mut model = model();
    key(&mut model, KeyCode::Down);
    assert_eq!(key(&mut model, KeyCode::Char('n')), Action::NextCode);
    let code = Some(Zeroizing::new("755224".to_owned()));
    model.show_event_code(CodeView { code, counter: Some(0), ..on_demand(2, "VPN") });
    assert!(screen(&model, 60, 8)[3].contains("755 224    number 0"), "{:?}", screen(&model, 60, 8));
    let codes = vec![timed(1, "Bank: alice", "111111"), on_demand(2, "VPN")];
    model.take(CodeSheet { at: UnixTime(60), next_change: UnixTime(90), codes });
    assert!(screen(&model, 60, 8)[3].contains("755 224"));
}

#[test]
fn codes_are_read_again_at_the_next_change_and_when_the_clock_is_set_back() {
    let mut model = model();
    assert!(!model.is_stale());
    model.set_time(59_999);
    assert!(!model.is_stale());
    model.set_time(60_000);
    assert!(model.is_stale());
    model.set_time(44_000);
    assert!(model.is_stale());
}

#[test]
fn a_note_is_there_for_a_moment() {
    let mut model = model();
    assert_eq!(key(&mut model, KeyCode::Enter), Action::Copy);
    model.note("copied 123 456".into());
    assert!(screen(&model, 60, 8)[7].contains("copied 123 456"));
    model.set_time(48_000);
    assert!(!screen(&model, 60, 8)[7].contains("copied"));
}

#[test]
fn a_long_list_scrolls_with_the_selection() {
    let identities: Vec<_> = (0..50).map(|n| identity(n, &format!("name {n}"), CodeKind::Totp)).collect();
    let mut model = Model::new(&identities);
    model.set_time(45_000);
    let codes = (0..50).map(|n| timed(n, &format!("name {n}"), "123456")).collect();
    model.take(CodeSheet { at: UnixTime(45), next_change: UnixTime(60), codes });
    key(&mut model, KeyCode::End);
    let screen = screen(&model, 60, 10);
    assert!(screen.iter().any(|line| line.starts_with("▶ name 49")), "{screen:?}");
}
