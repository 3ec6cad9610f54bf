//! What each endpoint does, one file per domain. Which path leads to which endpoint is in [`super::routes`].

pub(crate) mod actions;
pub(crate) mod agent_sessions;
pub(crate) mod agent_toolset;
pub(crate) mod api_keys;
pub(crate) mod connect;
pub(crate) mod connections;
pub(crate) mod end_users;
pub(crate) mod environment;
pub(crate) mod environments;
pub(crate) mod function_jobs;
pub(crate) mod functions;
pub(crate) mod import;
pub(crate) mod integrations;
pub(crate) mod invocations;
pub(crate) mod metadata;
pub(crate) mod mock_provider;
pub(crate) mod providers;
pub(crate) mod proxy;
pub(crate) mod proxy_request;
pub(crate) mod quickstart;
pub(crate) mod records;
pub(crate) mod scripts;
pub(crate) mod sync_settings;
pub(crate) mod syncs;
pub(crate) mod unified_functions;
pub(crate) mod webhooks;
