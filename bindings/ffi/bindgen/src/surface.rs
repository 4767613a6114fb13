//! The public surface of generated source: declarations in their order, one a line, no docs and no bodies.
//!
//! Not a parser: comments go, lines are joined until their parentheses close, braces are counted, and a line is
//! kept when it declares something in a scope that was kept. What the generator needs for itself (converters,
//! handles, a protocol beside each class) is known by its names and left out.

use crate::Language;

/// Declarations of `source`, members indented by four spaces for each level.
pub fn surface(language: Language, source: &str) -> String {
    let mut scopes: Vec<bool> = Vec::new();
    let (mut found, mut last_kept) = (String::new(), false);
    for line in logical_lines(&without_comments(source)) {
        let inside = scopes.iter().all(|kept| *kept);
        let declared = declaration(language, &line).filter(|_| inside);
        if let Some(declared) = &declared {
            // A companion's members belong to the type; the word itself says nothing.
            if declared != COMPANION {
                let depth = scopes.len();
                found.push_str(&format!("{:width$}{declared}\n", "", width = 4 * depth));
            }
        }
        // A body may open on a line of its own, after the declaration that it belongs to.
        let kept = declared.is_some() || (line == "{" && last_kept);
        for brace in line.chars() {
            match brace {
                '{' => scopes.push(kept),
                '}' => drop(scopes.pop()),
                _ => {}
            }
        }
        last_kept = kept;
    }
    found
}

fn without_comments(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find("/*") {
        let (before, comment) = rest.split_at(start);
        text.push_str(before);
        rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
    }
    text.push_str(rest);
    let code = |line: &str| line.split("//").next().unwrap_or("").to_owned();
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// Lines joined until their parentheses are closed, white space collapsed. A body that opens inside stays out.
fn logical_lines(source: &str) -> Vec<String> {
    let (mut lines, mut open, mut current) = (Vec::new(), 0_i32, String::new());
    for line in source.lines() {
        current.push_str(line);
        current.push(' ');
        open += line.chars().map(|c| i32::from(c == '(') - i32::from(c == ')')).sum::<i32>();
        // `{` in an open parenthesis is a closure: what comes then is a body, line by line.
        if open <= 0 || line.contains('{') {
            open = 0;
            let words: Vec<_> = current.split_whitespace().collect();
            if !words.is_empty() {
                lines.push(words.join(" "));
            }
            current.clear();
        }
    }
    lines
}

/// What a line declares, tidied up; `None` when it declares nothing public.
fn declaration(language: Language, line: &str) -> Option<String> {
    let line =
        line.replace('`', "").replace("@Throws(TokenException::class)", "").replace(")throws", ") throws");
    let line = line.trim().trim_start_matches("override ").trim_start();
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let (declares, case) = match language {
        Language::Kotlin => (starts(&KOTLIN), is_kotlin_entry(line)),
        Language::Swift => (starts(&SWIFT), line.starts_with("case ") && !line.ends_with(':')),
    };
    if case {
        return Some(line.trim_end_matches([',', ';']).to_owned());
    }
    let head = before_body(line);
    let own = INTERNAL.iter().all(|word| !head.contains(word));
    (declares && own).then(|| tidy(&head))
}

fn is_kotlin_entry(line: &str) -> bool {
    let name = line.trim_end_matches([',', ';']);
    name.len() < line.len() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Without the body: up to the first brace, or the `=` of an expression, outside of parentheses.
fn before_body(line: &str) -> String {
    let mut open = 0_i32;
    let is_alias = line.contains("typealias ");
    let head = line.chars().take_while(|c| {
        open += i32::from(*c == '(') - i32::from(*c == ')');
        !(*c == '{' || (*c == '=' && open == 0 && !is_alias))
    });
    head.collect()
}

fn tidy(head: &str) -> String {
    let mut head = head.trim().to_owned();
    for (from, to) in [(" ,", ","), ("( ", "("), (" )", ")"), (" (", "("), ("kotlin.", ""), ("java.nio.", "")]
    {
        head = head.replace(from, to);
    }
    head
}

const COMPANION: &str = "companion object";
const KOTLIN: [&str; 11] = [
    "class ",
    "companion object",
    "data class ",
    "enum class ",
    "fun ",
    "object ",
    "open class ",
    "public interface ",
    "public typealias ",
    "sealed class ",
    "val ",
];
const SWIFT: [&str; 9] = [
    "func ",
    "open class ",
    "open func ",
    "public enum ",
    "public func ",
    "public let ",
    "public protocol ",
    "public static func ",
    "public struct ",
];
/// What is the generator's own.
const INTERNAL: [&str; 12] = [
    "Converter",
    "ForeignBytes",
    "Handle",
    "Impl",
    "Interface ",
    "Protocol: ",
    "RustBuffer",
    "Uniffi",
    "destroy",
    "fun close",
    "suppress",
    "uniffi",
];
