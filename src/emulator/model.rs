//! The data of the emulated environment and how it changes over time, without HTTP.

pub(crate) mod account;
pub(crate) mod agent_sessions;
pub(crate) mod clock;
pub(crate) mod collected;
pub(crate) mod credentials;
pub(crate) mod declared;
pub(crate) mod deployments;
pub(crate) mod environments;
pub(crate) mod fixture;
pub(crate) mod formats;
pub(crate) mod frequency;
pub(crate) mod function_jobs;
pub(crate) mod ids;
pub(crate) mod input_check;
pub(crate) mod integration_config;
pub(crate) mod iso;
pub(crate) mod outbox;
pub(crate) mod payload;
pub(crate) mod providers;
pub(crate) mod records;
pub(crate) mod snapshot;
pub(crate) mod state;
pub(crate) mod strict;
pub(crate) mod sync_schedule;
pub(crate) mod template;
