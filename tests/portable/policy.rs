//! Decisions of policies, as a table: rules, the caller, a call, the facts, the outcome and the
//! rules that made it. Policies that cannot be read are in `policy_read.rs`.

use nango_toolkit::call::{Call, Options, Poll};
use nango_toolkit::error::ErrorKind;
use nango_toolkit::policy::{Claims, Decision, Fact, Lookups, Policy, Verdict};
use nango_toolkit::schema::{self, Allow, Checked};
use nango_toolkit::session::Session;
use nango_toolkit::tool::Effect;
use nango_toolkit::tools;
use serde_json::{Value, json};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const LIST: &str = "NANGO_CONNECTION_LIST_GET";
const GET: &str = "NANGO_GET_CONNECTION";
const ADD: &str = "NANGO_ADD_CONNECTION";
const EDIT: &str = "NANGO_EDIT_CONNECTION";
const DELETE: &str = "NANGO_DELETE_CONNECTION";
const META: &str = "NANGO_SET_CONNECTION_METADATA";
const CONNECT: &str = "NANGO_CREATE_CONNECT_SESSION";
const RECONNECT: &str = "NANGO_RECONNECT_SESSION_POST";
const STATUS: &str = "NANGO_GET_SYNC_STATUS";
const SYNC: &str = "NANGO_SYNC_TRIGGER_POST";
const ACTION: &str = "NANGO_ACTION_TRIGGER_POST";
const READ: &str = "NANGO_GET_PROXY";
const PUT: &str = "NANGO_PUT_PROXY";
const ENV: &str = "NANGO_GET_ENVIRONMENT_VARIABLES";
const INTEGRATION: &str = "NANGO_GET_INTEGRATION";
const MAKE: &str = "NANGO_CREATE_INTEGRATION";
const CHANGE: &str = "NANGO_UPDATE_INTEGRATION";
const DROP: &str = "NANGO_DELETE_INTEGRATION";
const PROVIDERS: &str = "NANGO_PROVIDERS_LIST_GET";

fn policy(default: &str, rules: &str) -> Policy {
    let text = format!(r#"{{"default":"{default}","rules":[{rules}]}}"#);
    Policy::parse(&text).unwrap_or_else(|issues| panic!("{text}: {issues:?}"))
}

fn checked(tool: &str, args: &Value) -> Checked {
    let allow = Allow {
        override_hosts: vec!["example.com".into(), "example.com:8443".into()],
        proxy_authorization: false,
    };
    let tool = tools::find(tool).unwrap();
    schema::check(tool, args.clone(), &allow).unwrap_or_else(|issues| panic!("{args}: {issues:?}"))
}

fn ada() -> Claims {
    Claims {
        user: Some("ada".into()),
        organization: Some("acme".into()),
        agent: Some("helper".into()),
        roles: vec!["sales".into(), "admin".into()],
    }
}

/// Connections of two users.
fn facts() -> Vec<Fact> {
    let fact = |id: &str, user: &str, organization: &str, tags: &[&str]| Fact {
        connection_id: id.into(),
        provider_config_key: "hubspot".into(),
        end_user: Some(user.into()),
        organization: Some(organization.into()),
        tags: tags.iter().map(|&tag| tag.into()).collect(),
    };
    vec![
        fact("ada-1", "ada", "acme", &["end_user_id=ada", "env=dev"]),
        fact("bob-1", "bob", "globex", &["end_user_id=bob", "env=prod"]),
        Fact {
            connection_id: "tagged".into(),
            provider_config_key: "hubspot".into(),
            tags: vec!["end_user_id=ada".into()],
            ..Fact::default()
        },
        Fact { connection_id: "nobody".into(), provider_config_key: "hubspot".into(), ..Fact::default() },
        // Its end user and its tags contradict each other.
        Fact { tags: vec!["end_user_id=bob".into()], ..fact("torn", "ada", "acme", &[]) },
        // The same ID under another integration is another connection.
        Fact { provider_config_key: "slack".into(), ..fact("ada-1", "bob", "globex", &[]) },
    ]
}

#[track_caller]
fn decide(policy: &Policy, claims: &Claims, tool: &str, args: &str, lookups: Lookups) -> Decision {
    let args = checked(tool, &serde_json::from_str(args).unwrap());
    policy.decide(tools::find(tool).unwrap(), &args, claims, &[], lookups)
}

/// default, rules, tool, arguments, outcome once everything was looked up, the rules that made it.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const OWN: &str = r#"{"id":"own","then":"allow","end_user":"$user"}"#;
const BOB: &str = r#"{"id":"bob","then":"deny","end_user":"bob"}"#;
const ASK: &str = r#"{"id":"ask","then":"confirm","effect":["write","destroy"]}"#;
const CRM: &str = r#"{"id":"crm","then":"allow","integration":["hubspot","salesforce*"]}"#;
const NOCRM: &str = r#"{"id":"nocrm","then":"deny","integration":"hubspot"}"#;
const PROD: &str = r#"{"id":"prod","then":"deny","tags":"env=prod"}"#;
const ONE: &str = r#"{"id":"one","then":"deny","connection":"bob-1"}"#;
const PATHS: &str = r#"{"id":"paths","then":"allow","proxy_path":"/crm/v3/*"}"#;
const ADMIN: &str = r#"{"id":"admin","then":"deny","proxy_path":"/admin*"}"#;
const GETS: &str = r#"{"id":"gets","then":"allow","proxy_method":"GET"}"#;
const ADA1: &str = r#"{"connection_id":"ada-1","provider_config_key":"hubspot"}"#;
const BOB1: &str = r#"{"connection_id":"bob-1","provider_config_key":"hubspot"}"#;

const CASES: &[Case] = &[
    // The default, if no rule applies.
    ("allow", "", GET, ADA1, "allow", "default"),
    ("deny", "", GET, ADA1, "deny", "default"),
    ("deny", "", PROVIDERS, "{}", "deny", "default"),
    // One rule of each kind, and which wins.
    ("deny", r#"{"id":"a","then":"allow"}"#, DELETE, ADA1, "allow", "a"),
    ("allow", r#"{"id":"d","then":"deny"}"#, GET, ADA1, "deny", "d"),
    ("allow", r#"{"id":"c","then":"confirm"}"#, GET, ADA1, "confirm", "c"),
    ("deny", r#"{"id":"c","then":"confirm"}"#, GET, ADA1, "confirm", "c"),
    ("deny", r#"{"id":"a","then":"allow"},{"id":"c","then":"confirm"}"#, GET, ADA1, "confirm", "c"),
    (
        "allow",
        r#"{"id":"a","then":"allow"},{"id":"d","then":"deny"},{"id":"c","then":"confirm"}"#,
        GET,
        ADA1,
        "deny",
        "d",
    ),
    (
        "allow",
        r#"{"id":"d","then":"deny"},{"id":"e","then":"deny","tool":"NANGO_GET_*"}"#,
        GET,
        ADA1,
        "deny",
        "d e",
    ),
    (
        "deny",
        r#"{"then":"allow","tool":"*PROXY"},{"then":"allow","effect":"write"}"#,
        GET,
        ADA1,
        "allow",
        "rule 2",
    ),
    // The tool: its slug, older slugs, toolset, effect, reach.
    ("deny", r#"{"id":"t","then":"allow","tool":"NANGO_GET_CONNECTION"}"#, GET, ADA1, "allow", "t"),
    ("deny", r#"{"id":"t","then":"allow","tool":"nango_get_*"}"#, GET, ADA1, "allow", "t"),
    ("deny", r#"{"id":"t","then":"allow","tool":"NANGO_GET_CONNECTION"}"#, DELETE, ADA1, "deny", "default"),
    ("deny", r#"{"id":"t","then":"allow","tool":"NANGO_CONNECTION_GET"}"#, LIST, "{}", "allow", "t"),
    ("allow", r#"{"id":"t","then":"deny","tool":"NANGO_LIST_CONNECTIONS"}"#, LIST, "{}", "deny", "t"),
    (
        "allow",
        r#"{"id":"t","then":"deny","tool":"NANGO_CONNECTION_LIST_GET"}"#,
        "NANGO_CONNECTION_GET",
        "{}",
        "deny",
        "t",
    ),
    ("deny", r#"{"id":"s","then":"allow","toolset":["providers","syncs"]}"#, PROVIDERS, "{}", "allow", "s"),
    ("deny", r#"{"id":"s","then":"allow","toolset":["providers","syncs"]}"#, ENV, "{}", "deny", "default"),
    ("deny", r#"{"id":"e","then":"allow","effect":"read"}"#, LIST, "{}", "allow", "e"),
    ("deny", r#"{"id":"e","then":"allow","effect":"read"}"#, GET, ADA1, "deny", "default"),
    ("allow", ASK, DELETE, ADA1, "confirm", "ask"),
    ("allow", ASK, LIST, "{}", "allow", "default"),
    (
        "allow",
        r#"{"id":"r","then":"deny","reach":["integration","environment"]}"#,
        DROP,
        r#"{"unique_key":"hubspot"}"#,
        "deny",
        "r",
    ),
    (
        "allow",
        r#"{"id":"r","then":"deny","reach":["integration","environment"]}"#,
        DELETE,
        ADA1,
        "allow",
        "default",
    ),
    ("allow", r#"{"id":"r","then":"deny","reach":["integration","environment"]}"#, ENV, "{}", "deny", "r"),
    // The caller.
    ("deny", r#"{"id":"u","then":"allow","user":"ada"}"#, LIST, "{}", "allow", "u"),
    ("deny", r#"{"id":"u","then":"allow","user":"Ada"}"#, LIST, "{}", "deny", "default"),
    ("allow", r#"{"id":"u","then":"deny","user":["eve","a*"]}"#, LIST, "{}", "deny", "u"),
    ("deny", r#"{"id":"o","then":"allow","organization":"acme"}"#, LIST, "{}", "allow", "o"),
    ("deny", r#"{"id":"o","then":"allow","organization":"globex"}"#, LIST, "{}", "deny", "default"),
    ("deny", r#"{"id":"g","then":"allow","agent":"help*"}"#, LIST, "{}", "allow", "g"),
    ("deny", r#"{"id":"x","then":"allow","role":"admin"}"#, DELETE, ADA1, "allow", "x"),
    ("deny", r#"{"id":"x","then":"allow","role":["root","owner"]}"#, DELETE, ADA1, "deny", "default"),
    ("allow", r#"{"id":"x","then":"deny","role":"sales","effect":"destroy"}"#, DELETE, ADA1, "deny", "x"),
    ("deny", r#"{"id":"x","then":"allow","role":"admin","user":"bob"}"#, DELETE, ADA1, "deny", "default"),
    // Integrations, by every argument that names one.
    ("deny", CRM, GET, ADA1, "allow", "crm"),
    ("deny", CRM, GET, r#"{"connection_id":"x","provider_config_key":"slack"}"#, "deny", "default"),
    ("deny", CRM, GET, r#"{"connection_id":"x","provider_config_key":"HubSpot"}"#, "deny", "default"),
    ("deny", CRM, GET, r#"{"connection_id":"x","provider_config_key":"salesforce-eu"}"#, "allow", "crm"),
    ("deny", CRM, LIST, r#"{"integration_id":"hubspot"}"#, "allow", "crm"),
    ("deny", CRM, LIST, r#"{"integration_id":["hubspot","salesforce"]}"#, "allow", "crm"),
    ("deny", CRM, LIST, r#"{"integration_id":["hubspot","slack"]}"#, "deny", "default"),
    ("deny", CRM, LIST, "{}", "deny", "default"),
    ("deny", CRM, RECONNECT, r#"{"connection_id":"ada-1","integration_id":"hubspot"}"#, "allow", "crm"),
    ("deny", CRM, INTEGRATION, r#"{"unique_key":"hubspot"}"#, "allow", "crm"),
    ("deny", CRM, CHANGE, r#"{"unique_key":"hubspot","new_unique_key":"slack"}"#, "deny", "default"),
    ("deny", CRM, CHANGE, r#"{"unique_key":"slack","new_unique_key":"hubspot"}"#, "deny", "default"),
    ("deny", CRM, CHANGE, r#"{"unique_key":"hubspot","new_unique_key":"salesforce"}"#, "allow", "crm"),
    (
        "deny",
        CRM,
        CONNECT,
        r#"{"tags":{"end_user_id":"ada"},"allowed_integrations":["hubspot"]}"#,
        "allow",
        "crm",
    ),
    (
        "deny",
        CRM,
        CONNECT,
        r#"{"tags":{"end_user_id":"ada"},"allowed_integrations":["hubspot","slack"]}"#,
        "deny",
        "default",
    ),
    ("deny", CRM, CONNECT, r#"{"tags":{"end_user_id":"ada"},"allowed_integrations":[]}"#, "deny", "default"),
    ("deny", CRM, CONNECT, r#"{"tags":{"end_user_id":"ada"}}"#, "deny", "default"),
    ("deny", CRM, PROVIDERS, "{}", "deny", "default"),
    ("allow", NOCRM, LIST, r#"{"integration_id":"slack"}"#, "allow", "default"),
    ("allow", NOCRM, LIST, r#"{"integration_id":["slack","hubspot"]}"#, "deny", "nocrm"),
    ("allow", NOCRM, LIST, "{}", "deny", "nocrm"),
    ("allow", NOCRM, CONNECT, r#"{"tags":{"end_user_id":"ada"}}"#, "deny", "nocrm"),
    ("allow", NOCRM, PROVIDERS, "{}", "allow", "default"),
    ("allow", NOCRM, DROP, r#"{"unique_key":"hubspot"}"#, "deny", "nocrm"),
    ("allow", NOCRM, MAKE, r#"{"provider":"slack","unique_key":"slack-2"}"#, "allow", "default"),
    ("allow", r#"{"id":"c","then":"confirm","integration":"hubspot"}"#, LIST, "{}", "confirm", "c"),
    ("deny", r#"{"id":"c","then":"confirm","integration":"hubspot"}"#, LIST, "{}", "deny", "default"),
    ("deny", r#"{"id":"c","then":"confirm","integration":"hubspot"}"#, GET, ADA1, "confirm", "c"),
    // Each target is evaluated separately: two rules may allow one each, the strictest outcome counts.
    (
        "deny",
        r#"{"id":"h","then":"allow","integration":"hubspot"},{"id":"s","then":"allow","integration":"slack"}"#,
        LIST,
        r#"{"integration_id":["hubspot","slack"]}"#,
        "allow",
        "h s",
    ),
    (
        "allow",
        r#"{"id":"h","then":"confirm","integration":"hubspot"},{"id":"s","then":"deny","integration":"slack"}"#,
        LIST,
        r#"{"integration_id":["hubspot","slack","x"]}"#,
        "deny",
        "s",
    ),
    (
        "allow",
        ONE,
        META,
        r#"{"connection_id":["ada-1","bob-1"],"provider_config_key":"hubspot","metadata":{}}"#,
        "deny",
        "one",
    ),
    (
        "allow",
        ONE,
        META,
        r#"{"connection_id":["ada-1"],"provider_config_key":"hubspot","metadata":{}}"#,
        "allow",
        "default",
    ),
    // Connections.
    ("allow", ONE, GET, BOB1, "deny", "one"),
    ("allow", ONE, GET, ADA1, "allow", "default"),
    ("allow", ONE, GET, r#"{"connection_id":"BOB-1","provider_config_key":"hubspot"}"#, "allow", "default"),
    ("allow", ONE, LIST, "{}", "deny", "one"),
    ("allow", ONE, LIST, r#"{"connection_id":"ada-1"}"#, "allow", "default"),
    ("allow", ONE, STATUS, r#"{"provider_config_key":"hubspot","syncs":"*"}"#, "deny", "one"),
    ("allow", ONE, SYNC, r#"{"provider_config_key":"hubspot","syncs":[]}"#, "deny", "one"),
    (
        "allow",
        ONE,
        SYNC,
        r#"{"provider_config_key":"hubspot","syncs":[],"connection_id":"ada-1"}"#,
        "allow",
        "default",
    ),
    ("allow", ONE, DROP, r#"{"unique_key":"hubspot"}"#, "deny", "one"),
    ("allow", ONE, INTEGRATION, r#"{"unique_key":"hubspot"}"#, "allow", "default"),
    ("allow", ONE, CONNECT, r#"{"tags":{"end_user_id":"ada"}}"#, "allow", "default"),
    (
        "deny",
        r#"{"id":"a","then":"allow","connection":"*"}"#,
        SYNC,
        r#"{"provider_config_key":"hubspot","syncs":[]}"#,
        "deny",
        "default",
    ),
    // The owner of a connection, by a look-up.
    ("deny", OWN, GET, ADA1, "allow", "own"),
    ("deny", OWN, GET, BOB1, "deny", "default"),
    ("deny", OWN, GET, r#"{"connection_id":"ada-1","provider_config_key":"slack"}"#, "deny", "default"),
    ("deny", OWN, GET, r#"{"connection_id":"tagged","provider_config_key":"hubspot"}"#, "allow", "own"),
    ("deny", OWN, GET, r#"{"connection_id":"nobody","provider_config_key":"hubspot"}"#, "deny", "default"),
    ("deny", OWN, GET, r#"{"connection_id":"torn","provider_config_key":"hubspot"}"#, "deny", "default"),
    ("deny", OWN, GET, r#"{"connection_id":"absent","provider_config_key":"hubspot"}"#, "deny", "default"),
    (
        "deny",
        OWN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x"}"#,
        "allow",
        "own",
    ),
    (
        "deny",
        OWN,
        ACTION,
        r#"{"connection_id":"bob-1","provider_config_key":"hubspot","action_name":"a"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        META,
        r#"{"connection_id":["ada-1","tagged"],"provider_config_key":"hubspot","metadata":{}}"#,
        "allow",
        "own",
    ),
    (
        "deny",
        OWN,
        META,
        r#"{"connection_id":["ada-1","bob-1"],"provider_config_key":"hubspot","metadata":{}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        SYNC,
        r#"{"provider_config_key":"hubspot","syncs":[],"connection_id":"ada-1"}"#,
        "allow",
        "own",
    ),
    ("deny", OWN, SYNC, r#"{"provider_config_key":"hubspot","syncs":[]}"#, "deny", "default"),
    ("allow", BOB, GET, BOB1, "deny", "bob"),
    ("allow", BOB, GET, ADA1, "allow", "default"),
    ("allow", BOB, GET, r#"{"connection_id":"torn","provider_config_key":"hubspot"}"#, "deny", "bob"),
    ("allow", BOB, GET, r#"{"connection_id":"nobody","provider_config_key":"hubspot"}"#, "allow", "default"),
    ("allow", BOB, GET, r#"{"connection_id":"absent","provider_config_key":"hubspot"}"#, "deny", "bob"),
    ("allow", BOB, DROP, r#"{"unique_key":"hubspot"}"#, "deny", "bob"),
    ("deny", r#"{"id":"o","then":"allow","owner_organization":"$organization"}"#, GET, ADA1, "allow", "o"),
    (
        "deny",
        r#"{"id":"o","then":"allow","owner_organization":"$organization"}"#,
        GET,
        BOB1,
        "deny",
        "default",
    ),
    (
        "deny",
        r#"{"id":"o","then":"allow","owner_organization":"$organization"}"#,
        LIST,
        r#"{"end_user_organization_id":"acme"}"#,
        "allow",
        "o",
    ),
    (
        "deny",
        r#"{"id":"o","then":"allow","owner_organization":"$organization"}"#,
        LIST,
        r#"{"tags":{"organization_id":"acme"}}"#,
        "allow",
        "o",
    ),
    // The owner in a list: what its filters ask for.
    ("deny", OWN, LIST, r#"{"end_user_id":"ada"}"#, "allow", "own"),
    ("deny", OWN, LIST, r#"{"tags":{"End_User_Id":"ada"}}"#, "allow", "own"),
    ("deny", OWN, LIST, r#"{"end_user_id":"ada","tags":{"end_user_id":"bob"}}"#, "deny", "default"),
    ("deny", OWN, LIST, r#"{"end_user_id":"bob"}"#, "deny", "default"),
    ("deny", OWN, LIST, r#"{"connection_id":"ada-1","integration_id":"hubspot"}"#, "deny", "default"),
    ("deny", OWN, LIST, r#"{"search":"ada"}"#, "deny", "default"),
    ("allow", BOB, LIST, r#"{"search":"ada"}"#, "deny", "bob"),
    ("allow", BOB, LIST, r#"{"end_user_id":"ada"}"#, "allow", "default"),
    // The owner that a call sets: both the old and the new owner count.
    ("deny", OWN, CONNECT, r#"{"end_user":{"id":"ada"}}"#, "allow", "own"),
    ("deny", OWN, CONNECT, r#"{"end_user":{"id":"bob"}}"#, "deny", "default"),
    ("deny", OWN, CONNECT, r#"{"tags":{"team":"x"}}"#, "deny", "default"),
    ("deny", OWN, CONNECT, r#"{"end_user":{"id":"ada"},"tags":{"end_user_id":"bob"}}"#, "deny", "default"),
    ("deny", OWN, CONNECT, r#"{"end_user":{"id":"ada","tags":{"end_user_id":"bob"}}}"#, "deny", "default"),
    ("allow", BOB, CONNECT, r#"{"end_user":{"id":"bob"}}"#, "deny", "bob"),
    ("allow", BOB, CONNECT, r#"{"tags":{"team":"x"}}"#, "allow", "default"),
    (
        "deny",
        OWN,
        EDIT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","end_user":{"id":"ada"}}"#,
        "allow",
        "own",
    ),
    (
        "deny",
        OWN,
        EDIT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","end_user":{"id":"bob"}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        EDIT,
        r#"{"connection_id":"bob-1","provider_config_key":"hubspot","end_user":{"id":"ada"}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        EDIT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","tags":{}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        EDIT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","webhook_url_override":""}"#,
        "allow",
        "own",
    ),
    (
        "allow",
        BOB,
        EDIT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","tags":{"end_user_id":"bob"}}"#,
        "deny",
        "bob",
    ),
    ("deny", OWN, RECONNECT, r#"{"connection_id":"ada-1","integration_id":"hubspot"}"#, "allow", "own"),
    (
        "deny",
        OWN,
        RECONNECT,
        r#"{"connection_id":"ada-1","integration_id":"hubspot","end_user":{"id":"bob"}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        ADD,
        r#"{"provider_config_key":"hubspot","credentials":{"type":"NONE"},"end_user":{"id":"ada"}}"#,
        "allow",
        "own",
    ),
    (
        "deny",
        OWN,
        ADD,
        r#"{"provider_config_key":"hubspot","credentials":{"type":"NONE"}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        ADD,
        r#"{"provider_config_key":"hubspot","credentials":{"type":"NONE"},"end_user":{"id":"ada"},"connection_id":"new"}"#,
        "allow",
        "own",
    ),
    (
        "deny",
        OWN,
        ADD,
        r#"{"provider_config_key":"hubspot","credentials":{"type":"NONE"},"end_user":{"id":"ada"},"connection_id":"bob-1"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        OWN,
        ADD,
        r#"{"provider_config_key":"hubspot","credentials":{"type":"NONE"},"end_user":{"id":"ada"},"connection_id":"ada-1"}"#,
        "allow",
        "own",
    ),
    // Tags.
    ("allow", PROD, GET, BOB1, "deny", "prod"),
    ("allow", PROD, GET, ADA1, "allow", "default"),
    ("allow", PROD, LIST, "{}", "deny", "prod"),
    ("allow", PROD, LIST, r#"{"tags":{"env":"prod"}}"#, "deny", "prod"),
    ("allow", PROD, LIST, r#"{"tags":{"Env":"dev"}}"#, "allow", "default"),
    ("allow", PROD, LIST, r#"{"tags":{"team":"x"}}"#, "deny", "prod"),
    (
        "allow",
        r#"{"id":"p","then":"deny","tags":["env=prod","team=y"]}"#,
        LIST,
        r#"{"tags":{"env":"dev"}}"#,
        "deny",
        "p",
    ),
    (
        "allow",
        r#"{"id":"p","then":"deny","tags":["env=prod","team=y"]}"#,
        LIST,
        r#"{"tags":{"env":"dev","team":"x"}}"#,
        "allow",
        "default",
    ),
    ("allow", r#"{"id":"p","then":"deny","tags":"Env=PROD"}"#, GET, BOB1, "deny", "p"),
    (
        "deny",
        r#"{"id":"t","then":"allow","tags":"env=dev"}"#,
        LIST,
        r#"{"tags":{"env":"dev","x":"y"}}"#,
        "allow",
        "t",
    ),
    ("deny", r#"{"id":"t","then":"allow","tags":"env=dev"}"#, LIST, "{}", "deny", "default"),
    ("deny", r#"{"id":"t","then":"allow","tags":"env=dev"}"#, GET, ADA1, "allow", "t"),
    (
        "deny",
        r#"{"id":"t","then":"allow","tags":"env=dev"}"#,
        EDIT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","tags":{"env":"prod"}}"#,
        "deny",
        "default",
    ),
    (
        "allow",
        PROD,
        EDIT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","tags":{"env":"prod"}}"#,
        "deny",
        "prod",
    ),
    (
        "allow",
        PROD,
        EDIT,
        r#"{"connection_id":"bob-1","provider_config_key":"hubspot","tags":{"env":"dev"}}"#,
        "deny",
        "prod",
    ),
    ("allow", PROD, CONNECT, r#"{"end_user":{"id":"ada","tags":{"env":"prod"}}}"#, "deny", "prod"),
    // Environment variables: reading them reads all.
    ("allow", r#"{"id":"v","then":"deny","variable":"STRIPE_*"}"#, ENV, "{}", "deny", "v"),
    ("deny", r#"{"id":"v","then":"allow","variable":"PUBLIC_*"}"#, ENV, "{}", "deny", "default"),
    ("allow", r#"{"id":"v","then":"deny","variable":"STRIPE_*"}"#, LIST, "{}", "allow", "default"),
    // The methods of proxy calls: the tool's, and headers or parameters that override it.
    (
        "deny",
        GETS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x"}"#,
        "allow",
        "gets",
    ),
    (
        "deny",
        GETS,
        PUT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        GETS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","proxy_headers":{"X-HTTP-Method-Override":"DELETE"}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        GETS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","proxy_headers":{"x_http_method":"get"}}"#,
        "allow",
        "gets",
    ),
    (
        "deny",
        GETS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","query_params":{"_method":"put"}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        GETS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","query_params":{"_method":["GET","DELETE"]}}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        GETS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","query_params":{"payment_method":"card"}}"#,
        "allow",
        "gets",
    ),
    (
        "allow",
        r#"{"id":"m","then":"deny","proxy_method":"DELETE"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","proxy_headers":{"X-Method-Override":" delete "}}"#,
        "deny",
        "m",
    ),
    (
        "deny",
        r#"{"id":"e","then":"allow","effect":"read"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","proxy_headers":{"X-HTTP-Method-Override":"PATCH"}}"#,
        "deny",
        "default",
    ),
    (
        "allow",
        ASK,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","proxy_headers":{"X-HTTP-Method-Override":"PATCH"}}"#,
        "confirm",
        "ask",
    ),
    // Paths: decoded, with any number of layers, without parts that some servers ignore.
    (
        "deny",
        PATHS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"crm/v3/objects"}"#,
        "allow",
        "paths",
    ),
    (
        "deny",
        PATHS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"/crm//v3/objects/"}"#,
        "allow",
        "paths",
    ),
    (
        "deny",
        PATHS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"crm/v3"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        PATHS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"crm/v30/x"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        PATHS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"crm%2Fv3/x"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        PATHS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"CRM/v3/x"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        PATHS,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"crm/v3/x","base_url_override":"https://api.example.com/other"}"#,
        "deny",
        "default",
    ),
    ("deny", PATHS, LIST, "{}", "deny", "default"),
    (
        "allow",
        ADMIN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"admin/users"}"#,
        "deny",
        "admin",
    ),
    (
        "allow",
        ADMIN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"%61dmin/users"}"#,
        "deny",
        "admin",
    ),
    (
        "allow",
        ADMIN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"%2561dmin"}"#,
        "deny",
        "admin",
    ),
    (
        "allow",
        ADMIN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"Admin"}"#,
        "deny",
        "admin",
    ),
    (
        "allow",
        ADMIN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x//%2Fadmin"}"#,
        "allow",
        "default",
    ),
    (
        "allow",
        ADMIN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"users","base_url_override":"https://api.example.com/admin"}"#,
        "deny",
        "admin",
    ),
    (
        "allow",
        ADMIN,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"users","base_url_override":"https://api.example.com/x/../admin"}"#,
        "deny",
        "admin",
    ),
    (
        "allow",
        r#"{"id":"p","then":"deny","proxy_path":"me"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"me%3Fx"}"#,
        "deny",
        "p",
    ),
    (
        "allow",
        r#"{"id":"p","then":"deny","proxy_path":"me"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"me;v=1"}"#,
        "deny",
        "p",
    ),
    (
        "allow",
        r#"{"id":"p","then":"deny","proxy_path":"me"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"me2"}"#,
        "allow",
        "default",
    ),
    // Hosts.
    (
        "deny",
        r#"{"id":"h","then":"allow","proxy_host":"provider"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x"}"#,
        "allow",
        "h",
    ),
    (
        "deny",
        r#"{"id":"h","then":"allow","proxy_host":"provider"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","base_url_override":"https://api.example.com"}"#,
        "deny",
        "default",
    ),
    (
        "deny",
        r#"{"id":"h","then":"allow","proxy_host":"*.example.com"}"#,
        READ,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","base_url_override":"https://API.Example.com"}"#,
        "allow",
        "h",
    ),
    (
        "allow",
        r#"{"id":"h","then":"deny","proxy_host":"evil.example.com"}"#,
        PUT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","base_url_override":"https://EVIL.example.com.:8443/"}"#,
        "deny",
        "h",
    ),
    (
        "allow",
        r#"{"id":"h","then":"deny","proxy_host":"evil.example.com"}"#,
        PUT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x"}"#,
        "allow",
        "default",
    ),
    (
        "allow",
        r#"{"id":"h","then":"deny","proxy_host":"evil.example.com"}"#,
        PUT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","proxy_headers":{"X-Forwarded-Host":"evil.example.com:443"}}"#,
        "deny",
        "h",
    ),
    // All attributes must match; of several globs, one must match.
    (
        "deny",
        r#"{"id":"m","then":"allow","tool":["NANGO_GET_PROXY","NANGO_PUT_PROXY"],"integration":"hubspot","end_user":"$user","role":"sales"}"#,
        PUT,
        r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x"}"#,
        "allow",
        "m",
    ),
    (
        "deny",
        r#"{"id":"m","then":"allow","tool":["NANGO_GET_PROXY","NANGO_PUT_PROXY"],"integration":"hubspot","end_user":"$user","role":"sales"}"#,
        PUT,
        r#"{"connection_id":"bob-1","provider_config_key":"hubspot","any_path":"x"}"#,
        "deny",
        "default",
    ),
    (
        "allow",
        r#"{"id":"m","then":"deny","integration":"hubspot","effect":"destroy"}"#,
        GET,
        ADA1,
        "allow",
        "default",
    ),
];

#[test]
fn decisions() {
    assert!(CASES.len() >= 100);
    let mut wrong = Vec::new();
    for (default, rules, tool, args, verdict, ids) in CASES {
        let policy = policy(default, rules);
        let checked = checked(tool, &serde_json::from_str(args).unwrap());
        let tool = tools::find(tool).unwrap();
        let decision = policy.decide(tool, &checked, &ada(), &facts(), Lookups::Done);
        if (decision.verdict.as_str(), decision.rules.join(" ").as_str()) != (*verdict, *ids) {
            wrong.push(format!("{rules}\n  {} {args}\n  {decision:?}", tool.slug));
        }
        assert!(decision.needs.is_empty() && decision.reason.contains(tool.slug), "{decision:?}");
        // A tool that may be called is listed.
        if decision.verdict != Verdict::Deny {
            assert!(policy.lists(tool, &ada()), "{rules}: {} is listed", tool.slug);
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// Before any look-up a decision is final, or names the look-up; with the requested fact it is final.
#[test]
fn look_ups_are_asked_for_only_where_they_decide() {
    let mut asked = 0;
    for (default, rules, tool, args, ..) in CASES {
        let policy = policy(default, rules);
        let args = checked(tool, &serde_json::from_str(args).unwrap());
        let tool = tools::find(tool).unwrap();
        let finally = policy.decide(tool, &args, &ada(), &facts(), Lookups::Done);
        let first = policy.decide(tool, &args, &ada(), &[], Lookups::Pending);
        if first.verdict != Verdict::Undetermined {
            assert_eq!(
                (first.verdict, &first.rules),
                (finally.verdict, &finally.rules),
                "{rules} {}",
                tool.slug
            );
            continue;
        }
        asked += 1;
        assert!(!first.needs.is_empty() && first.refusal().unwrap().kind == ErrorKind::Denied);
        let found: Vec<Fact> = facts()
            .into_iter()
            .filter(|f| {
                first.needs.iter().any(|n| {
                    (&n.connection_id, &n.provider_config_key) == (&f.connection_id, &f.provider_config_key)
                })
            })
            .collect();
        assert_eq!(
            policy.decide(tool, &args, &ada(), &found, Lookups::Done),
            finally,
            "{rules} {}",
            tool.slug
        );
        // The arguments of the look-up are those of the tool that lists.
        for need in &first.needs {
            checked(LIST, &Value::Object(need.args()));
        }
        // Without facts, nothing is allowed that a look-up would not allow.
        let none = policy.decide(tool, &args, &ada(), &[], Lookups::Done);
        assert!(
            none.verdict != Verdict::Undetermined && (none.verdict >= finally.verdict || tool.slug == ADD),
            "{rules} {}",
            tool.slug
        );
    }
    assert!(asked > 20, "only {asked} cases took a look-up");
}

#[test]
fn a_caller_who_is_not_known_may_be_anyone() {
    let nobody = Claims::default();
    for (rule, verdict) in [
        (r#"{"then":"deny","user":"eve"}"#, Verdict::Deny),
        (r#"{"then":"confirm","agent":"helper"}"#, Verdict::Confirm),
        (r#"{"then":"deny","role":"intern"}"#, Verdict::Allow),
        (r#"{"then":"deny","end_user":"$user"}"#, Verdict::Deny),
    ] {
        assert_eq!(
            decide(&policy("allow", rule), &nobody, LIST, r#"{"end_user_id":"ada"}"#, Lookups::Done).verdict,
            verdict,
            "{rule}"
        );
    }
    for rule in [
        r#"{"then":"allow","user":"*"}"#,
        r#"{"then":"allow","organization":"*"}"#,
        OWN,
        r#"{"then":"allow","role":"*"}"#,
    ] {
        let decision =
            decide(&policy("deny", rule), &nobody, LIST, r#"{"end_user_id":"ada"}"#, Lookups::Done);
        assert_eq!(decision.verdict, Verdict::Deny, "{rule}");
    }
}

#[test]
fn read_only_is_a_hard_gate() {
    let policy = Policy::parse(r#"{"default":"allow","readOnly":true,"rules":[{"then":"allow"}]}"#).unwrap();
    let narrow = Policy::parse(r#"{"readOnly":true}"#).unwrap();
    for policy in [&policy, &narrow, &Policy::read_only()] {
        assert!(policy.is_read_only());
        for tool in tools::all() {
            let reads = tool.effect == Effect::Read && !tool.is_proxy();
            assert_eq!(policy.lists(tool, &ada()), reads, "{}", tool.slug);
        }
        assert_eq!(decide(policy, &ada(), DELETE, ADA1, Lookups::Done).rules, ["readOnly"]);
        assert_eq!(decide(policy, &ada(), LIST, "{}", Lookups::Done).verdict, Verdict::Allow);
    }
}

/// The decision about a proxy read with further arguments.
fn proxy_read(policy: &Policy, more: &str) -> Decision {
    let args = format!(r#"{{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x"{more}}}"#);
    decide(policy, &ada(), READ, &args, Lookups::Done)
}

#[test]
fn what_is_read_only_has_proxy_reads_only_where_a_rule_that_grants_them_names_them() {
    let read_only =
        |rules: &str| Policy::parse(&format!(r#"{{"default":"allow","readOnly":true,"rules":[{rules}]}}"#));
    for (rules, reads) in [
        ("", false),
        (r#"{"then":"allow"}"#, false),
        (r#"{"then":"allow","tool":"*"}"#, false),
        (r#"{"then":"allow","tool":"NANGO_GET_PROX*"}"#, false),
        (r#"{"then":"allow","toolset":"proxy"}"#, false),
        (r#"{"then":"allow","tool":"NANGO_PUT_PROXY"}"#, false),
        (r#"{"then":"allow","tool":"NANGO_GET_PROXY","integration":"github"}"#, false),
        (r#"{"then":"deny","tool":"NANGO_GET_PROXY"}"#, false),
        (
            r#"{"then":"allow","tool":"NANGO_GET_PROXY"},{"then":"deny","effect":"read","toolset":"proxy"}"#,
            false,
        ),
        (r#"{"then":"allow","tool":"NANGO_GET_PROXY"}"#, true),
        (r#"{"then":"allow","tool":["NANGO_LIST_*","nango_get_proxy"],"integration":"hubspot"}"#, true),
    ] {
        let policy = read_only(rules).unwrap();
        let decision = proxy_read(&policy, "");
        assert_eq!(decision.verdict == Verdict::Allow, reads, "{rules}: {}", decision.reason);
        let put = r#"{"connection_id":"ada-1","provider_config_key":"hubspot","any_path":"x","body":{}}"#;
        assert_eq!(decide(&policy, &ada(), PUT, put, Lookups::Done).verdict, Verdict::Deny, "{rules}");
        if reads {
            assert!(policy.lists(tools::find(READ).unwrap(), &ada()), "{rules}");
        }
    }
}

#[test]
fn a_proxy_read_that_is_to_be_read_as_another_method_is_none() {
    let named = r#"{"default":"allow","readOnly":true,"rules":[{"then":"allow","tool":"NANGO_GET_PROXY"}]}"#;
    let policy = Policy::parse(named).unwrap();
    for more in [
        r#","proxy_headers":{"X-HTTP-Method-Override":"GET"}"#,
        r#","proxy_headers":{"Accept":"delete"}"#,
        r#","query_params":{"method":"delete"}"#,
    ] {
        assert_eq!(proxy_read(&policy, more).verdict, Verdict::Allow, "{more}");
    }
    for more in [
        r#","proxy_headers":{"X-HTTP-Method-Override":"DELETE"}"#,
        r#","proxy_headers":{"x-http-method":"Put"}"#,
        r#","proxy_headers":{"X_Method_Override":"post"}"#,
        r#","proxy_headers":{"X-Method-Override":"GET, DELETE"}"#,
        r#","query_params":{"_method":"DELETE"}"#,
        r#","query_params":{"_method[]":["delete"]}"#,
        r#","query_params":{"X-HTTP-Method-Override":"PATCH"}"#,
    ] {
        assert_eq!(proxy_read(&policy, more).verdict, Verdict::Deny, "{more}");
    }
}

#[test]
fn a_read_only_session_is_no_way_around() {
    let args = |value: &str| {
        json!({
            "connection_id": "c", "provider_config_key": "hubspot", "any_path": "x",
            "proxy_headers": { "X-HTTP-Method-Override": value }
        })
    };
    let named = json!({ "default": "allow", "rules": [{ "then": "allow", "tool": READ }] });
    for (options, reads) in [
        (json!({}), false),
        (json!({ "toolsets": ["proxy"] }), false),
        (json!({ "tools": [READ] }), true),
        (json!({ "policy": named }), true),
        (json!({ "policy": { "default": "allow" } }), false),
    ] {
        let mut all = json!({ "user": "ada", "readOnly": true });
        all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let session = Some(Session::from_value(all).unwrap());
        let calls = Options { session, ..Options::default() };
        assert_eq!(calls.lists(tools::find(READ).unwrap()), reads, "{options}");
        for (value, denied) in [("DELETE", true), ("GET", !reads)] {
            let mut call = Call::new(calls.clone(), READ, args(value), 1);
            let ended = matches!(call.poll(0), Poll::Done(outcome) if outcome.result.as_ref().is_err_and(|e| e.kind == ErrorKind::Denied));
            assert_eq!(ended, denied, "{options}: {value}");
        }
    }
    // The toolkit's policy is not the session's to widen.
    let session = Session::from_value(json!({ "user": "ada", "tools": [READ] })).unwrap();
    let options = Options { policy: Policy::read_only(), session: Some(session), ..Options::default() };
    assert!(!options.lists(tools::find(READ).unwrap()));
}

#[test]
fn parameters_of_path_segments_hide_no_path() {
    let denies = |pattern: &str, path: &str| {
        let rules = format!(r#"{{"id":"r","then":"deny","proxy_path":"{pattern}"}}"#);
        let args = format!(r#","any_path":"{path}""#);
        let args = format!(r#"{{"connection_id":"ada-1","provider_config_key":"hubspot"{args}}}"#);
        decide(&policy("allow", &rules), &ada(), READ, &args, Lookups::Done).verdict == Verdict::Deny
    };
    let spelt = ["admin", "admin;x=1", "admin;", "admin%3Bx", "%61dmin;a;b", "admin%253bx=1", "ADMIN;x"];
    for first in spelt {
        for second in ["users", "users;v=2", "users%3b"] {
            for end in ["", "/", "/;x"] {
                let path = format!("{first}/{second}{end}");
                assert!(denies("/admin/users", &path), "{path}");
                assert!(denies("/admin/*", &path) && !denies("/users", &path), "{path}");
            }
        }
    }
    assert!(!denies("/admin/users", "administrator;x/users"));
}

#[test]
fn a_rule_about_an_address_means_every_spelling_of_it() {
    let rule = r#"{"id":"r","then":"deny","proxy_host":"8.8.8.8"}"#;
    let allow = Allow { override_hosts: vec!["8.8.8.8".into(), "8.8.4.4".into()], ..Allow::default() };
    let tool = tools::find(READ).unwrap();
    for (host, verdict) in [
        ("8.8.8.8", Verdict::Deny),
        ("134744072", Verdict::Deny),
        ("0x08.8.2056", Verdict::Deny),
        ("[64:ff9b::808:808]", Verdict::Deny),
        ("8.8.4.4", Verdict::Allow),
    ] {
        let args = json!({ "connection_id": "c", "provider_config_key": "hubspot", "any_path": "x",
            "base_url_override": format!("https://{host}/") });
        let args = schema::check(tool, args, &allow).unwrap();
        let decision = policy("allow", rule).decide(tool, &args, &ada(), &[], Lookups::Done);
        assert_eq!(decision.verdict, verdict, "{host}");
    }
}

/// The tools of the proxy.
const PROXY: [&str; 5] = [READ, PUT, "NANGO_POST_PROXY", "NANGO_PATCH_PROXY", "NANGO_DELETE_PROXY"];

#[test]
fn listed_is_what_some_arguments_could_make_allowed() {
    let listed = |default: &str, rules: &str| -> Vec<&str> {
        let policy = policy(default, rules);
        tools::all().filter(|tool| policy.lists(tool, &ada())).map(|tool| tool.slug).collect()
    };
    assert_eq!(listed("allow", "").len(), tools::all().count());
    assert!(listed("deny", "").is_empty());
    assert_eq!(listed("deny", r#"{"then":"allow","toolset":"proxy"}"#), PROXY);
    assert_eq!(listed("deny", r#"{"then":"allow","proxy_method":"PUT"}"#), [PUT]);
    assert_eq!(listed("deny", r#"{"then":"allow","proxy_path":"/x"}"#), PROXY);
    assert!(listed("deny", r#"{"then":"allow","user":"bob"}"#).is_empty());
    assert_eq!(
        listed("deny", r#"{"then":"confirm","tool":"NANGO_DELETE_CONN*","role":"admin"}"#),
        [DELETE, "NANGO_DELETE_CONNECT_SESSION"]
    );
    let deletes = tools::all().filter(|tool| tool.slug.starts_with("NANGO_DELETE_")).map(|tool| tool.slug);
    assert_eq!(
        listed("deny", r#"{"then":"confirm","tool":"NANGO_DELETE_*","role":"admin"}"#),
        deletes.collect::<Vec<_>>()
    );
    // The owner of the connection depends on arguments, unless a tool applies to all.
    let own = listed("deny", OWN);
    assert!([LIST, GET, ADD, STATUS, SYNC, CONNECT, READ].iter().all(|slug| own.contains(slug)), "{own:?}");
    assert!([DROP, CHANGE, MAKE, ENV, PROVIDERS].iter().all(|slug| !own.contains(slug)), "{own:?}");
    let others = listed("allow", BOB);
    assert!(others.contains(&LIST) && others.contains(&SYNC) && !others.contains(&DROP), "{others:?}");
    let but = listed("allow", r#"{"then":"deny","effect":"destroy"}"#);
    assert!(tools::all().all(|tool| but.contains(&tool.slug) == (tool.effect != Effect::Destructive)));
}

#[test]
fn the_older_name_of_an_effect_means_the_same() {
    let overridden = r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot","any_path":"x","proxy_headers":{"X-HTTP-Method-Override":"DELETE"}}"#;
    let mut cases: Vec<(&str, &str, bool)> = vec![(READ, overridden, true)];
    for tool in tools::all() {
        cases.extend(
            tool.examples.iter().map(|one| (tool.slug, one.args, tool.effect == Effect::Destructive)),
        );
    }
    for (tool, args, destructive) in cases {
        for (default, then, otherwise) in
            [("allow", "deny", "allow"), ("allow", "confirm", "allow"), ("deny", "allow", "deny")]
        {
            for effect in ["destructive", "destroy", "destru*", "destro*"] {
                let policy =
                    policy(default, &json!({ "then": then, "effect": ["write", effect] }).to_string());
                let verdict = decide(&policy, &ada(), tool, args, Lookups::Done).verdict.to_string();
                // What the overridden request does is destructive, what the tool does is reading: a grant needs both.
                let writes = tools::find(tool).is_some_and(|tool| tool.effect == Effect::Write);
                let applies = writes || (destructive && (then != "allow" || tool != READ));
                assert_eq!(
                    verdict,
                    if applies { then } else { otherwise },
                    "{tool} {args} {default} {then} {effect}"
                );
            }
        }
    }
}

#[test]
fn tools_that_the_key_has_no_scope_for_are_hidden() {
    let policy =
        Policy::parse(r#"{"default":"allow","scopes":["environment:connections:*","environment:proxy"]}"#)
            .unwrap();
    for tool in tools::all() {
        let usable = tool.scopes.is_empty()
            || tool
                .scopes
                .iter()
                .any(|scope| scope.starts_with("environment:connections:") || *scope == "environment:proxy");
        assert_eq!(policy.lists(tool, &ada()), usable, "{}", tool.slug);
    }
    let refused = decide(&policy, &ada(), ENV, "{}", Lookups::Done);
    assert_eq!(refused.rules, ["scopes"]);
    assert!(refused.reason.contains("environment:variables:read"), "{}", refused.reason);
    let all = Policy::parse(r#"{"default":"allow","scopes":"environment:*"}"#).unwrap();
    for tool in tools::all() {
        // A key of an environment is refused for what the account's key may do.
        let of_account = tool.scopes.iter().any(|scope| scope.starts_with("account:"));
        assert_eq!(all.lists(tool, &ada()), !of_account, "{}", tool.slug);
    }
}

#[test]
fn tools_are_named_only_without_a_wildcard() {
    let tool = tools::find(DROP).unwrap();
    for (rules, named) in [
        (r#"{"then":"allow","tool":"NANGO_DELETE_INTEGRATION"}"#, true),
        (r#"{"then":"confirm","tool":["NANGO_GET_*","nango_delete_integration"]}"#, true),
        (r#"{"then":"allow","tool":"NANGO_DELETE_*"}"#, false),
        (r#"{"then":"allow"}"#, false),
        (r#"{"then":"deny","tool":"NANGO_DELETE_INTEGRATION"}"#, false),
        (r#"{"then":"allow","tool":"NANGO_DELETE_INTEGRATION","role":"root"}"#, false),
        (r#"{"then":"allow","tool":"NANGO_DELETE_INTEGRATION","integration":"hubspot"}"#, true),
    ] {
        let policy = policy("allow", rules);
        let decision = decide(&policy, &ada(), DROP, r#"{"unique_key":"hubspot"}"#, Lookups::Done);
        assert_eq!((policy.names(tool, &ada()), decision.named), (named, named), "{rules}");
    }
    // What names it for one integration does not for another.
    let policy =
        policy("allow", r#"{"then":"allow","tool":"NANGO_DELETE_INTEGRATION","integration":"hubspot"}"#);
    assert!(!decide(&policy, &ada(), DROP, r#"{"unique_key":"slack"}"#, Lookups::Done).named);
    assert!(!Policy::default().names(tool, &ada()));
}

#[test]
fn limits_are_the_least_of_those_that_name_the_tool() {
    let policy = Policy::parse(
        r#"{"default":"allow","maxResultBytes":1000,"limits":[{"tool":"*","calls":100},{"tool":["NANGO_DELETE_*"],"calls":3},{"tool":"NANGO_CONNECTION_GET","calls":7}]}"#,
    )
    .unwrap();
    let limit = |slug: &str| policy.limit_for(tools::find(slug).unwrap());
    assert_eq!((limit(DELETE), limit(GET), limit(LIST)), (Some(3), Some(100), Some(7)));
    assert_eq!(policy.max_result_bytes(), Some(1000));
    let none = Policy::default();
    assert_eq!((none.limit_for(tools::find(GET).unwrap()), none.max_result_bytes()), (None, None));
}

#[test]
fn two_policies_must_both_grant() {
    let decide =
        |default: &str, rules: &str| decide(&policy(default, rules), &ada(), DELETE, ADA1, Lookups::Pending);
    let (yes, ask, no, look) =
        (decide("allow", ""), decide("allow", ASK), decide("deny", ""), decide("deny", OWN));
    for (one, other, verdict) in [
        (&yes, &yes, Verdict::Allow),
        (&yes, &ask, Verdict::Confirm),
        (&look, &ask, Verdict::Undetermined),
        (&look, &no, Verdict::Deny),
        (&no, &yes, Verdict::Deny),
    ] {
        for both in [one.clone().and(other.clone()), other.clone().and(one.clone())] {
            assert_eq!(both.verdict, verdict);
            assert_eq!(both.needs.is_empty(), verdict != Verdict::Undetermined);
        }
    }
    assert_eq!(ask.clone().and(decide("allow", r#"{"id":"b","then":"confirm"}"#)).rules, ["ask", "b"]);
}

#[test]
fn decisions_are_told_to_programs_and_models() {
    let look = decide(&policy("deny", OWN), &ada(), GET, ADA1, Lookups::Pending);
    let told: Value = serde_json::from_str(&look.to_json()).unwrap();
    assert_eq!(
        told,
        json!({
            "decision": "undetermined", "rules": ["own"],
            "reason": "NANGO_GET_CONNECTION needs a look-up before the rule `own` can decide",
            "lookups": [{ "connection_id": "ada-1", "integration_id": "hubspot" }]
        })
    );
    let no = decide(&policy("deny", ""), &ada(), GET, ADA1, Lookups::Done);
    let error = no.refusal().unwrap();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Denied, "NANGO_GET_CONNECTION is denied by the default")
    );
    assert!(error.hint.unwrap().contains("(default)"));
    let ask = decide(&policy("allow", ASK), &ada(), DELETE, ADA1, Lookups::Done);
    assert_eq!(ask.refusal().unwrap().kind, ErrorKind::ConfirmationRequired);
    let yes = decide(&policy("allow", ""), &ada(), DELETE, ADA1, Lookups::Done);
    assert!(yes.refusal().is_none());
    assert_eq!(serde_json::from_str::<Value>(&yes.to_json()).unwrap()["decision"], "allow");
}

#[test]
fn facts_are_read_from_the_answer_of_a_list() {
    let connection = json!({
        "id": 1, "connection_id": "c", "provider_config_key": "hubspot", "provider": "hubspot", "errors": [],
        "end_user": { "id": "ada", "organization": { "id": "acme", "display_name": null } },
        "tags": { "env": "dev", "end_user_id": "ada" }, "metadata": null
    });
    let list = tools::find("NANGO_CONNECTION_LIST_GET").unwrap().connection_list().unwrap();
    let fact = Fact::from_entry(&connection, list.fields).unwrap();
    assert_eq!((fact.end_user.as_deref(), fact.organization.as_deref()), (Some("ada"), Some("acme")));
    assert_eq!(fact.tags, ["env=dev", "end_user_id=ada"]);
    let plain = json!({ "connection_id": "c", "provider_config_key": "k", "end_user": null, "tags": {} });
    assert_eq!(
        Fact::from_entry(&plain, list.fields).unwrap(),
        Fact { connection_id: "c".into(), provider_config_key: "k".into(), ..Fact::default() }
    );
    assert_eq!(Fact::from_entry(&json!({ "connection_id": "c" }), list.fields), None);
}
