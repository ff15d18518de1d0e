//! `keeptrail policy`: policy documents checked and decisions explained, from files, without a server.

use std::{io::Write, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand, ValueEnum};
use keeptrail_arn::AccountId;
use keeptrail_policy::{
    Context, Explanation, NamedPolicy, Policy, PolicyError, PolicyKind, PolicySet, Principal, Request, explain,
    is_public,
};
use serde_json::{Value, json};

#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Say whether a call would be allowed, and what each statement of each policy has to do with it.
    ///
    /// Exit code 0: allowed; 1: denied; 2: something in the question is wrong.
    Explain(Box<ExplainArgs>),
    /// Say whether documents are valid policies.
    ///
    /// Exit code 0: all are; 1: one is not; 2: a file cannot be read.
    Check(CheckArgs),
}

#[derive(Args)]
pub(crate) struct ExplainArgs {
    /// Who asks: the ARN of a user, a role session or an account's root, NAME.amazonaws.com for a service, or anonymous.
    #[arg(long, value_name = "ARN")]
    principal: Principal,
    /// The role behind a session, when it has a path. [default: the role of that name without a path]
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
    /// What is asked for, as in secretsmanager:GetSecretValue.
    #[arg(long, value_name = "SERVICE:ACTION", value_parser = action_name)]
    action: String,
    /// The resource's ARN; none for actions such as secretsmanager:ListSecrets.
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
    /// The account that owns the resource. [default: the one in its ARN, else the caller's]
    #[arg(long, value_name = "DIGITS")]
    resource_account: Option<AccountId>,
    /// A condition key of the request; again for more keys, or for more values of one. The time is aws:CurrentTime.
    #[arg(long, value_name = "KEY=VALUE", value_parser = context_pair)]
    context: Vec<(String, String)>,
    /// The caller's own policies; of a role session, the role's.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    identity: Vec<PathBuf>,
    /// The resource's policy.
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// The trust policy of the role that is asked for with sts:AssumeRole.
    #[arg(long, value_name = "FILE", conflicts_with = "resource_policy")]
    trust_policy: Option<PathBuf>,
    /// The caller's permissions boundary.
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,
    /// Policies passed when the session was made.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    session: Vec<PathBuf>,
    /// Service control policies of the caller's account.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    scp: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct CheckArgs {
    /// The documents.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// What they are for, which decides the elements they may have.
    #[arg(long, value_enum, default_value_t = Kind::Identity)]
    kind: Kind,
    /// Print JSON, one line for each file.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// An inline policy of a user, group or role.
    Identity,
    /// A managed policy.
    Managed,
    /// A policy of a secret, a bucket, a topic.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A service control policy.
    Scp,
}

impl Kind {
    fn policy_kind(self) -> PolicyKind {
        match self {
            Self::Identity => PolicyKind::Identity,
            Self::Managed => PolicyKind::Managed,
            Self::Resource => PolicyKind::Resource,
            Self::Trust => PolicyKind::Trust,
            Self::Boundary => PolicyKind::Boundary,
            Self::Session => PolicyKind::Session,
            Self::Scp => PolicyKind::ServiceControl,
        }
    }
}

/// What keeps a command from its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyCommandError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: {} (AWS says: {fault})", path.display(), fault.detail())]
    Refused { path: PathBuf, fault: PolicyError },
    #[error("{0}")]
    Role(String),
}

/// Runs one of the commands. Returns whether the call is allowed, or whether all documents are valid.
pub(crate) fn run(command: &PolicyCommand, out: &mut impl Write) -> Result<bool, PolicyCommandError> {
    match command {
        PolicyCommand::Explain(args) => run_explain(args, out),
        PolicyCommand::Check(args) => run_check(args, out),
    }
}

/// An action is asked for by its whole name; patterns are for policies.
fn action_name(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() && !text.contains(['*', '?']) => {
            Ok(text.to_owned())
        }
        _ => Err("give SERVICE:ACTION without wildcards, as in secretsmanager:GetSecretValue".to_owned()),
    }
}

fn context_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("give KEY=VALUE, as in aws:SourceIp=10.0.0.1".to_owned()),
    }
}

fn read(path: &PathBuf) -> Result<String, PolicyCommandError> {
    std::fs::read_to_string(path).map_err(|source| PolicyCommandError::Unreadable { path: path.clone(), source })
}

fn load(path: &PathBuf, kind: PolicyKind) -> Result<NamedPolicy, PolicyCommandError> {
    let policy = Policy::parse(&read(path)?, kind);
    let policy = policy.map_err(|fault| PolicyCommandError::Refused { path: path.clone(), fault })?;
    Ok(NamedPolicy::new(path.display().to_string(), Arc::new(policy)))
}

fn load_all(paths: &[PathBuf], kind: PolicyKind) -> Result<Vec<NamedPolicy>, PolicyCommandError> {
    paths.iter().map(|path| load(path, kind)).collect()
}

fn run_explain(args: &ExplainArgs, out: &mut impl Write) -> Result<bool, PolicyCommandError> {
    let principal = caller(args)?;
    let (identity, session) =
        (load_all(&args.identity, PolicyKind::Identity)?, load_all(&args.session, PolicyKind::Session)?);
    let service_control = load_all(&args.scp, PolicyKind::ServiceControl)?;
    let boundary = args.boundary.as_ref().map(|path| load(path, PolicyKind::Boundary)).transpose()?;
    let resource = match (&args.resource_policy, &args.trust_policy) {
        (Some(path), _) => Some(load(path, PolicyKind::Resource)?),
        (None, Some(path)) => Some(load(path, PolicyKind::Trust)?),
        (None, None) => None,
    };
    let mut context = Context::for_principal(&principal);
    for (index, (key, value)) in args.context.iter().enumerate() {
        // The first of a key replaces what follows from the caller, the others are further values.
        let earlier = args.context.iter().take(index);
        if earlier.filter(|(other, _)| other.eq_ignore_ascii_case(key)).count() == 0 {
            context.set(key.as_str(), value.as_str());
        } else {
            context.push(key.as_str(), value.as_str());
        }
    }
    let request = Request {
        principal: &principal,
        action: &args.action,
        resource: args.resource.as_deref(),
        resource_account: args.resource_account.as_ref().map(AccountId::as_str),
        context: &context,
    };
    let policies = PolicySet {
        identity: &identity,
        boundary: boundary.as_ref(),
        session: &session,
        service_control: &service_control,
        resource: resource.as_ref(),
    };
    let explanation = explain(&request, &policies);
    let printed = if args.json {
        writeln!(out, "{}", as_json(&explanation, &request))
    } else {
        let message = (!explanation.decision.allowed)
            .then(|| format!("AWS says: {}\n", explanation.decision.denial_message(&request)));
        write!(out, "{explanation}{}", message.unwrap_or_default())
    };
    // A closed pipe is no reason to report another verdict.
    drop(printed);
    Ok(explanation.decision.allowed)
}

/// The caller, with the role that `--role` names.
fn caller(args: &ExplainArgs) -> Result<Principal, PolicyCommandError> {
    let mut principal = args.principal.clone();
    let Some(role) = &args.role else { return Ok(principal) };
    let Principal::RoleSession { role_arn, .. } = &mut principal else {
        return Err(PolicyCommandError::Role("--role goes with the principal of a role session only".to_owned()));
    };
    let prefix = role_arn.rsplit_once('/').map_or("", |(prefix, _)| prefix);
    let name = role_arn.rsplit_once('/').map_or("", |(_, name)| name);
    if !role.starts_with(&format!("{prefix}/")) || role.rsplit_once('/').map(|(_, last)| last) != Some(name) {
        return Err(PolicyCommandError::Role(format!("--role {role:?} is not the session's: {prefix}/[PATH/]{name}")));
    }
    role_arn.clone_from(role);
    Ok(principal)
}

fn as_json(explanation: &Explanation<'_>, request: &Request<'_>) -> Value {
    let decision = &explanation.decision;
    json!({
        "allowed": decision.allowed,
        "reason": decision.reason.to_string(),
        "message": (!decision.allowed).then(|| decision.denial_message(request)),
        "statements": explanation.statements,
    })
}

fn run_check(args: &CheckArgs, out: &mut impl Write) -> Result<bool, PolicyCommandError> {
    let mut valid = true;
    for path in &args.files {
        let parsed = Policy::parse(&read(path)?, args.kind.policy_kind());
        valid &= parsed.is_ok();
        let file = path.display();
        let printed = match parsed {
            Ok(policy) if args.json => {
                let line = json!({
                    "file": file.to_string(),
                    "valid": true,
                    "version": policy.version(),
                    "statements": policy.statement_count(),
                    "public": is_public(&policy),
                });
                writeln!(out, "{line}")
            }
            Ok(policy) => {
                let public = if is_public(&policy) { "; it lets everyone in" } else { "" };
                let (version, count) = (policy.version(), policy.statement_count());
                let statements = if count == 1 { "statement" } else { "statements" };
                writeln!(out, "{file}: valid, version {version}, {count} {statements}{public}")
            }
            Err(fault) if args.json => {
                let line = json!({
                    "file": file.to_string(),
                    "valid": false,
                    "message": fault.message(),
                    "detail": fault.detail(),
                });
                writeln!(out, "{line}")
            }
            Err(fault) => writeln!(out, "{file}: {} (AWS says: {fault})", fault.detail()),
        };
        drop(printed);
    }
    Ok(valid)
}
