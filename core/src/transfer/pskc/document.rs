//! The XML side: limits, and elements by name.
//!
//! Elements are found by their local name: makers write the namespaces with and without prefix, and
//! some children (`Salt`, `PRF`) in none. An element that may stand once and stands twice is refused:
//! two readers could take different ones. DTDs are refused, so there are no entities and nothing
//! grows; the parser does not recurse, and neither does anything here.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use roxmltree::{Document, Error, Node, ParsingOptions};
use zeroize::Zeroizing;

use crate::activation::request::Refusal;
use crate::error::{Part, Problem};
use crate::secret::SecretBytes;

/// Parses `xml` within the limits.
pub(super) fn read(xml: &str) -> Result<Document<'_>, Refusal> {
    let too_long = Refusal::part(Part::Xml, Problem::TooLong);
    let quotes = |tag: &str| tag.bytes().filter(|byte| matches!(byte, b'"' | b'\'')).count();
    let prefixes = xml.split("xmlns:").skip(1).filter_map(|rest| rest.split('=').next());
    // The parser compares every attribute of an element with every other, and every namespace in
    // scope with every other wherever one is declared.
    if xml.len() > MAX_BYTES
        || xml.split('<').any(|tag| quotes(tag) > MAX_ATTRIBUTES * 2)
        || prefixes.collect::<BTreeSet<_>>().len() > MAX_PREFIXES
    {
        return Err(too_long);
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(xml, options).map_err(|error| match error {
        Error::NodesLimitReached | Error::AttributesLimitReached | Error::NamespacesLimitReached => {
            Refusal::part(Part::Xml, Problem::TooLong)
        }
        Error::DtdDetected => Refusal::part(Part::Xml, Problem::Unknown),
        Error::NoRootNode => Refusal::part(Part::Xml, Problem::Empty),
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => {
            Refusal::part(Part::Xml, Problem::Truncated)
        }
        error => Refusal::at(Part::Xml, Problem::BadEncoding, position(xml, error.pos())),
    })?;
    if is_deep(document.root()) { Err(too_long) } else { Ok(document) }
}

/// The root element, checked to be a key container of version 1.0.
pub(super) fn container<'a, 'input>(xml: &'a Document<'input>) -> Result<Node<'a, 'input>, Refusal> {
    let root = xml.root_element();
    let namespace = root.tag_name().namespace().unwrap_or(NAMESPACE);
    // Drafts had the version in the namespace as well.
    if root.tag_name().name() != "KeyContainer" || !namespace.starts_with(NAMESPACE) {
        return Err(Refusal::NotForThisApp);
    }
    match root.attribute("Version") {
        Some("1.0") => Ok(root),
        Some(_) => Err(Refusal::part(Part::Version, Problem::Unknown)),
        None => Err(Refusal::part(Part::Version, Problem::Missing)),
    }
}

/// The only child of this name, if there is one.
pub(super) fn child<'a, 'input>(
    node: Node<'a, 'input>,
    name: &str,
) -> Result<Option<Node<'a, 'input>>, Refusal> {
    let mut named = node.children().filter(|child| child.is_element() && child.tag_name().name() == name);
    match (named.next(), named.next()) {
        (_, Some(_)) => Err(Refusal::part(Part::Entry, Problem::Duplicate)),
        (found, None) => Ok(found),
    }
}

/// [`child`], repeated.
pub(super) fn descend<'a, 'input>(
    node: Node<'a, 'input>,
    path: &[&str],
) -> Result<Option<Node<'a, 'input>>, Refusal> {
    path.iter().try_fold(Some(node), |node, name| node.map_or(Ok(None), |node| child(node, name)))
}

/// The text of an element without its surrounding white space. Comments inside are skipped, elements
/// are refused.
pub(super) fn text(node: Node<'_, '_>, part: Part) -> Result<Zeroizing<String>, Refusal> {
    if node.children().any(|child| child.is_element()) {
        return Err(Refusal::part(part, Problem::BadEncoding));
    }
    let pieces = || node.children().filter_map(|child| child.text().filter(|_| child.is_text()));
    // The whole capacity at once: a growing string would leave copies of a secret behind.
    let mut text = Zeroizing::new(String::with_capacity(pieces().map(str::len).sum()));
    pieces().for_each(|piece| text.push_str(piece));
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// The bytes of an element in Base64 (standard alphabet, padding and white space as they come).
pub(super) fn bytes(node: Node<'_, '_>, part: Part) -> Result<SecretBytes, Refusal> {
    let mut text = text(node, part)?;
    text.retain(|c| !c.is_ascii_whitespace());
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| Refusal::part(part, Problem::BadEncoding))?;
    Ok(SecretBytes::new(bytes))
}

fn is_deep(root: Node<'_, '_>) -> bool {
    let (mut node, mut depth) = (root, 0_u32);
    loop {
        if let Some(child) = node.first_child() {
            (node, depth) = (child, depth.saturating_add(1));
            if depth > MAX_DEPTH {
                return true;
            }
            continue;
        }
        while node.next_sibling().is_none() {
            match node.parent() {
                Some(parent) => (node, depth) = (parent, depth.saturating_sub(1)),
                None => return false,
            }
        }
        node = node.next_sibling().unwrap_or(root);
    }
}

/// Row and column of the parser as characters before that place.
fn position(xml: &str, at: roxmltree::TextPos) -> u32 {
    let rows = xml.split_inclusive('\n').take(usize::try_from(at.row.saturating_sub(1)).unwrap_or(0));
    let before = rows.map(|row| row.chars().count()).sum::<usize>();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(at.col.saturating_sub(1))
}

const NAMESPACE: &str = "urn:ietf:params:xml:ns:keyprov:pskc";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Largest file: 4 MiB.
pub const MAX_BYTES: usize = 4 << 20;
/// Most elements, texts and comments; a file of [`MAX_BYTES`] as makers write it has about 200,000.
pub const MAX_NODES: u32 = 400_000;
/// Deepest nesting of elements; RFC 6030 has 8.
pub const MAX_DEPTH: u32 = 32;
/// Most attributes of one element; makers have 10 at most.
const MAX_ATTRIBUTES: usize = 64;
/// Most prefixes of namespaces; makers have 6 at most.
const MAX_PREFIXES: usize = 32;
