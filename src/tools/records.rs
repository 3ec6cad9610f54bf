//! Tools for the records that syncs have cached. Running syncs is in [`super::syncs`].

use super::common::{CONNECTION, INTEGRATION, MAYBE_TEXT, MAYBE_TIME, NAME, text};
use crate::tool::{
    Effect, Example, Field, Method, ParamLocation, ParamType, Property, Reach, ResponseType, Role,
    StringFormat, StringSpec, Tool, Toolset, checked,
};

const MODEL: Property = Property::new(
    "model",
    ParamType::Text(StringSpec { min: 2, max: 255, form: StringFormat::Model }),
    "Name of the model, as returns of the sync in NANGO_SCRIPTS_CONFIG_GET has it, for example Contact.",
)
.required();
const VARIANT: Property =
    Property::new("variant", NAME, "Variant of the sync that cached them; the base variant when absent.");
const CURSOR: ParamType = text(1, 1000);
const METADATA: ResponseType = ResponseType::Object(&[
    Field::new("first_seen_at", ResponseType::Time),
    Field::new("last_modified_at", ResponseType::Time).doc("When its data last changed in the cache."),
    Field::new("last_action", ResponseType::Choice(&["ADDED", "UPDATED", "DELETED"])),
    Field::new("deleted_at", MAYBE_TIME).doc("When it vanished at the provider; null while it is there."),
    Field::new("pruned_at", MAYBE_TIME).doc("When its payload was emptied."),
    Field::new("cursor", ResponseType::Text).doc("Its place; as cursor it continues after this record."),
]);

pub(crate) const TOOLS: &[Tool] = checked(&[
    Tool {
        slug: "NANGO_LIST_RECORDS",
        title: "List Records",
        doc: "List the records of one model that a sync has cached for a connection, such as contacts, tickets or \
              invoices, the least recently changed first. Use it to read synced data without calling the provider, or \
              only what changed since a cursor or time. Repeat with next_cursor until it is null; a page may be short \
              before that. An unknown model gives an empty list: model names are in NANGO_SCRIPTS_CONFIG_GET. For \
              fresh data run NANGO_SYNC_TRIGGER_POST first, for live data use NANGO_GET_PROXY.",
        toolset: Toolset::Records,
        listed: false,
        effect: Effect::Read,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:records:read"],
        method: Method::Get,
        path: "/records",
        params: &[
            CONNECTION.header("Connection-Id"),
            INTEGRATION.header("Provider-Config-Key"),
            MODEL.query("model"),
            VARIANT.query("variant"),
            Property::new("cursor", CURSOR, "Where to continue: next_cursor, or the cursor of a record.")
                .role(Role::PageCursor)
                .query("cursor"),
            Property::new("limit", ParamType::Integer { min: 1, max: 10_000 }, "Records a page.")
                .default("100")
                .role(Role::PageSize)
                .query("limit"),
            Property::new(
                "filter",
                ParamType::OneOrMany(&ParamType::Choice(&["added", "updated", "deleted"])),
                "Only records whose last change was this; deleted works alone only, not with others.",
            )
            .at(ParamLocation::QueryJoined("filter")),
            Property::new(
                "modified_after",
                ParamType::Text(StringSpec { min: 0, max: u32::MAX, form: StringFormat::UtcTime }),
                "Only records changed after this time, at most 365 days ago.",
            )
            .query("modified_after"),
            Property::new(
                "ids",
                ParamType::List { of: &text(1, 256), min: 1, max: 100, unique: false },
                "Only the records with these IDs.",
            )
            .at(ParamLocation::QueryRepeated("ids")),
        ],
        rules: &[],
        returns: ResponseType::Object(&[
            Field::new(
                "records",
                ResponseType::List(&ResponseType::Open(&[
                    Field::new("id", ResponseType::OneOf(&[ResponseType::Text, ResponseType::Integer])),
                    Field::new("_nango_metadata", METADATA),
                ])),
            )
            .doc("The data of each as the sync saved it, and what Nango knows of it."),
            Field::new("next_cursor", MAYBE_TEXT)
                .role(Role::PageCursor)
                .doc("The cursor of the next page; null on the last."),
        ]),
        aliases: &[],
        examples: &[
            Example {
                title: "Which contacts of Ada's HubSpot are cached?",
                args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot","model":"Contact","limit":20}"#,
            },
            Example {
                title: "Contacts that vanished from Ada's HubSpot",
                args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot","model":"Contact","filter":["deleted"]}"#,
            },
        ],
        timeout_s: 60,
    },
    Tool {
        slug: "NANGO_PRUNE_RECORDS",
        title: "Prune Records",
        doc: "Prune cached records of one model: empty the payload of all up to and including a cursor, so that Nango \
              keeps only their IDs and metadata. Use it once you have copied the records elsewhere. The data stays at \
              the provider, but cannot be read here until a sync saves it again. Take the cursor from \
              NANGO_LIST_RECORDS, and repeat while has_more is true and count is above 0. To delete everything and \
              start over use NANGO_SYNC_TRIGGER_POST with opts.reset and opts.emptyCache.",
        toolset: Toolset::Records,
        listed: false,
        effect: Effect::Destructive,
        idempotent: true,
        open_world: false,
        reach: Reach::Connection,
        scopes: &["environment:records:write"],
        method: Method::Patch,
        path: "/records/prune",
        params: &[
            CONNECTION.header("Connection-Id"),
            INTEGRATION.header("Provider-Config-Key"),
            MODEL.body(),
            Property::new(
                "until_cursor",
                CURSOR,
                "Cursor of the last record to empty, as NANGO_LIST_RECORDS returns it.",
            )
            .required()
            .body(),
            VARIANT.body(),
            Property::new(
                "limit",
                ParamType::Integer { min: 1, max: 10_000 },
                "Records to empty in one call.",
            )
            .default("1000")
            .body(),
        ],
        rules: &[],
        returns: ResponseType::Object(&[
            Field::new("count", ResponseType::Integer).doc("Records that were emptied."),
            Field::new("has_more", ResponseType::Boolean).doc("Whether there may be more before the cursor."),
        ]),
        aliases: &[],
        examples: &[Example {
            title: "Empty the contacts up to a cursor",
            args: r#"{"connection_id":"hubspot-ada","provider_config_key":"hubspot","model":"Contact","until_cursor":"MjAyNi0xMS0wMVQwMDowMDowMC4wMDAwMDArMDA6MDB8fDAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMA=="}"#,
        }],
        timeout_s: 60,
    },
]);
