//! An answer of EC2: XML, as a tree in which what is missing is missing.

use aws_types::request_id::RequestId;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// Deeper than any answer of EC2.
const DEEPEST: usize = 64;

/// An element of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    text: String,
    inside: Vec<Element>,
}

/// Something without which an answer makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer has no {0}")]
pub struct Missing(pub String);

impl Element {
    /// The name, without a namespace.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The element of this name inside.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.inside.iter().find(|inside| inside.name == name)
    }

    /// The text of the element of this name inside; none where there is no such element, or it is empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The text of an element that has to be there.
    ///
    /// # Errors
    /// It is not there, or empty.
    pub fn need(&self, name: &str) -> Result<&str, Missing> {
        self.text(name).ok_or_else(|| Missing(name.to_owned()))
    }

    /// A boolean that has to be there.
    ///
    /// # Errors
    /// It is not there, or something else.
    pub fn flag(&self, name: &str) -> Result<bool, Missing> {
        self.need(name)?.parse().map_err(|_| Missing(name.to_owned()))
    }

    /// The elements of the list of this name; none where there is no such list.
    pub fn items(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.child(name).into_iter().flat_map(|list| &list.inside).filter(|inside| inside.name == "item")
    }
}

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    root: Element,
    id: Option<String>,
}

impl Answer {
    /// Reads the answer to an operation.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn read(operation: &str, body: &[u8], id: Option<&str>) -> Result<Self, Missing> {
        let wanted = format!("{operation}Response");
        let root = parse(body).filter(|root| root.name == wanted).ok_or(Missing(wanted))?;
        let id = id.or_else(|| root.text("requestId")).map(str::to_owned);
        Ok(Self { root, id })
    }
}

impl std::ops::Deref for Answer {
    type Target = Element;

    fn deref(&self) -> &Element {
        &self.root
    }
}

impl RequestId for Answer {
    fn request_id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// The root element of a document; none where it is not a whole document.
pub(super) fn parse(body: &[u8]) -> Option<Element> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut open: Vec<Element> = vec![];
    let mut root = None;
    loop {
        let ended = match reader.read_event().ok()? {
            Event::Start(start) if open.len() < DEEPEST && root.is_none() => {
                open.push(element(start.local_name().as_ref()));
                None
            }
            Event::Start(_) => return None,
            Event::Empty(empty) => Some(element(empty.local_name().as_ref())),
            Event::End(_) => Some(open.pop()?),
            Event::Text(text) => {
                say(&mut open, &text.xml10_content());
                None
            }
            Event::CData(text) => {
                say(&mut open, &text.xml10_content());
                None
            }
            Event::GeneralRef(named) => {
                match named.resolve_char_ref().ok()? {
                    Some(character) => say(&mut open, character.encode_utf8(&mut [0; 4])),
                    None => say(&mut open, resolve_predefined_entity(&named)?),
                }
                None
            }
            Event::Eof => return root.filter(|_| open.is_empty()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => None,
        };
        match (ended, open.last_mut()) {
            (Some(ended), Some(around)) => around.inside.push(ended),
            (Some(ended), None) if root.is_none() => root = Some(ended),
            (Some(_), None) => return None,
            (None, _) => {}
        }
    }
}

fn element(name: &str) -> Element {
    Element { name: name.to_owned(), ..Element::default() }
}

/// Text outside of the root is the space around it.
fn say(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <e:DescribeRegionsResponse xmlns:e="http://ec2.amazonaws.com/doc/2016-11-15/">
          <requestId>7a62</requestId>
          <regionInfo>
            <item><regionName>eu-west-1</regionName><note>a &lt; b &#38; <![CDATA[<c>]]></note><empty/></item>
            <item><regionName>us-east-1</regionName></item>
          </regionInfo>
          <on>true</on><off>no</off>
        </e:DescribeRegionsResponse>"#;

    fn read(body: &str) -> Result<Answer, Missing> {
        Answer::read("DescribeRegions", body.as_bytes(), None)
    }

    #[test]
    fn an_answer_is_read_as_it_stands() {
        let answer = read(REGIONS).expect("an answer");
        let names: Vec<_> = answer.items("regionInfo").map(|item| item.text("regionName")).collect();
        assert_eq!(names, [Some("eu-west-1"), Some("us-east-1")]);
        let first = answer.items("regionInfo").next().expect("two");
        assert_eq!(first.text("note"), Some("a < b & <c>"));
        assert_eq!((first.text("empty"), first.text("none")), (None, None));
        assert_eq!(answer.flag("on"), Ok(true));
        assert_eq!(answer.request_id(), Some("7a62"));
    }

    #[test]
    fn what_is_missing_or_something_else_is_no_answer() {
        let answer = read(REGIONS).expect("an answer");
        assert_eq!(answer.flag("off"), Err(Missing("off".to_owned())));
        assert_eq!(answer.need("token").expect_err("missing").to_string(), "the answer has no token");
        assert_eq!(answer.items("nothing").count(), 0);
    }

    #[test]
    fn what_is_cut_off_anywhere_is_no_answer_and_no_panic() {
        let whole = REGIONS.trim_end().len();
        for (end, _) in REGIONS.char_indices().take_while(|(end, _)| *end < whole) {
            assert!(read(&REGIONS[..end]).is_err(), "{}", &REGIONS[..end]);
        }
        assert!(read(&REGIONS[..whole]).is_ok());
    }

    #[test]
    fn another_document_is_no_answer() {
        for other in ["", "{}", "<html><body>hello</body></html>", "<A></B>", "<DescribeVpcsResponse/>", "a & b", "&x;"]
        {
            assert!(read(other).is_err(), "{other}");
        }
        assert!(read("<DescribeRegionsResponse/><DescribeRegionsResponse/>").is_err());
        let deep = "<a>".repeat(100_000);
        assert!(read(&deep).is_err());
    }
}
