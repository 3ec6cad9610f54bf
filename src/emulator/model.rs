//! What the emulated environment holds and how it changes over time. HTTP is not here.

pub(crate) mod clock;
pub(crate) mod credentials;
pub(crate) mod fixture;
pub(crate) mod formats;
pub(crate) mod ids;
pub(crate) mod integration_config;
pub(crate) mod providers;
pub(crate) mod snapshot;
pub(crate) mod state;
pub(crate) mod strict;
pub(crate) mod sync_schedule;
pub(crate) mod template;
