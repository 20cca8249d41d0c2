//! Pages of a list.

use serde_json::Value;

/// One page of a list, and the token of the next if there is one. A token is opaque to clients; none if it is not ours.
pub(crate) fn page(items: Vec<Value>, size: usize, token: Option<&str>) -> Option<(Vec<Value>, Option<String>)> {
    let start = match token {
        None => 0,
        Some(token) => read(token)?,
    };
    let end = (start + size).min(items.len());
    let next = (end < items.len()).then(|| write(end));
    Some((items.into_iter().skip(start).take(size).collect(), next))
}

/// The token of the page that starts at this element.
pub(crate) fn write(start: usize) -> String {
    hex::encode(format!("page:{start:08}"))
}

/// The element a token starts at; none if it is no token of ours.
pub(crate) fn read(token: &str) -> Option<usize> {
    let text = String::from_utf8(hex::decode(token).ok()?).ok()?;
    text.strip_prefix("page:")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_to_the_whole_list_and_a_foreign_token_is_refused() {
        let items: Vec<Value> = (0..45).map(Value::from).collect();
        let (mut all, mut token) = (Vec::new(), None);
        loop {
            let (page, next) = page(items.clone(), 20, token.as_deref()).unwrap();
            all.extend(page);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(all, items);
        assert!(page(items, 20, Some("nonsense")).is_none());
    }
}
