//! The columns that people search by, beside those of the Lake's schema.

use super::{
    arena::{Arena, Span},
    node::{Node, StructColumn},
};

/// What the last record says of the things that search columns hold.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) source: Option<Span>,
    pub(crate) name: Option<Span>,
    pub(crate) secret_id: Option<Span>,
    pub(crate) secret_arn: Option<Span>,
    pub(crate) secret_name: Option<Span>,
    pub(crate) user_arn: Option<Span>,
    pub(crate) user_name: Option<Span>,
    pub(crate) role_arn: Option<Span>,
    pub(crate) access_key: Option<Span>,
}

/// Finds them: knows where in the schema they stand.
pub(crate) struct Finder {
    source: usize,
    name: usize,
    identity: usize,
    identity_arn: usize,
    identity_name: usize,
    identity_key: usize,
    session: usize,
    issuer: usize,
    issuer_arn: usize,
    request: usize,
    response: usize,
    additional: usize,
}

impl Finder {
    /// Prepares the columns of `root`; `None` when it is not the Lake's schema.
    pub(crate) fn new(root: &mut StructColumn) -> Option<Self> {
        // What `requestparameters['secretId']` is rewritten to must be exactly that; ARNs come as `ARN`, `aRN` and `arn`.
        let watches = [
            ("requestparameters", &["secretId", "name"][..], false),
            ("responseelements", &["arn"], true),
            ("additionaleventdata", &["arn", "secretId"], true),
        ];
        for (column, keys, any_case) in watches {
            let position = root.position(column)?;
            let Some(Node::Map(map)) = root.child_mut(position) else { return None };
            keys.iter().for_each(|key| map.watch(key, any_case));
        }
        let identity = root.position("useridentity")?;
        let Some(Node::Struct(user)) = root.child(identity) else { return None };
        let session = user.position("sessioncontext")?;
        let Some(Node::Struct(context)) = user.child(session) else { return None };
        let issuer = context.position("sessionissuer")?;
        let Some(Node::Struct(issued)) = context.child(issuer) else { return None };
        Some(Self {
            source: root.position("eventsource")?,
            name: root.position("eventname")?,
            identity,
            identity_arn: user.position("arn")?,
            identity_name: user.position("username")?,
            identity_key: user.position("accesskeyid")?,
            session,
            issuer,
            issuer_arn: issued.position("arn")?,
            request: root.position("requestparameters")?,
            response: root.position("responseelements")?,
            additional: root.position("additionaleventdata")?,
        })
    }

    pub(crate) fn find(&self, root: &StructColumn, arena: &Arena) -> Found {
        let mut found = Found { source: text(root, self.source), name: text(root, self.name), ..Found::default() };
        if let Some(user) = structure(root, self.identity) {
            found.user_arn = text(user, self.identity_arn);
            found.user_name = text(user, self.identity_name);
            found.access_key = text(user, self.identity_key);
            let issuer = structure(user, self.session).and_then(|context| structure(context, self.issuer));
            found.role_arn = issuer.and_then(|issuer| text(issuer, self.issuer_arn));
        }
        found.secret_id = watched(root, self.request, "secretId");
        if found.source.is_some_and(|source| arena.get(source) == "secretsmanager.amazonaws.com") {
            self.secret(root, arena, &mut found);
        }
        found
    }

    /// The secret that an event of Secrets Manager speaks of.
    fn secret(&self, root: &StructColumn, arena: &Arena, found: &mut Found) {
        let asked = found.secret_id.or_else(|| watched(root, self.additional, "secretId"));
        // In the order of how sure they are: what the service answered or says it did, then what the caller sent.
        let candidates = [watched(root, self.response, "arn"), watched(root, self.additional, "arn"), asked];
        found.secret_arn = candidates.into_iter().flatten().find(|span| is_arn(arena.get(*span)));
        found.secret_name = match found.secret_arn {
            Some(arn) => Some(name_in(arn, arena.get(arn))),
            None => asked.or_else(|| watched(root, self.request, "name")),
        };
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.contains(":secretsmanager:") && text.contains(":secret:")
}

/// The secret's name in its ARN: without the six random characters that Secrets Manager adds.
fn name_in(span: Span, arn: &str) -> Span {
    let start = arn.find(":secret:").map_or(0, |at| at + ":secret:".len());
    let bytes = arn.as_bytes();
    let suffixed = bytes.len().checked_sub(7).filter(|dash| *dash > start && bytes.get(*dash) == Some(&b'-'));
    let end = suffixed.unwrap_or(bytes.len());
    Span { start: span.start + start as u32, len: (end - start) as u32 }
}

fn text(column: &StructColumn, position: usize) -> Option<Span> {
    match column.last(position) {
        Some(Node::Text(text)) => text.last(),
        _ => None,
    }
}

fn watched(root: &StructColumn, position: usize, key: &str) -> Option<Span> {
    match root.last(position) {
        Some(Node::Map(map)) => map.watched(key),
        _ => None,
    }
}

fn structure(column: &StructColumn, position: usize) -> Option<&StructColumn> {
    match column.last(position) {
        Some(Node::Struct(structure)) if structure.has_last() => Some(structure),
        _ => None,
    }
}
