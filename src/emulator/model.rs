//! The data of the emulated environment and how it changes over time, without HTTP.

pub(crate) mod account;
pub(crate) mod agent_sessions;
pub(crate) mod clock;
pub(crate) mod credentials;
pub(crate) mod deployments;
pub(crate) mod environments;
pub(crate) mod fixture;
pub(crate) mod formats;
pub(crate) mod function_jobs;
pub(crate) mod ids;
pub(crate) mod integration_config;
pub(crate) mod outbox;
pub(crate) mod providers;
pub(crate) mod snapshot;
pub(crate) mod state;
pub(crate) mod strict;
pub(crate) mod sync_schedule;
pub(crate) mod template;
