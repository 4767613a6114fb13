use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// Two different links of the vectors: a link, and the text of a QR code in both forms.
fn samples() -> (String, String, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/activation_v2.json");
    let vectors: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |row: usize, form: &str| vectors["links"][row][form].as_str().unwrap().to_owned();
    (text(0, "https"), text(1, "https"), text(1, "app"))
}

fn texts(mail: &str) -> Vec<String> {
    links(mail).iter().map(|link| link.text.to_string()).collect()
}

/// RFC 2045 section 6.7, with a soft break wherever 75 characters are full.
fn quoted_printable(text: &str, line_end: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for c in text.chars() {
        if c == '\n' {
            out.push_str(line_end);
            column = 0;
            continue;
        }
        let piece = if c == '=' { "=3D".to_owned() } else { c.to_string() };
        if column + piece.len() > 75 {
            out.push('=');
            out.push_str(line_end);
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out
}

fn html(link: &str) -> String {
    format!("<html><p style=\"x\">Hello,</p>\n<a href=\"{link}\">Activate</a><p>Bye</p></html>")
}

#[test]
fn a_link_is_found_in_plain_text_whatever_stands_around_it() {
    let (link, ..) = samples();
    for mail in [
        format!("Hello,\n\n{link}\n\nBye"),
        format!("Tap <{link}>."),
        format!("> {link}, please"),
        format!("({link}) now"),
        format!("Activate:\t{link}"),
    ] {
        assert_eq!(texts(&mail), [link.as_str()], "{mail}");
    }
}

#[test]
fn a_link_is_found_in_html_and_in_every_encoding_of_a_mail() {
    let (link, ..) = samples();
    let html = html(&link);
    let base64 = STANDARD.encode(&html);
    let lines: Vec<&str> = base64.as_bytes().chunks(76).map(|l| std::str::from_utf8(l).unwrap()).collect();
    for line_end in ["\n", "\r\n"] {
        let quoted = quoted_printable(&html, line_end);
        assert!(!quoted.contains(&link), "the soft breaks cut the link");
        for body in [html.clone(), quoted, lines.join(line_end)] {
            let mail = format!("Subject: Your token{line_end}X: y{line_end}{line_end}{body}{line_end}--b--");
            assert_eq!(texts(&mail), [link.as_str()], "{mail}");
        }
    }
}

#[test]
fn a_link_is_found_inside_the_link_of_a_gateway() {
    let (link, ..) = samples();
    let wrapped = link.replace(':', "%3A").replace('/', "%2F").replace('#', "%23");
    let mail = format!("Tap https://gate.example/?url={wrapped}&data=05%7C01 now");
    assert_eq!(texts(&mail), [link]);
}

#[test]
fn the_two_forms_of_one_link_are_one_and_different_links_are_several_in_order() {
    let (link, https, app) = samples();
    assert_eq!(texts(&format!("{https}\nalternatively {app}")), [https.as_str()]);
    assert_eq!(texts(&format!("{app}\nalternatively {https}")), [app]);
    let multipart = format!("{https} {link}\n{}", quoted_printable(&html(&link), "\r\n"));
    assert_eq!(texts(&multipart), [https, link]);
}

#[test]
fn a_link_in_capitals_is_one_too() {
    let (link, ..) = samples();
    let capitals = link.replace("https://", "HTTPS://");
    assert_eq!(texts(&format!("Tap {capitals} now")), [capitals]);
}

#[test]
fn half_a_link_is_none() {
    let (link, ..) = samples();
    for cut in [70, 76, 100, link.len() - 1] {
        let (first, second) = link.split_at(cut);
        for broken in [format!("{first}\n{second}"), format!("{first} {second}")] {
            let whole: Vec<String> = texts(&broken).into_iter().filter(|found| *found == link).collect();
            assert!(whole.is_empty(), "{broken}");
        }
    }
    let (first, second) = link.split_at(link.len() - 4);
    assert_eq!(
        texts(&format!("x {first}=\n{second} y")),
        [link.as_str()],
        "never what stands before the break"
    );
    assert!(texts(&link).is_empty(), "a bare link is no mail");
    assert!(texts(&format!(" {link}\n")).is_empty());
    assert!(texts("Hello https://a.example/a#2. and #2. and softtoken://a#2.AAAA").is_empty());
}

#[test]
fn a_text_that_is_too_long_has_none_and_no_more_than_the_most_are_found() {
    let (link, ..) = samples();
    assert!(texts(&format!("{link} {}", "x".repeat(MAX_TEXT))).is_empty());
    let payload = link.split_once("#2.").unwrap().1;
    let mail: Vec<String> = (0..40)
        .map(|number: u8| {
            let mut bytes = LinkPayload::parse(&link).unwrap().to_bytes();
            bytes[3] = number;
            let other = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&*bytes);
            link.replace(payload, &other)
        })
        .collect();
    assert_eq!(texts(&mail.join("\n")).len(), MAX_LINKS);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_gives_a_list(text in "(?s)(.|=\r\n|#2\\.|%232\\.|https://|softtoken://a|[A-Za-z0-9+/]{60,80}\n){0,40}") {
        assert!(links(&text).len() <= MAX_LINKS);
    }
}
