//! Who sits at this terminal, and with which key they act.

use std::path::PathBuf;

use crate::cli::failure::{Exit, Failure};
use crate::config::Config;
use crate::domain::fault::Fault;
use crate::domain::identity::{KeyId, Person};
use crate::domain::operator::Operator;
use crate::identity::Identity;
use crate::os::env;

/// Where a person's key usually stands.
pub(in crate::cli) fn usual_key() -> Option<PathBuf> {
    Some(env::config_home()?.join("quell/identity"))
}

/// The key the operator acts with.
pub(in crate::cli) fn identity(config: &Config) -> Result<Option<Identity>, Fault> {
    Identity::find(&config.identity, usual_key().as_deref(), env::path("SSH_AUTH_SOCK"))
}

/// What the operator is called: whose key it is goes before the machine's user, whom several people may share.
pub(in crate::cli) fn name(config: &Config, key: Option<&KeyId>) -> Result<String, Failure> {
    match key.and_then(|key| listed(config, key)) {
        Some(person) if config.is_operator_said && person.name != config.operator => Err(Failure::new(
            Exit::Usage,
            format!(
                "operator = \"{}\" is configured, and the key at hand is {}'s; remove operator, or act with your own key",
                config.operator, person.name
            ),
        )),
        Some(person) => Ok(person.name.clone()),
        None => Ok(config.operator.clone()),
    }
}

fn listed<'a>(config: &'a Config, key: &KeyId) -> Option<&'a Person> {
    config.setup.people.iter().find(|person| person.key.id() == *key)
}

/// The person at this terminal.
pub(super) fn at_this_terminal(config: &Config, identity: Option<&Identity>) -> Result<Operator, Failure> {
    let key = identity.map(Identity::id);
    let name = name(config, key.as_ref())?;
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let tty = rustix::termios::ttyname(rustix::stdio::stdin(), Vec::new()).ok();
    let tty = tty.map(|name| name.to_string_lossy().into_owned());
    let ssh = env::var("SSH_CONNECTION").and_then(|from| from.split(' ').next().map(str::to_owned));
    let roles = key.as_ref().and_then(|key| listed(config, key)).map(|person| person.roles.clone());
    let user = env::account().filter(|user| *user != name);
    // What an agent holds is seen when it signs.
    let unproven = matches!(identity, Some(Identity::Agent(_)));
    Ok(Operator {
        tty,
        ssh,
        key,
        unproven,
        roles: roles.unwrap_or_default(),
        user,
        ..Operator::new(name, host)
    })
}
