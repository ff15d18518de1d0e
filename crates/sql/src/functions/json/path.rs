//! JSON paths as Trino's json_extract takes them: `$`, `.name`, `["name"]`, `[0]`.

use serde_json::Value;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Item(usize),
}

impl Path {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').ok_or("a path begins with $")?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = if let Some(name) = rest.strip_prefix('.') {
                member(name)?
            } else if let Some(inside) = rest.strip_prefix('[') {
                bracket(inside)?
            } else {
                return Err(format!("expected . or [ before {rest:?}"));
            };
            steps.push(step);
            rest = after;
        }
        Ok(Self(steps))
    }

    pub(super) fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(document, |value, step| match step {
            Step::Member(name) => value.as_object()?.get(name),
            Step::Item(place) => match value {
                Value::Array(items) => items.get(*place),
                // Trino: `[0]` on an object is the member "0".
                Value::Object(members) => members.get(&place.to_string()),
                _ => None,
            },
        })
    }
}

fn member(text: &str) -> Result<(Step, &str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    match name {
        "" => Err("a name is missing after the dot".to_owned()),
        "*" => Err("* is not; unnest the array, or use transform".to_owned()),
        name => Ok((Step::Member(name.to_owned()), rest)),
    }
}

fn bracket(text: &str) -> Result<(Step, &str), String> {
    let unclosed = || "a [ is not closed".to_owned();
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (name, rest) = quoted.split_once(quote).ok_or_else(unclosed)?;
            let rest = rest.strip_prefix(']').ok_or_else(unclosed)?;
            return Ok((Step::Member(name.to_owned()), rest));
        }
    }
    let (inside, rest) = text.split_once(']').ok_or_else(unclosed)?;
    match inside.trim().parse() {
        Ok(place) => Ok((Step::Item(place), rest)),
        Err(_) => Err(format!("[{inside}] is no index; a name stands in double quotes")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_members_and_items() {
        let document = json!({"a": {"b c": [1, {"d": "x"}]}, "0": true});
        for (path, found) in [
            ("$", Some(document.clone())),
            ("$.a[\"b c\"][1].d", Some(json!("x"))),
            ("$['a']['b c'][0]", Some(json!(1))),
            ("$[0]", Some(json!(true))),
            ("$.a.missing.more", None),
            ("$.a[\"b c\"][9]", None),
        ] {
            assert_eq!(Path::parse(path).unwrap().find(&document), found.as_ref(), "{path}");
        }
    }

    #[test]
    fn other_paths_are_refused() {
        for path in ["", "a", "$a", "$.", "$..a", "$.*", "$[*]", "$[", "$[\"a\"", "$[-1]"] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
    }
}
