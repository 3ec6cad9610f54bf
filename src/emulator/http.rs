//! How requests are read, checked and routed, and how responses are made. Endpoints are not here.

pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod faults;
pub(crate) mod query;
pub(crate) mod rate_limit;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod router;
pub(crate) mod rules;
pub(crate) mod validate;
