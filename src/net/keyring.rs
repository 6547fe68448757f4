//! The keyring of the desktop: the Secret Service on the session bus, as GNOME, KDE and KeePassXC offer it.

use std::collections::{BTreeMap, HashMap};

use zbus::Connection;
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::domain::fault::Fault;
use crate::domain::time::Span;

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const ITEM: &str = "org.freedesktop.Secret.Item";
/// What stands for "no prompt is needed".
const NO_PROMPT: &str = "/";
/// How long the bus and the keyring may take together.
const WITHIN: Span = Span::secs(3);

/// By which attributes an item is found; they are no secret.
pub type Attributes = BTreeMap<String, String>;

/// A secret as the service hands it over: session, parameters, value, type of content.
type Handed = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// The attributes as a person gives them to `secret-tool`.
pub(super) fn words(attributes: &Attributes) -> String {
    let words = attributes.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    // What holds a NUL is nobody's attribute, and no command's argument.
    shlex::try_join(words).unwrap_or_default()
}

/// The secret of the one item that has these attributes. Nobody is asked to unlock anything: a prompt that comes up
/// each time a source is asked would teach people to type their password into whatever asks for it.
///
/// # Errors
/// A [local](Fault::local) fault that says what to do.
pub(super) async fn read(attributes: &Attributes) -> Result<Vec<u8>, Fault> {
    let late = |_| {
        Fault::passing(format!("the keyring did not answer within {WITHIN}; is it asking you something?"))
    };
    tokio::time::timeout(WITHIN.std(), found(attributes)).await.map_err(late)?
}

async fn found(attributes: &Attributes) -> Result<Vec<u8>, Fault> {
    let bus = Connection::session().await.map_err(|error| {
        let hand =
            "start quell in the desktop's session, or name the secret with a command, a file or a variable";
        Fault::local(format!("there is no session bus to ask a keyring on ({error}); {hand}"))
    })?;
    let named: HashMap<&str, &str> =
        attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
        ask(&bus, PATH, SERVICE, "SearchItems", &(named,)).await?;
    let words = words(attributes);
    let item = match (open.as_slice(), locked.as_slice()) {
        ([item], []) => item.clone(),
        ([], []) => {
            return Err(Fault::local(format!(
                "the keyring has no item {words}; put it there: secret-tool store --label=quell {words}"
            )));
        }
        ([], [item]) => unlocked(&bus, item).await?,
        (open, locked) => {
            let many = open.len() + locked.len();
            return Err(Fault::local(format!(
                "the keyring has {many} items {words}; name more of the attributes of the one that is meant"
            )));
        }
    };
    let plain = ("plain", Value::from(""));
    let (_, session): (OwnedValue, OwnedObjectPath) = ask(&bus, PATH, SERVICE, "OpenSession", &plain).await?;
    let (handed,): (Handed,) = ask(&bus, item.as_str(), ITEM, "GetSecret", &(session,)).await?;
    Ok(handed.2)
}

/// The item, if the keyring opens it without asking anybody.
async fn unlocked(bus: &Connection, item: &ObjectPath<'_>) -> Result<OwnedObjectPath, Fault> {
    let (open, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
        ask(bus, PATH, SERVICE, "Unlock", &(vec![item],)).await?;
    match open.into_iter().next() {
        Some(item) if prompt.as_str() == NO_PROMPT => Ok(item),
        _ => Err(Fault::passing("the keyring is locked; unlock it, quell asks nobody for its password")),
    }
}

async fn ask<B, A>(bus: &Connection, path: &str, of: &str, method: &str, body: &B) -> Result<A, Fault>
where
    B: serde::Serialize + DynamicType,
    A: serde::de::DeserializeOwned + zbus::zvariant::Type,
{
    let answer =
        bus.call_method(Some(NAME), path, Some(of), method, body).await.map_err(|error| refused(&error))?;
    let odd =
        |_| Fault::local(format!("the keyring answers {method} with something else than its protocol says"));
    answer.body().deserialize().map_err(odd)
}

fn refused(error: &zbus::Error) -> Fault {
    let is_nobody = matches!(error, zbus::Error::MethodError(name, ..)
        if name.as_str().contains(".ServiceUnknown") || name.as_str().contains(".NameHasNoOwner"));
    if is_nobody {
        return Fault::passing(
            "no keyring is on the session bus; start yours, gnome-keyring, KWallet or KeePassXC say",
        );
    }
    Fault::passing(format!("the keyring does not hand it over: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_an_item_is_said_as_a_shell_takes_it() {
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let attributes = Attributes::from([("service", "on call"), ("username", "it's")].map(pair));
        assert_eq!(words(&attributes), "service 'on call' username \"it's\"");
    }
}
