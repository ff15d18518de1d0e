//! Who asks, and whom a policy names.

use std::{borrow::Cow, str::FromStr};

use crate::parse::aws_principal;

/// The authenticated caller, or what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// The account itself.
    AccountRoot {
        /// Twelve digits.
        account: String,
    },
    /// An IAM user.
    User {
        /// Twelve digits.
        account: String,
        /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
        arn: String,
    },
    /// A session of an assumed role.
    RoleSession {
        /// Twelve digits.
        account: String,
        /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
        role_arn: String,
        /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
        session_arn: String,
    },
    /// A session made with `GetFederationToken`.
    FederatedUser {
        /// Twelve digits.
        account: String,
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: String,
        /// The ARN of the IAM user who asked for the session; none when the account's root user did.
        user_arn: Option<String>,
    },
    /// Somebody vouched for by an identity provider, who asks for a role.
    Federated {
        /// The provider's ARN or domain, as a policy's `Federated` principal names it.
        provider: String,
    },
    /// A service acting for itself, such as `cloudtrail.amazonaws.com`.
    Service {
        /// The service principal's name.
        name: String,
    },
    /// Nobody in particular: an unsigned request.
    Anonymous,
}

impl Principal {
    /// The caller's account; none for services, providers and anonymous callers.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::AccountRoot { account }
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Federated { .. } | Self::Service { .. } | Self::Anonymous => None,
        }
    }

    /// How AWS names the caller in messages and records: an ARN where it has one.
    #[must_use]
    pub fn arn(&self) -> Cow<'_, str> {
        match self {
            Self::AccountRoot { account } => Cow::Owned(format!("arn:aws:iam::{account}:root")),
            Self::User { arn, .. } | Self::FederatedUser { arn, .. } => Cow::Borrowed(arn),
            Self::RoleSession { session_arn, .. } => Cow::Borrowed(session_arn),
            Self::Federated { provider } => Cow::Borrowed(provider),
            Self::Service { name } => Cow::Borrowed(name),
            Self::Anonymous => Cow::Borrowed("anonymous"),
        }
    }
}

/// A text that names no caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownPrincipal(String);

/// Reads what [`Principal::arn`] writes: the ARN of an account's root user, a user, a role's session or a federated user, an
/// identity provider's, `NAME.amazonaws.com` for a service, `anonymous` for nobody in particular.
///
/// The ARN of a session does not have the role's path; the role is taken to have none.
impl FromStr for Principal {
    type Err = UnknownPrincipal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = |hint: &str| UnknownPrincipal(format!("{text:?} is no caller: {hint}"));
        if text == "anonymous" {
            return Ok(Self::Anonymous);
        }
        if text.ends_with(".amazonaws.com") && !text.contains([':', '*', '?']) {
            return Ok(Self::Service { name: text.to_owned() });
        }
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        if let ["arn", _, "iam", "", _, resource] = fields.as_slice()
            && (resource.starts_with("saml-provider/") || resource.starts_with("oidc-provider/"))
        {
            return Ok(Self::Federated { provider: text.to_owned() });
        }
        let (["arn", partition, _, _, account, resource], Some(id)) = (fields.as_slice(), aws_principal(text)) else {
            return Err(unknown(
                "give the ARN of a user, a session, an identity provider or an account's root, NAME.amazonaws.com for a \
                 service, or anonymous",
            ));
        };
        let account = (*account).to_owned();
        match id {
            PrincipalId::Account(_) => Ok(Self::AccountRoot { account }),
            PrincipalId::User(_) => Ok(Self::User { account, arn: text.to_owned() }),
            PrincipalId::FederatedUser(_) => Ok(Self::FederatedUser { account, arn: text.to_owned(), user_arn: None }),
            PrincipalId::RoleSession(_) => {
                let role = resource.split('/').nth(1).unwrap_or_default();
                let role_arn = format!("arn:{partition}:iam::{account}:role/{role}");
                Ok(Self::RoleSession { account, role_arn, session_arn: text.to_owned() })
            }
            PrincipalId::Role(_) => {
                let role = resource.rsplit('/').next().unwrap_or_default();
                Err(unknown(&format!(
                    "a role acts through a session, arn:{partition}:sts::{account}:assumed-role/{role}/SESSION"
                )))
            }
            PrincipalId::Everyone | PrincipalId::Federated(_) | PrincipalId::Service(_) => Err(unknown("name one")),
        }
    }
}

/// A principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalId {
    /// `*`
    Everyone,
    /// The account's number or root ARN: everybody in that account.
    Account(Box<str>),
    User(Box<str>),
    Role(Box<str>),
    RoleSession(Box<str>),
    FederatedUser(Box<str>),
    Federated(Box<str>),
    Service(Box<str>),
}

/// How directly a policy names the caller. The order is that of the strength of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    /// By its account, which then decides for itself who may use the grant.
    Account,
    /// A session by the role or the user behind it: permissions boundary and session policies limit the grant.
    Behind,
    /// Itself, or everyone: nothing but an explicit deny limits the grant.
    Direct,
}

impl PrincipalId {
    fn names(&self, principal: &Principal) -> Option<Naming> {
        let direct = match (self, principal) {
            (Self::Everyone, _) => true,
            (Self::Account(id), Principal::AccountRoot { account }) => **id == **account,
            (Self::User(id), Principal::User { arn, .. })
            | (Self::FederatedUser(id), Principal::FederatedUser { arn, .. }) => **id == **arn,
            (Self::RoleSession(id), Principal::RoleSession { session_arn, .. }) => **id == **session_arn,
            (Self::Federated(id), Principal::Federated { provider }) => **id == **provider,
            (Self::Service(id), Principal::Service { name }) => **id == **name,
            _ => false,
        };
        match (self, principal) {
            _ if direct => Some(Naming::Direct),
            (Self::Role(id), Principal::RoleSession { role_arn: behind, .. })
            | (Self::User(id), Principal::FederatedUser { user_arn: Some(behind), .. })
                if **id == **behind =>
            {
                Some(Naming::Behind)
            }
            (Self::Account(id), _) if principal.account() == Some(id) => Some(Naming::Account),
            _ => None,
        }
    }
}

/// A statement's `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(crate) struct PrincipalClause {
    pub(crate) negated: bool,
    pub(crate) ids: Box<[PrincipalId]>,
}

impl PrincipalClause {
    /// How the clause covers the caller, if it does. `bounded`: the caller has a permissions boundary. The user guide says
    /// that a `NotPrincipal` denies those "regardless of the values specified".
    pub(crate) fn covers(&self, principal: &Principal, bounded: bool) -> Option<Naming> {
        if self.negated {
            return (bounded || !self.spares(principal)).then_some(Naming::Direct);
        }
        self.ids.iter().filter_map(|id| id.names(principal)).max()
    }

    /// Whether a `NotPrincipal` leaves the caller out: all its identities must be listed, for a user the account and the
    /// user, for a role session the account, the role and the session. AWS evaluates each of them in turn and says that a
    /// deny with a shorter list "might deny access to the entire account".
    fn spares(&self, principal: &Principal) -> bool {
        let lists = |wanted: Naming| self.ids.iter().any(|id| id.names(principal) == Some(wanted));
        if self.ids.contains(&PrincipalId::Everyone) {
            return true;
        }
        match principal {
            Principal::AccountRoot { .. } | Principal::Federated { .. } | Principal::Service { .. } => {
                lists(Naming::Direct)
            }
            Principal::User { .. } | Principal::FederatedUser { .. } => lists(Naming::Account) && lists(Naming::Direct),
            Principal::RoleSession { .. } => lists(Naming::Account) && lists(Naming::Behind) && lists(Naming::Direct),
            Principal::Anonymous => false,
        }
    }

    pub(crate) fn covers_everyone(&self) -> bool {
        self.negated || self.ids.contains(&PrincipalId::Everyone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Principal {
        Principal::RoleSession {
            account: "111122223333".into(),
            role_arn: "arn:aws:iam::111122223333:role/app".into(),
            session_arn: "arn:aws:sts::111122223333:assumed-role/app/one".into(),
        }
    }

    fn clause(negated: bool, ids: &[PrincipalId]) -> PrincipalClause {
        PrincipalClause { negated, ids: ids.into() }
    }

    #[test]
    fn a_role_session_is_named_by_account_role_or_itself() {
        let account = PrincipalId::Account("111122223333".into());
        let role = PrincipalId::Role("arn:aws:iam::111122223333:role/app".into());
        let itself = PrincipalId::RoleSession("arn:aws:sts::111122223333:assumed-role/app/one".into());
        let covers = |ids: &[PrincipalId]| clause(false, ids).covers(&session(), false);
        assert_eq!(covers(&[]), None);
        assert_eq!(covers(std::slice::from_ref(&account)), Some(Naming::Account));
        assert_eq!(covers(&[role.clone(), account.clone()]), Some(Naming::Behind));
        assert_eq!(covers(&[account.clone(), itself.clone(), role.clone()]), Some(Naming::Direct));
        let denies = |ids: &[PrincipalId]| clause(true, ids).covers(&session(), false).is_some();
        assert!(denies(std::slice::from_ref(&itself)));
        assert!(denies(&[itself.clone(), role.clone()]));
        let complete = [itself, role, account];
        assert!(!denies(&complete));
        assert!(
            clause(true, &complete).covers(&session(), true).is_some(),
            "a boundary makes every NotPrincipal apply"
        );
    }

    #[test]
    fn callers_are_read_from_their_names() {
        let user = "arn:aws:iam::111122223333:user/team/ada";
        assert_eq!(user.parse(), Ok(Principal::User { account: "111122223333".into(), arn: user.into() }));
        assert_eq!("arn:aws:sts::111122223333:assumed-role/app/one".parse(), Ok(session()));
        for text in [
            "anonymous",
            "cloudtrail.amazonaws.com",
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:federated-user/ada",
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
        ] {
            assert_eq!(text.parse::<Principal>().unwrap().arn(), text);
        }
        for text in ["", "*", "ada", "111122223333", "arn:aws:iam::111122223333:group/all", "arn:aws:iam::1:user/ada"] {
            assert!(text.parse::<Principal>().is_err(), "{text}");
        }
        let role = "arn:aws:iam::111122223333:role/path/app".parse::<Principal>().unwrap_err();
        assert!(role.to_string().ends_with("arn:aws:sts::111122223333:assumed-role/app/SESSION"), "{role}");
    }

    #[test]
    fn names_are_compared_exactly() {
        let user = Principal::User { account: "111122223333".into(), arn: "arn:aws:iam::111122223333:user/Ada".into() };
        let named = |arn: &str| clause(false, &[PrincipalId::User(arn.into())]).covers(&user, false).is_some();
        assert!(named("arn:aws:iam::111122223333:user/Ada"));
        assert!(!named("arn:aws:iam::111122223333:user/ada"));
    }

    #[test]
    fn nobody_is_spared_by_a_list_that_cannot_name_them() {
        assert!(clause(true, &[PrincipalId::Account("1".into())]).covers(&Principal::Anonymous, false).is_some());
        assert!(clause(true, &[PrincipalId::Everyone]).covers(&Principal::Anonymous, false).is_none());
    }
}
