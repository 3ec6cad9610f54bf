//! Tools for work on functions that takes a while: compiling source code, dry runs, deployments.

use super::common::{CONNECTION, INTEGRATION, NAME, RUNNABLE, SOME_TEXT, TEXT, UUID};
use crate::tool::{
    Effect, Example, Field, Method, ParamRule, ParamType, Property, Reach, ResponseType, Role, StringFormat,
    StringSpec, Tool, Toolset, checked,
};

const CODE: Property =
    Property::new("code", SOME_TEXT, "TypeScript source of the function, a whole file.").required();
const JOB_ID: Property = Property::new("id", UUID, "The id that starting it returned.").required();
const STARTED_DRY_RUN: ResponseType = ResponseType::Object(&[
    Field::new("id", ResponseType::Text),
    Field::new("status", ResponseType::Choice(&["waiting", "running"])),
    Field::new("created_at", ResponseType::Time),
]);
const STARTED_DEPLOYMENT: ResponseType = ResponseType::Object(&[
    Field::new("id", ResponseType::Text),
    Field::new("status", ResponseType::Choice(STATUSES)),
    Field::new("created_at", ResponseType::Time),
]);
const STATUSES: &[&str] = &["waiting", "running", "success", "failed"];
const FAILURE: ResponseType = ResponseType::Open(&[
    Field::new("code", ResponseType::Text),
    Field::new("message", ResponseType::Text),
    Field::new("payload", ResponseType::Any).optional(),
]);
const OUTCOME: [Field; 10] = [
    Field::new("id", ResponseType::Text),
    Field::new("status", ResponseType::Choice(STATUSES)).doc("It is done with success or failed."),
    Field::new("integration_id", ResponseType::Text),
    Field::new("function_type", ResponseType::Choice(&["action", "sync"])),
    Field::new("created_at", ResponseType::Time),
    Field::new("updated_at", ResponseType::Time),
    Field::new("started_at", ResponseType::Time).optional(),
    Field::new("completed_at", ResponseType::Time).optional(),
    Field::new("duration_ms", ResponseType::Integer).optional(),
    Field::new("output", ResponseType::Text).optional().doc("What was printed."),
];
const ERROR: Field = Field::new("error", FAILURE).optional().doc("Why it failed.");

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_COMPILE_FUNCTION",
        title: "Compile Function",
        doc: "Compile the TypeScript source of a function on Nango's servers, without deploying or running it: types \
              are checked, and the bundle comes back. Use it to find mistakes in code that you wrote; the error \
              contains what the compiler said. It takes up to three minutes. To try the code on a connection use \
              NANGO_CREATE_FUNCTION_DRYRUN, to deploy it NANGO_CREATE_FUNCTION_DEPLOYMENT.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:functions:compile"],
        method: Method::Post,
        path: "/functions/compile",
        params: &[CODE.body()],
        rules: &[],
        returns: ResponseType::Object(&[
            Field::new("bundle_size_bytes", ResponseType::Integer),
            Field::new("bundled_js", ResponseType::Text),
            Field::new("compiled_at", ResponseType::Time),
        ]),
        aliases: &[],
        examples: &[Example {
            title: "Does this compile?",
            args: r#"{"code":"import { createAction } from \"nango\"; export default createAction({ exec: () => 1 });"}"#,
        }],
        timeout_s: 210,
    },
    Tool {
        slug: "NANGO_CREATE_FUNCTION_DRYRUN",
        title: "Create Function Dry Run",
        doc: "Create a dry run: run source code of an action or sync once on a connection, without deploying it and \
              without saving records in Nango. The code calls the provider with real credentials, so it can change \
              data there. Use it to try code before NANGO_CREATE_FUNCTION_DEPLOYMENT. It returns an id at once; \
              NANGO_GET_FUNCTION_DRYRUN has the outcome, within about five minutes.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Connection,
        scopes: &["environment:functions:dryrun"],
        method: Method::Post,
        path: "/functions/dryruns",
        params: &[
            INTEGRATION.named("integration_id").body(),
            Property::new("function_type", RUNNABLE, "What the code is.").required().body(),
            CODE.body(),
            CONNECTION.body(),
            Property::new("input", ParamType::Json, "Input of the function.").body(),
            Property::new(
                "metadata",
                ParamType::Open(&[]),
                "Metadata for the run instead of the connection's own.",
            )
            .role(Role::Metadata)
            .body(),
            Property::new("checkpoint", ParamType::Open(&[]), "Where a sync continues.").body(),
            Property::new(
                "last_sync_date",
                ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::UtcTime }),
                "When the sync ran last, as its code sees it.",
            )
            .body(),
        ],
        rules: &[],
        returns: STARTED_DRY_RUN,
        aliases: &[],
        examples: &[Example {
            title: "Try an action on Ada's HubSpot",
            args: r#"{"integration_id":"hubspot","function_type":"action","code":"import { createAction } from \"nango\"; export default createAction({ exec: () => 1 });","connection_id":"hubspot-ada","input":{"email":"new.person@example.com"}}"#,
        }],
        timeout_s: 120,
    },
    Tool {
        slug: "NANGO_GET_FUNCTION_DRYRUN",
        title: "Get Function Dry Run",
        doc: "Get the status of a function's dry run and, once it is done, its result, what it printed and why it \
              failed. Use it after NANGO_CREATE_FUNCTION_DRYRUN returned the id; while status is waiting or running \
              look again after a few seconds. A failure is in error, not in the status of the call. For a deployment \
              use NANGO_GET_FUNCTION_DEPLOYMENT.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:functions:dryrun"],
        method: Method::Get,
        path: "/functions/dryruns/{id}",
        params: &[JOB_ID.path("id")],
        rules: &[],
        returns: ResponseType::Object(&[
            OUTCOME[0],
            OUTCOME[1],
            OUTCOME[2],
            OUTCOME[3],
            OUTCOME[4],
            OUTCOME[5],
            OUTCOME[6],
            OUTCOME[7],
            OUTCOME[8],
            OUTCOME[9],
            Field::new("result", ResponseType::Any).optional(),
            ERROR,
        ]),
        aliases: &[],
        examples: &[Example {
            title: "How did the trial go?",
            args: r#"{"id":"3f9d2c54-7a1b-4c8e-9f60-1d2e3f405162"}"#,
        }],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_CREATE_FUNCTION_DEPLOYMENT",
        title: "Create Function Deployment",
        doc: "Create a deployment: make source code, or a template of Nango's catalogue, a function of an integration, \
              for all its connections; a function that has the name already is replaced, and a sync that starts by \
              itself runs at once. Use it after NANGO_CREATE_FUNCTION_DRYRUN, and ask a person first. A template is \
              done when this returns; code is compiled and deployed in the background: NANGO_GET_FUNCTION_DEPLOYMENT \
              has the outcome. Templates are in NANGO_LIST_PROVIDER_TEMPLATES.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Destructive,
        idempotent: false,
        open_world: true,
        reach: Reach::Integration,
        scopes: &["environment:deploy"],
        method: Method::Post,
        path: "/functions/deployments",
        params: &[
            Property::new(
                "type",
                ParamType::Choice(&["function", "template"]),
                "Whether code or a template is deployed.",
            )
            .required()
            .body(),
            INTEGRATION
                .named("integration_id")
                .doc("ID of the integration that gets the function (unique_key).")
                .body(),
            Property::new("function_name", NAME, "Name of the function.").body(),
            Property::new(
                "function_type",
                RUNNABLE,
                "What it is; for a template only where an action and a sync share its name.",
            )
            .body(),
            Property { required: false, ..CODE }.body(),
            Property::new("version", TEXT, "Version to record.").body(),
            Property::new(
                "allow_destructive",
                ParamType::Boolean,
                "Whether models that records have may be removed or changed.",
            )
            .default("false")
            .body(),
            Property::new(
                "template",
                NAME,
                "Name of the template, as NANGO_LIST_PROVIDER_TEMPLATES returns it.",
            )
            .body(),
        ],
        rules: &[
            ParamRule::Case {
                name: "type",
                value: "function",
                needs: &["function_name", "function_type", "code"],
                excludes: &["template"],
            },
            ParamRule::Case {
                name: "type",
                value: "template",
                needs: &["template"],
                excludes: &["function_name", "code", "version", "allow_destructive"],
            },
        ],
        returns: STARTED_DEPLOYMENT,
        aliases: &[],
        examples: &[Example {
            title: "Deploy an action for GitHub",
            args: r#"{"type":"function","integration_id":"github","function_name":"count-issues","function_type":"action","code":"import { createAction } from \"nango\"; export default createAction({ exec: () => 1 });"}"#,
        }],
        timeout_s: 120,
    },
    Tool {
        slug: "NANGO_GET_FUNCTION_DEPLOYMENT",
        title: "Get Function Deployment",
        doc: "Get the status of a deployment of a function and, once it is done, what was deployed or why it failed. \
              Use it after NANGO_CREATE_FUNCTION_DEPLOYMENT returned the id; while status is waiting or running look \
              again after a few seconds. A failure is in error, not in the status of the call. What is deployed now is \
              in NANGO_LIST_FUNCTIONS.",
        toolset: Toolset::Functions,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Environment,
        scopes: &["environment:deploy"],
        method: Method::Get,
        path: "/functions/deployments/{id}",
        params: &[JOB_ID.path("id")],
        rules: &[],
        returns: ResponseType::Object(&[
            OUTCOME[0],
            OUTCOME[1],
            OUTCOME[2],
            Field::new("function_name", ResponseType::Text),
            OUTCOME[3],
            OUTCOME[4],
            OUTCOME[5],
            OUTCOME[6],
            OUTCOME[7],
            OUTCOME[8],
            OUTCOME[9],
            Field::new("deployed", ResponseType::Boolean).optional(),
            Field::new(
                "deployed_functions",
                ResponseType::List(&ResponseType::Object(&[
                    Field::new("name", ResponseType::Text),
                    Field::new("version", ResponseType::Text),
                ])),
            )
            .optional(),
            ERROR,
        ]),
        aliases: &[],
        examples: &[Example {
            title: "Is the function deployed?",
            args: r#"{"id":"3f9d2c54-7a1b-4c8e-9f60-1d2e3f405162"}"#,
        }],
        timeout_s: 60,
    },
]);
