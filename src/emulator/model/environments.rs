//! The environments of the account, and their keys. One environment is the emulated one, with the data of the world;
//! those that are made later begin empty, each with a state of its own.

use super::account::{ApiKey, MadeKey, derived_uuid, is_account_key};
use super::clock::BEFORE_START_MS;
use super::state::{Environment, State};

/// The number of the emulated environment.
pub(crate) const MAIN: u64 = 1;
/// The name of the environment that the server counts as production, and never deletes.
pub(crate) const PROD: &str = "prod";

/// An environment as the server lists it.
pub(crate) struct Listed<'a> {
    pub(crate) id: u64,
    pub(crate) uuid: &'a str,
    pub(crate) name: &'a str,
    pub(crate) production: bool,
    /// Its data, unless it is the emulated one.
    pub(crate) state: Option<&'a State>,
}

/// A key of an environment.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: u64,
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) secret: String,
    pub(crate) created: i64,
    pub(crate) used: Option<i64>,
}

/// Who holds a key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Holder {
    pub(crate) uuid: String,
    pub(crate) scopes: Vec<String>,
    /// The environment that the key is for; that of an account key does not matter.
    pub(crate) environment: u64,
}

impl State {
    /// The environments of the account that were not deleted, by their names.
    pub(crate) fn listed_environments(&self) -> Vec<Listed<'_>> {
        let main = Listed {
            id: MAIN,
            uuid: &self.environment,
            name: &self.environment_name,
            production: self.environment_name == PROD,
            state: None,
        };
        let others = self.environments.iter().map(|one| Listed {
            id: one.id,
            uuid: &one.state.environment,
            name: &one.state.environment_name,
            production: one.production,
            state: Some(&one.state),
        });
        let main = (!self.account.main_deleted).then_some(main);
        let mut all: Vec<Listed> = main.into_iter().chain(others).collect();
        all.sort_by(|a, b| a.name.cmp(b.name));
        all
    }

    /// Makes an empty environment; returns its number and UUID.
    pub(crate) fn add_environment(&mut self, name: &str, production: bool) -> (u64, String) {
        let mut state = State::empty(self.ids.number());
        state.environment_name = name.to_owned();
        state.shared_apps.clone_from(&self.shared_apps);
        let uuid = state.environment.clone();
        let id = self.account.number();
        self.environments.push(Environment { id, production, state: Box::new(state) });
        (id, uuid)
    }

    /// Deletes an environment with everything in it, also its keys.
    pub(crate) fn delete_environment(&mut self, id: u64) {
        self.account.keys.retain(|key| key.environment != id);
        self.environments.retain(|one| one.id != id);
        if id != MAIN {
            return;
        }
        let mut empty = State::empty(self.ids.number());
        empty.now = self.now;
        empty.rows = self.rows;
        empty.environment = std::mem::take(&mut self.environment);
        empty.environment_name = std::mem::take(&mut self.environment_name);
        empty.provider_routes = std::mem::take(&mut self.provider_routes);
        empty.shared_apps = std::mem::take(&mut self.shared_apps);
        empty.account = std::mem::take(&mut self.account);
        empty.environments = std::mem::take(&mut self.environments);
        empty.account.main_deleted = true;
        *self = empty;
    }

    /// Does some work on the data of an environment at a time. The providers are the same for all of them.
    pub(crate) fn within<T>(&mut self, id: u64, now: i64, work: impl FnOnce(&mut State) -> T) -> T {
        let State { environments, provider_routes, .. } = self;
        let Some(other) = environments.iter_mut().find(|one| one.id == id) else { return work(self) };
        let state = &mut *other.state;
        std::mem::swap(&mut state.provider_routes, provider_routes);
        state.now = now;
        let done = work(state);
        std::mem::swap(&mut state.provider_routes, provider_routes);
        done
    }

    /// The environment that has a connect session with this token.
    pub(crate) fn environment_of_session(&self, token: &str, now: i64) -> Option<u64> {
        if self.session(token, now).is_some() {
            return Some(MAIN);
        }
        let others = &self.environments;
        others.iter().find(|one| one.state.session(token, now).is_some()).map(|one| one.id)
    }

    /// The keys of an environment: the emulator's own, if it is the emulated one, then those made by requests.
    pub(crate) fn keys(&self, environment: u64, own: &[ApiKey]) -> Vec<Key> {
        let account = &self.account;
        let used = |uuid: &str| account.used.get(uuid).copied();
        // Numbers of the emulator's own keys are odd, those of others even.
        let own =
            own.iter().enumerate().filter(|(_, key)| environment == MAIN && !is_account_key(&key.scopes));
        let own = own.map(|(i, key)| {
            let uuid = key.uuid();
            Key {
                id: 2 * i as u64 + 1,
                name: if i == 0 { "default".into() } else { format!("default-{}", i + 1) },
                scopes: key.scopes.clone(),
                secret: key.key.clone(),
                created: BEFORE_START_MS,
                used: used(&uuid),
                uuid,
            }
        });
        let made = account.keys.iter().filter(|key| key.environment == environment).map(|key| Key {
            id: key.id,
            uuid: key.uuid.clone(),
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            secret: key.secret.clone(),
            created: key.created,
            used: used(&key.uuid),
        });
        own.filter(|key| !account.revoked.contains(&key.uuid)).chain(made).collect()
    }

    /// Makes a key that may do everything in an environment.
    pub(crate) fn add_key(&mut self, environment: u64, name: &str, now: i64) -> Key {
        let made = MadeKey {
            id: self.account.number().saturating_mul(2),
            uuid: self.ids.uuid(),
            environment,
            name: name.to_owned(),
            scopes: vec!["environment:*".into()],
            secret: self.ids.uuid(),
            created: now,
        };
        self.account.keys.push(made.clone());
        let MadeKey { id, uuid, name, scopes, secret, created, .. } = made;
        Key { id, uuid, name, scopes, secret, created, used: None }
    }

    /// Deletes a key: it stops working at once.
    pub(crate) fn delete_key(&mut self, uuid: &str) {
        let before = self.account.keys.len();
        self.account.keys.retain(|key| key.uuid != uuid);
        if self.account.keys.len() == before {
            self.account.revoked.push(uuid.to_owned());
        }
    }

    /// Who holds a key, if it works.
    pub(crate) fn holder(&self, secret: &str, own: &[ApiKey]) -> Option<Holder> {
        let account = &self.account;
        if let Some(key) = own.iter().find(|key| key.key.eq_ignore_ascii_case(secret)) {
            let gone = account.main_deleted && !is_account_key(&key.scopes);
            let holder = Holder { uuid: key.uuid(), scopes: key.scopes.clone(), environment: MAIN };
            return Some(holder).filter(|holder| !gone && !account.revoked.contains(&holder.uuid));
        }
        let key = account.keys.iter().find(|key| key.secret.eq_ignore_ascii_case(secret))?;
        Some(Holder { uuid: key.uuid.clone(), scopes: key.scopes.clone(), environment: key.environment })
    }

    /// Remembers that a key was used.
    pub(crate) fn note_use(&mut self, uuid: String, now: i64) {
        self.account.used.insert(uuid, now);
    }

    /// The key that signs the webhooks of this environment; it has one from the start.
    pub(crate) fn signing_key(&self) -> String {
        self.signing_key.clone().unwrap_or_else(|| derived_uuid(&self.environment, "webhooks"))
    }

    /// The environments in which something may happen.
    pub(crate) fn environment_numbers(&self) -> Vec<u64> {
        std::iter::once(MAIN).chain(self.environments.iter().map(|one| one.id)).collect()
    }
}
