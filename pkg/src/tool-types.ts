// Generated from the tool table by `NANGO_TOOLKIT_WRITE=1 cargo test --test generated`. Do not edit.

/** The arguments of every tool, by slug. */
export interface ToolArguments {
  /**
   * List the providers that Nango supports: apps and APIs such as HubSpot, QuickBooks or Slack,
   * each with its auth mode and categories. Use it to learn whether an app is supported and the
   * exact provider name that NANGO_CREATE_INTEGRATION takes. Pass search: the whole catalogue has
   * over 800 entries. Each is cut to a summary; NANGO_PROVIDERS_GET_GET has OAuth URLs, the API
   * base URL and required fields. No match is an empty list. What is set up here is in
   * NANGO_LIST_INTEGRATIONS.
   */
  NANGO_PROVIDERS_LIST_GET: {
    /**
     * Part of a provider's name, in any case; it matches the name (google-calendar), not the title.
     * At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    search?: string | undefined;
    /** Language of titles and descriptions. One of `en`, `es`, `fr`, `de`. Default: en. */
    language?: "en" | "es" | "fr" | "de" | undefined;
  };
  /**
   * Get the details of one provider, such as QuickBooks or GitHub: auth mode, OAuth URLs, default
   * scopes, API base URL, documentation, and the credential and connection_config fields that
   * connecting needs. Use it before NANGO_CREATE_INTEGRATION or NANGO_ADD_CONNECTION. It shows the
   * catalogue entry only: how an integration is set up here is in NANGO_GET_INTEGRATION. Find names
   * with NANGO_PROVIDERS_LIST_GET.
   */
  NANGO_PROVIDERS_GET_GET: {
    /**
     * Name of the provider as NANGO_PROVIDERS_LIST_GET returns it, for example quickbooks. At most
     * 255 characters of letters, digits, _ and -.
     */
    provider: string;
    /** Language of titles and descriptions. One of `en`, `es`, `fr`, `de`. Default: en. */
    language?: "en" | "es" | "fr" | "de" | undefined;
  };
  /**
   * List all integrations set up in this environment: unique_key, provider, display name, webhook
   * forwarding and dates. Use it to learn which apps can be connected and the exact unique_key,
   * which other tools take as provider_config_key or integration_id. No filter, no pages, never
   * credentials. The accounts that end users connected are in NANGO_CONNECTION_LIST_GET; apps not
   * set up yet in NANGO_PROVIDERS_LIST_GET.
   */
  NANGO_LIST_INTEGRATIONS: Record<string, never>;
  /**
   * Get one integration by its unique_key: provider, display name, dates and, only where include
   * asks for it, the webhook URL to register with the provider or the credentials of the developer
   * app (client ID, secret, scopes). Use it to inspect how one app is set up. It does not show end
   * users' accounts (NANGO_CONNECTION_LIST_GET) or the provider in general
   * (NANGO_PROVIDERS_GET_GET).
   */
  NANGO_GET_INTEGRATION: {
    /**
     * ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /**
     * What to return in addition to the basics; credentials need a key with the read_credentials
     * scope. At most 2 entries. Each entry: one of `webhook`, `credentials`.
     */
    include?: ReadonlyArray<"webhook" | "credentials"> | undefined;
  };
  /**
   * Create an integration: set up a provider such as Slack or Salesforce in this environment under
   * a unique_key of your choice, so that accounts can be connected. Look at the auth_mode first
   * (NANGO_PROVIDERS_GET_GET): OAUTH1, OAUTH2, APP and CUSTOM need credentials of that type from
   * your developer app, TBA may have them, every other mode must have none. A unique_key in use is
   * refused: change that one with NANGO_UPDATE_INTEGRATION. Returns the integration without
   * credentials.
   */
  NANGO_CREATE_INTEGRATION: {
    /**
     * Name of the provider as NANGO_PROVIDERS_LIST_GET returns it, for example quickbooks. At most
     * 255 characters of letters, digits, _ and -.
     */
    provider: string;
    /**
     * New ID for the integration, not yet in use here; often the provider's name. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /** Name that people see. At most 255 characters. */
    display_name?: string | undefined;
    /** Whether the provider's webhooks are passed on to your application. */
    forward_webhooks?: boolean | undefined;
    /**
     * Credentials of your developer app with the provider; type must equal the provider's
     * auth_mode.
     */
    credentials?: {
      /** Must equal the auth_mode of the provider. */
      type: "OAUTH1" | "OAUTH2" | "TBA";
      /** Client ID of the developer app. At most 255 characters. */
      client_id: string;
      /** Client secret of the developer app. */
      client_secret: string;
      /**
       * OAuth scopes to ask end users for, separated by commas without spaces. Must be
       * comma-separated scopes without spaces.
       */
      scopes?: string | undefined;
      /** Secret that proves the provider's webhooks. At most 255 characters. */
      webhook_secret?: string | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "APP";
      /** ID of the app. At most 255 characters. */
      app_id: string;
      /** Public page where the app is installed. */
      app_link: string;
      /**
       * Private key of the app: an RSA key in PEM text (PKCS#1) without a newline at the end. Must
       * be PEM text from -----BEGIN RSA PRIVATE KEY----- to -----END RSA PRIVATE KEY-----.
       */
      private_key: string;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "CUSTOM";
      /** Client ID of the developer app. At most 255 characters. */
      client_id: string;
      /** Client secret of the developer app. */
      client_secret: string;
      /** ID of the app. At most 255 characters. */
      app_id: string;
      /** Public page where the app is installed. */
      app_link: string;
      /**
       * Private key of the app: an RSA key in PEM text (PKCS#1) without a newline at the end. Must
       * be PEM text from -----BEGIN RSA PRIVATE KEY----- to -----END RSA PRIVATE KEY-----.
       */
      private_key: string;
    } | undefined;
    /**
     * Settings by name, for providers whose details (NANGO_PROVIDERS_GET_GET) list
     * integration_config. Each value: a string of at most 8192 characters.
     */
    integration_config?: { [name: string]: string } | undefined;
    /** Free settings by name, for providers without integration_config. Each value: a string. */
    custom?: { [name: string]: string } | undefined;
  };
  /**
   * Update an integration: change its display name, rotate or replace the developer app's
   * credentials, switch webhook forwarding, edit settings, or re-key it with new_unique_key. Only
   * what is sent changes, but credentials have to be complete: client_id and client_secret again,
   * even for new scopes. A new key is refused while connections exist. The provider stays: for
   * another one use NANGO_CREATE_INTEGRATION. Returns the integration without credentials.
   */
  NANGO_UPDATE_INTEGRATION: {
    /**
     * ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /**
     * New ID for the integration, not yet in use here. At most 255 characters of letters, digits,
     * spaces and ~ : . @ _ -.
     */
    new_unique_key?: string | undefined;
    /** Name that people see. At most 255 characters. */
    display_name?: string | undefined;
    /**
     * Credentials of your developer app with the provider; type must equal the provider's
     * auth_mode.
     */
    credentials?: {
      /** Must equal the auth_mode of the provider. */
      type: "OAUTH1" | "OAUTH2" | "TBA";
      /** Client ID of the developer app. At most 255 characters. */
      client_id: string;
      /** Client secret of the developer app. */
      client_secret: string;
      /**
       * OAuth scopes to ask end users for, separated by commas without spaces. Must be
       * comma-separated scopes without spaces.
       */
      scopes?: string | undefined;
      /** Secret that proves the provider's webhooks. At most 255 characters. */
      webhook_secret?: string | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "APP";
      /** ID of the app. At most 255 characters. */
      app_id: string;
      /** Public page where the app is installed. */
      app_link: string;
      /**
       * Private key of the app: an RSA key in PEM text (PKCS#1) without a newline at the end. Must
       * be PEM text from -----BEGIN RSA PRIVATE KEY----- to -----END RSA PRIVATE KEY-----.
       */
      private_key: string;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "CUSTOM";
      /** Client ID of the developer app. At most 255 characters. */
      client_id: string;
      /** Client secret of the developer app. */
      client_secret: string;
      /** ID of the app. At most 255 characters. */
      app_id: string;
      /** Public page where the app is installed. */
      app_link: string;
      /**
       * Private key of the app: an RSA key in PEM text (PKCS#1) without a newline at the end. Must
       * be PEM text from -----BEGIN RSA PRIVATE KEY----- to -----END RSA PRIVATE KEY-----.
       */
      private_key: string;
    } | undefined;
    /** Whether the provider's webhooks are passed on to your application. */
    forward_webhooks?: boolean | undefined;
    /**
     * Settings by name, for providers whose details (NANGO_PROVIDERS_GET_GET) list
     * integration_config. Each value: a string of at most 8192 characters.
     */
    integration_config?: { [name: string]: string } | undefined;
    /** Free settings by name, for providers without integration_config. Each value: a string. */
    custom?: { [name: string]: string } | undefined;
  };
  /**
   * Delete an integration for good, together with everything under it: every end user's connections
   * and credentials, syncs, cached records and functions. It cannot be undone: ask for
   * confirmation, and look with NANGO_CONNECTION_LIST_GET (integration_id) who would be cut off. To
   * disconnect a single account use NANGO_DELETE_CONNECTION; to change a setting use
   * NANGO_UPDATE_INTEGRATION.
   */
  NANGO_DELETE_INTEGRATION: {
    /**
     * ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
  };
  /**
   * List connections, the accounts that end users have connected (CRM, accounting, HR, chat and so
   * on), newest first, without credentials. Use it to find the connection_id and
   * provider_config_key that other tools need, who connected what, and which accounts have auth or
   * sync errors. Filters combine with AND; without any it lists all. Narrow by app with
   * integration_id, by customer with tags or end_user_id. No match is an empty list. One connection
   * in full: NANGO_GET_CONNECTION. Give `page` only together with `limit`.
   */
  NANGO_CONNECTION_LIST_GET: {
    /**
     * Exact connection ID; several integrations may have a connection with the same ID. At most 255
     * characters.
     */
    connection_id?: string | undefined;
    /**
     * Part of the connection ID or of the end user's name or email, in any case; % and _ are
     * wildcards. At most 255 characters.
     */
    search?: string | undefined;
    /** Exact ID of the end user in your application. At most 255 characters. */
    end_user_id?: string | undefined;
    /** Exact ID of the end user's organization. At most 255 characters. */
    end_user_organization_id?: string | undefined;
    /**
     * One integration ID or several (unique_key), as NANGO_LIST_INTEGRATIONS returns them. At least
     * one entry; a single one may be given without a list. Each entry: a string of 1 to 255
     * characters made of letters, digits, spaces and ~ : . @ _ -.
     */
    integration_id?: string | ReadonlyArray<string> | undefined;
    /**
     * Labels that a connection must all have; values match exactly. At most 10 tags. Names: a
     * letter, then letters, digits and _ . / -, at most 64 characters. Values: strings of 1 to 255
     * characters.
     */
    tags?: { [name: string]: string } | undefined;
    /** Connections a page. From 1 to 2000. */
    limit?: number | undefined;
    /**
     * Page, from 0; needs limit. A page with fewer than limit connections is the last. At least 0.
     */
    page?: number | undefined;
  };
  /** Another name of NANGO_CONNECTION_LIST_GET. */
  NANGO_CONNECTION_GET: ToolArguments["NANGO_CONNECTION_LIST_GET"];
  /** Another name of NANGO_CONNECTION_LIST_GET. */
  NANGO_LIST_CONNECTIONS: ToolArguments["NANGO_CONNECTION_LIST_GET"];
  /**
   * Get one connection in full: settings, metadata, tags, end user, errors and its credentials
   * (OAuth access token, API key), which Nango refreshes when they are about to expire.
   * connection_id and provider_config_key must belong together. Use it to check that an account
   * still works or to force a refresh. To call the app's API use NANGO_GET_PROXY, which needs no
   * token. 404: no such connection; 424: refreshing failed, the end user has to authorise again
   * (NANGO_RECONNECT_SESSION_POST).
   */
  NANGO_GET_CONNECTION: {
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /** Refresh the credentials now, even while they are valid. Default: false. */
    force_refresh?: boolean | undefined;
    /** Return refresh tokens too. Default: false. */
    refresh_token?: boolean | undefined;
    /** Also renew the JWT of a GitHub App. Default: false. */
    refresh_github_app_jwt_token?: boolean | undefined;
  };
  /**
   * Add a connection from credentials you already hold, such as an API key or OAuth tokens imported
   * from another system, without the end user signing in again. credentials.type must equal the
   * provider's auth_mode (NANGO_PROVIDERS_GET_GET). A connection with the same connection_id and
   * integration is overwritten, and its metadata, tags and connection_config become what is sent
   * here. To let a person sign in use NANGO_CREATE_CONNECT_SESSION. Returns the connection as
   * stored and starts its syncs. Credentials of type TBA need connection_config.accountId.
   */
  NANGO_ADD_CONNECTION: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /** The end user's credentials with the provider; type must equal the provider's auth_mode. */
    credentials: {
      /** Must equal the auth_mode of the provider. */
      type: "OAUTH2";
      /** Access token. At most 16384 characters. */
      access_token: string;
      /** Refresh token; without it the token cannot be renewed. At most 16384 characters. */
      refresh_token?: string | undefined;
      /**
       * When the access token expires. Must be an ISO 8601 date and time such as
       * 2030-01-31T12:00:00Z.
       */
      expires_at?: string | undefined;
      /** The developer app that issued the tokens, where it is not the integration's own. */
      config_override?: {
        /** Client ID of that app. At most 255 characters. */
        client_id?: string | undefined;
        /** Client secret of that app. At most 2048 characters. */
        client_secret?: string | undefined;
      } | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "OAUTH2_CC";
      /** Access token. At most 4096 characters. */
      token: string;
      /** Client ID. At most 255 characters. */
      client_id: string;
      /** Client secret. At most 2048 characters. */
      client_secret: string;
      /** Client certificate in PEM text. At most 10000 characters. */
      client_certificate?: string | undefined;
      /** Private key of the certificate. At most 10000 characters. */
      client_private_key?: string | undefined;
      /**
       * When the access token expires. Must be an ISO 8601 date and time such as
       * 2030-01-31T12:00:00Z.
       */
      expires_at?: string | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "OAUTH1";
      /** OAuth 1.0a token. At most 2048 characters. */
      oauth_token: string;
      /** Secret of the token. At most 2048 characters. */
      oauth_token_secret: string;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "API_KEY";
      /** API key; mind the capital K. At most 1024 characters. */
      apiKey: string;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "BASIC";
      /** User name; may be empty. At most 1024 characters. */
      username: string;
      /** Password; may be empty. At most 1024 characters. */
      password: string;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "NONE";
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "TBA";
      /** ID of the token. */
      token_id: string;
      /** Secret of the token. */
      token_secret: string;
      /** The developer app that issued the tokens, where it is not the integration's own. */
      config_override?: {
        /** Client ID of that app. At most 255 characters. */
        client_id?: string | undefined;
        /** Client secret of that app. At most 2048 characters. */
        client_secret?: string | undefined;
      } | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "APP" | "CUSTOM";
      /** ID of the app. At most 255 characters. */
      app_id: string;
      /** ID of the app's installation at the customer. At most 255 characters. */
      installation_id: string;
    };
    /**
     * ID for the connection; generated when absent. An ID in use overwrites that connection. At
     * most 255 characters of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id?: string | undefined;
    /**
     * Data of your own that syncs and actions read, for example a field mapping; sent as given.
     */
    metadata?: { [name: string]: unknown } | undefined;
    /**
     * Settings by name that the provider's details ask for, for example subdomain; accountId for
     * TBA.
     */
    connection_config?: {
      /** OAuth scopes of this connection. Each entry: a string. */
      oauth_scopes_override?: ReadonlyArray<string> | undefined;
      [name: string]: unknown;
    } | undefined;
    /**
     * Labels that say who owns the connection, for example {"end_user_id": "ada"}. Keys are stored
     * in lower case. At most 10 tags. Names: a letter, then letters, digits and _ . / -, at most 64
     * characters. Values: strings of 1 to 255 characters.
     */
    tags?: { [name: string]: string } | undefined;
    /** The person who owns the connection. Nango prefers tags to this; both work. */
    end_user?: {
      /** The person's ID in your own application. At most 255 characters. */
      id: string;
      /** The person's mail address. Must be an email address. */
      email?: string | undefined;
      /** The person's name. At most 255 characters. */
      display_name?: string | undefined;
      /**
       * Labels of the person. At most 10 tags. Names: a letter, then letters, digits and _ . / -,
       * at most 64 characters. Values: strings of at most 255 characters.
       */
      tags?: { [name: string]: string } | undefined;
    } | undefined;
    /**
     * Public http(s) URL that gets this connection's webhooks instead of the usual one; empty for
     * no override. Must be an https:// or http:// URL of a public host, or empty.
     */
    webhook_url_override?: string | undefined;
  };
  /**
   * Edit the tags, end user or webhook address of a connection, for example to assign an account to
   * another customer. Tags are replaced as a whole: read them with NANGO_GET_CONNECTION and send
   * all that should stay; end_user alone replaces them too. It cannot change credentials
   * (NANGO_RECONNECT_SESSION_POST), metadata (NANGO_UPDATE_CONNECTION_METADATA) or
   * connection_config. Give at least one of `tags`, `end_user`, `webhook_url_override`.
   */
  NANGO_EDIT_CONNECTION: {
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * All labels of the connection from now on; {} removes them. At most 10 tags. Names: a letter,
     * then letters, digits and _ . / -, at most 64 characters. Values: strings of 1 to 255
     * characters.
     */
    tags?: { [name: string]: string } | undefined;
    /** The person who owns the connection. Nango prefers tags to this; both work. */
    end_user?: {
      /** The person's ID in your own application. At most 255 characters. */
      id: string;
      /** The person's mail address. Must be an email address. */
      email?: string | undefined;
      /** The person's name. At most 255 characters. */
      display_name?: string | undefined;
      /**
       * Labels of the person. At most 10 tags. Names: a letter, then letters, digits and _ . / -,
       * at most 64 characters. Values: strings of at most 255 characters.
       */
      tags?: { [name: string]: string } | undefined;
    } | undefined;
    /**
     * Public http(s) URL that gets this connection's webhooks instead of the usual one; empty for
     * no override. Must be an https:// or http:// URL of a public host, or empty.
     */
    webhook_url_override?: string | undefined;
  };
  /**
   * Delete one connection for good, with its credentials, syncs and cached records. Use it when an
   * end user disconnects an account; it may also revoke access at the provider. It cannot be
   * undone: the end user would have to authorise again. To repair a broken account use
   * NANGO_RECONNECT_SESSION_POST; to remove an app for everyone NANGO_DELETE_INTEGRATION.
   */
  NANGO_DELETE_CONNECTION: {
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
  };
  /**
   * Set the custom metadata of one or several connections: the whole object is replaced, and {}
   * clears it. Metadata is your own data that syncs and actions read, such as field mappings or a
   * customer's settings. To change single keys and keep the others use
   * NANGO_UPDATE_CONNECTION_METADATA; for tags NANGO_EDIT_CONNECTION. If one of the connections is
   * unknown, none is changed.
   */
  NANGO_SET_CONNECTION_METADATA: {
    /**
     * ID of the connection, or a list of IDs of one integration, as NANGO_CONNECTION_LIST_GET
     * returns them. At least one entry; a single one may be given without a list. Each entry: a
     * string of 1 to 255 characters made of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { }
     * " ' \ / _ -.
     */
    connection_id: string | ReadonlyArray<string>;
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * Data of your own that syncs and actions read, for example a field mapping; sent as given.
     */
    metadata: { [name: string]: unknown };
  };
  /**
   * Update the custom metadata of one or several connections: the top-level keys sent are added or
   * overwritten, all others stay. Nested objects are replaced as a whole, and null is stored as
   * null: to remove a key send the whole object with NANGO_SET_CONNECTION_METADATA. Metadata is
   * your own data that syncs and actions read. If one of the connections is unknown, none is
   * changed.
   */
  NANGO_UPDATE_CONNECTION_METADATA: {
    /**
     * ID of the connection, or a list of IDs of one integration, as NANGO_CONNECTION_LIST_GET
     * returns them. At least one entry; a single one may be given without a list. Each entry: a
     * string of 1 to 255 characters made of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { }
     * " ' \ / _ -.
     */
    connection_id: string | ReadonlyArray<string>;
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * Data of your own that syncs and actions read, for example a field mapping; sent as given.
     */
    metadata: { [name: string]: unknown };
  };
  /**
   * Create a Connect session so that an end user can connect an account: returns connect_link,
   * which that person opens within 30 minutes to sign in, grant OAuth access or enter an API key.
   * tags or end_user say whose connection it becomes; allowed_integrations names the apps on offer.
   * Nothing is connected until the link has been used: look with NANGO_CONNECTION_LIST_GET. For an
   * account that is already connected use NANGO_RECONNECT_SESSION_POST; for credentials you hold
   * NANGO_ADD_CONNECTION. Give at least one of `end_user`, `tags`.
   */
  NANGO_CREATE_CONNECT_SESSION: {
    /**
     * Labels that say who owns the connection, for example {"end_user_id": "ada"}. Keys are stored
     * in lower case. At most 10 tags. Names: a letter, then letters, digits and _ . / -, at most 64
     * characters. Values: strings of 1 to 255 characters.
     */
    tags?: { [name: string]: string } | undefined;
    /** The person who owns the connection. Nango prefers tags to this; both work. */
    end_user?: {
      /** The person's ID in your own application. At most 255 characters. */
      id: string;
      /** The person's mail address. Must be an email address. */
      email?: string | undefined;
      /** The person's name. At most 255 characters. */
      display_name?: string | undefined;
      /**
       * Labels of the person. At most 10 tags. Names: a letter, then letters, digits and _ . / -,
       * at most 64 characters. Values: strings of at most 255 characters.
       */
      tags?: { [name: string]: string } | undefined;
    } | undefined;
    /** The organization of end_user; ignored without end_user. Nango prefers tags to this. */
    organization?: {
      /** The organization's ID in your own application. At most 255 characters. */
      id: string;
      /** The organization's name. At most 255 characters. */
      display_name?: string | undefined;
    } | undefined;
    /**
     * IDs of the integrations on offer (unique_key, NANGO_LIST_INTEGRATIONS); all when empty or
     * absent. Each entry: a string of 1 to 255 characters made of letters, digits, spaces and ~ : .
     * @ _ -.
     */
    allowed_integrations?: ReadonlyArray<string> | undefined;
    /** Defaults by integration ID (unique_key); every integration must exist. */
    integrations_config_defaults?: { [name: string]: {
      /** Slack user scopes, separated by commas. */
      user_scopes?: string | undefined;
      /** Parameters to add to the OAuth authorisation URL. Each value: a string. */
      authorization_params?: { [name: string]: string } | undefined;
      /** Connection settings filled in beforehand, for example subdomain. */
      connection_config?: {
        /** OAuth scopes, separated by commas. */
        oauth_scopes_override?: string | undefined;
        [name: string]: unknown;
      } | undefined;
    } } | undefined;
    /** Changes to the Connect UI by integration ID (unique_key). */
    overrides?: { [name: string]: {
      /** URL of the help page that the Connect UI links to; needs a plan that allows it. */
      docs_connect?: string | undefined;
    } } | undefined;
    /**
     * Public http(s) URL that gets this connection's webhooks instead of the usual one; empty for
     * no override. Must be an https:// or http:// URL of a public host, or empty.
     */
    webhook_url_override?: string | undefined;
  };
  /**
   * Create a reconnect session, in which an end user authorises an existing connection again:
   * returns connect_link, which that person opens within 30 minutes. Use it when credentials
   * expired, were revoked or fail to refresh (errors of type auth, status 424), or when more OAuth
   * scopes are needed. connection_id and integration_id must belong together; the ID, metadata and
   * syncs of the connection stay. To connect a new account use NANGO_CREATE_CONNECT_SESSION.
   */
  NANGO_RECONNECT_SESSION_POST: {
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    integration_id: string;
    /**
     * Labels that say who owns the connection, for example {"end_user_id": "ada"}. Keys are stored
     * in lower case. At most 10 tags. Names: a letter, then letters, digits and _ . / -, at most 64
     * characters. Values: strings of 1 to 255 characters.
     */
    tags?: { [name: string]: string } | undefined;
    /** The person who owns the connection. Nango prefers tags to this; both work. */
    end_user?: {
      /** The person's ID in your own application. At most 255 characters. */
      id: string;
      /** The person's mail address. Must be an email address. */
      email?: string | undefined;
      /** The person's name. At most 255 characters. */
      display_name?: string | undefined;
      /**
       * Labels of the person. At most 10 tags. Names: a letter, then letters, digits and _ . / -,
       * at most 64 characters. Values: strings of at most 255 characters.
       */
      tags?: { [name: string]: string } | undefined;
    } | undefined;
    /** The organization of end_user; ignored without end_user. Nango prefers tags to this. */
    organization?: {
      /** The organization's ID in your own application. At most 255 characters. */
      id: string;
      /** The organization's name. At most 255 characters. */
      display_name?: string | undefined;
    } | undefined;
    /** Defaults by integration ID (unique_key); every integration must exist. */
    integrations_config_defaults?: { [name: string]: {
      /** Slack user scopes, separated by commas. */
      user_scopes?: string | undefined;
      /** Parameters to add to the OAuth authorisation URL. Each value: a string. */
      authorization_params?: { [name: string]: string } | undefined;
      /** Connection settings filled in beforehand, for example subdomain. */
      connection_config?: {
        /** OAuth scopes, separated by commas. */
        oauth_scopes_override?: string | undefined;
        [name: string]: unknown;
      } | undefined;
    } } | undefined;
    /** Changes to the Connect UI by integration ID (unique_key). */
    overrides?: { [name: string]: {
      /** URL of the help page that the Connect UI links to; needs a plan that allows it. */
      docs_connect?: string | undefined;
    } } | undefined;
    /**
     * Public http(s) URL that gets this connection's webhooks instead of the usual one; empty for
     * no override. Must be an https:// or http:// URL of a public host, or empty.
     */
    webhook_url_override?: string | undefined;
  };
  /**
   * Get the status of syncs of one integration, for one connection or all: whether each is running,
   * paused, succeeded or failed, when it last finished and runs next, how often, and how many
   * records it added, updated and holds. Use it to see whether data is fresh or to follow
   * NANGO_SYNC_TRIGGER_POST. An unknown integration or sync name gives an empty list, not an error;
   * names are in NANGO_SCRIPTS_CONFIG_GET.
   */
  NANGO_GET_SYNC_STATUS: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * Names of syncs (NANGO_SCRIPTS_CONFIG_GET), or * for all; a variant is written name::variant.
     * At least one entry; a single one may be given without a list. Each entry: a string that is
     * not empty.
     */
    syncs: string | ReadonlyArray<string>;
    /**
     * ID of the connection, as NANGO_CONNECTION_LIST_GET returns it; all connections when absent.
     * At most 255 characters of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _
     * -.
     */
    connection_id?: string | undefined;
  };
  /**
   * Trigger a manual run of syncs now, outside their schedule, to pull fresh data from a provider
   * such as Salesforce. Without connection_id it runs for every connection of the integration, and
   * an empty syncs list means every sync: name both unless you want all. opts.reset starts over,
   * with opts.emptyCache also deleting cached records first. It returns at once: follow the run
   * with NANGO_GET_SYNC_STATUS. For a deployed action use NANGO_ACTION_TRIGGER_POST. Do not give
   * `opts` together with `sync_mode`, `full_resync`.
   */
  NANGO_SYNC_TRIGGER_POST: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * Names of syncs to run (NANGO_SCRIPTS_CONFIG_GET); empty for every sync. A variant is
     * name::variant. An entry may also be an object with `name`, `variant`.
     */
    syncs: ReadonlyArray<string | {
      /** Name of the sync. */
      name: string;
      /** Name of its variant. */
      variant: string;
    }>;
    /**
     * ID of the connection, as NANGO_CONNECTION_LIST_GET returns it; every connection when absent.
     * At most 255 characters of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _
     * -.
     */
    connection_id?: string | undefined;
    /** How to run; excludes sync_mode and full_resync. */
    opts?: {
      /** Forget the progress, stop a running job and start over. */
      reset?: boolean | undefined;
      /** Delete the cached records first; only with reset. */
      emptyCache?: boolean | undefined;
    } | undefined;
    /**
     * @deprecated Older form of opts; use opts. One of `incremental`, `full_refresh`,
     * `full_refresh_and_clear_cache`. Deprecated.
     */
    sync_mode?: "incremental" | "full_refresh" | "full_refresh_and_clear_cache" | undefined;
    /** @deprecated Older form of opts.reset; use opts. Deprecated. */
    full_resync?: boolean | undefined;
  };
  /**
   * Get the configuration of all functions (scripts) deployed in this environment: syncs and
   * actions, grouped by provider, each with description, input and result models, JSON Schemas,
   * OAuth scopes, schedule and whether it is enabled. Use it to find the action_name for
   * NANGO_ACTION_TRIGGER_POST and sync names for NANGO_SYNC_TRIGGER_POST. Two integrations of one
   * provider are merged under one key. It shows what is deployed, not how it runs: that is
   * NANGO_GET_SYNC_STATUS.
   */
  NANGO_SCRIPTS_CONFIG_GET: {
    /**
     * nango lists everything; openai lists function definitions for a model, without integration.
     * One of `nango`, `openai`. Default: nango.
     */
    format?: "nango" | "openai" | undefined;
  };
  /**
   * Trigger a deployed action, such as creating a contact or sending a message, for one connection,
   * and return its result. action_name, connection_id and provider_config_key must all belong to
   * the same integration (NANGO_SCRIPTS_CONFIG_GET lists actions and their input). It may change
   * data at the provider: confirm what the user wants first. A run can take minutes; with async it
   * returns id and statusUrl at once. For an API call that no action covers use NANGO_GET_PROXY or
   * NANGO_PUT_PROXY; for syncs NANGO_SYNC_TRIGGER_POST.
   */
  NANGO_ACTION_TRIGGER_POST: {
    /**
     * Name of the action, as NANGO_SCRIPTS_CONFIG_GET returns it. At most 255 characters of
     * letters, digits, _ and -.
     */
    action_name: string;
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * Input of the action, mostly an object; NANGO_SCRIPTS_CONFIG_GET has its JSON Schema. Any JSON
     * value is accepted.
     */
    input?: unknown | undefined;
    /** Queue the action and return its id at once, for long runs. Default: false. */
    async?: boolean | undefined;
    /** Retries of a queued run; only with async. From 0 to 5. Default: 0. */
    max_retries?: number | undefined;
  };
  /**
   * Send a GET request to a provider's own API, such as HubSpot's contacts or GitHub's
   * repositories, with the credentials of a connection filled in. Use it to read live data that no
   * deployed action or sync covers; you need to know the provider's API, whose base URL is in
   * NANGO_PROVIDERS_GET_GET. connection_id and provider_config_key must belong together
   * (NANGO_CONNECTION_LIST_GET). Returns the provider's body; its errors come back with its own
   * status. To change data use NANGO_PUT_PROXY or NANGO_ACTION_TRIGGER_POST.
   */
  NANGO_GET_PROXY: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /**
     * Path in the provider's API without host and query, for example crm/v3/objects/contacts. Must
     * be a path without scheme, query, fragment, backslashes, spaces, dot segments or ${.
     */
    any_path: string;
    /**
     * Query parameters for the provider; a list repeats the parameter. Values: strings, numbers,
     * booleans or lists of them.
     */
    query_params?: { [name: string]: string | number | boolean | ReadonlyArray<string | number | boolean> } | undefined;
    /**
     * Headers for the provider, for example Accept; its credentials are added by Nango. Each value:
     * an HTTP header value without control characters.
     */
    proxy_headers?: { [name: string]: string } | undefined;
    /**
     * How often Nango retries when the provider fails: after 3 seconds, then after twice as long
     * each time. From 0 to 5. Default: 0.
     */
    retries?: number | undefined;
    /**
     * Status codes to retry on in addition to 401, 429 and 5xx. At least 1 entry. Each entry: a
     * whole number from 100 to 599.
     */
    retry_on?: ReadonlyArray<number> | undefined;
    /**
     * Another base URL for the provider; the account's credentials go there, so it works for
     * allowed hosts only. Must be an https:// or http:// URL.
     */
    base_url_override?: string | undefined;
    /** Have Nango unpack a compressed answer. */
    decompress?: boolean | undefined;
    /** Send all headers, credentials included, again when the provider redirects. */
    forward_headers_on_redirect?: boolean | undefined;
  };
  /**
   * Send a PUT request to a provider's own API, such as Zendesk's or GitHub's, to replace or update
   * a resource, with the credentials of a connection filled in. It overwrites data in the end
   * user's account: read the resource with NANGO_GET_PROXY first and confirm the change. Prefer
   * NANGO_ACTION_TRIGGER_POST where a deployed action does the same. connection_id and
   * provider_config_key must belong together. Returns the provider's body; its errors come back
   * with its own status.
   */
  NANGO_PUT_PROXY: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /**
     * Path in the provider's API without host and query, for example crm/v3/objects/contacts. Must
     * be a path without scheme, query, fragment, backslashes, spaces, dot segments or ${.
     */
    any_path: string;
    /**
     * Query parameters for the provider; a list repeats the parameter. Values: strings, numbers,
     * booleans or lists of them.
     */
    query_params?: { [name: string]: string | number | boolean | ReadonlyArray<string | number | boolean> } | undefined;
    /**
     * Headers for the provider, for example Accept; its credentials are added by Nango. Each value:
     * an HTTP header value without control characters.
     */
    proxy_headers?: { [name: string]: string } | undefined;
    /**
     * How often Nango retries when the provider fails: after 3 seconds, then after twice as long
     * each time. From 0 to 5. Default: 0.
     */
    retries?: number | undefined;
    /**
     * Status codes to retry on in addition to 401, 429 and 5xx. At least 1 entry. Each entry: a
     * whole number from 100 to 599.
     */
    retry_on?: ReadonlyArray<number> | undefined;
    /**
     * Another base URL for the provider; the account's credentials go there, so it works for
     * allowed hosts only. Must be an https:// or http:// URL.
     */
    base_url_override?: string | undefined;
    /** Have Nango unpack a compressed answer. */
    decompress?: boolean | undefined;
    /** Send all headers, credentials included, again when the provider redirects. */
    forward_headers_on_redirect?: boolean | undefined;
    /**
     * What to send: an object or list as JSON; a string is sent unchanged, with a content-type in
     * proxy_headers. An object or list is sent as JSON, a string unchanged.
     */
    body?: object | string | undefined;
  };
  /**
   * Get the environment variables that deployed functions can read: a list of names and values,
   * empty where none are set. Use it to check that a variable a script needs is defined. Values are
   * secrets and come back masked unless the caller reveals them. It cannot set or change variables,
   * and holds no credentials of end users: those belong to connections (NANGO_GET_CONNECTION).
   */
  NANGO_GET_ENVIRONMENT_VARIABLES: Record<string, never>;
}

/** The `data` of every tool's result, by slug. Results may contain more than is declared. */
export interface ToolResults {
  /** List Providers */
  NANGO_PROVIDERS_LIST_GET: {
    data: Array<{
      /** The name other tools take as provider. */
      name: string;
      display_name: string;
      logo_url: string;
      /** URL of Nango's page on the provider. */
      docs: string;
      /** URL of the guide for end users. */
      docs_connect?: string;
      /** Which type of credentials it takes. */
      auth_mode?:
        | "OAUTH1"
        | "OAUTH2"
        | "OAUTH2_CC"
        | "BASIC"
        | "API_KEY"
        | "CUSTOM"
        | "APP"
        | "NONE"
        | "TBA"
        | "JWT"
        | "BILL"
        | "TWO_STEP"
        | "SIGNATURE"
        | "MCP_OAUTH2"
        | "MCP_OAUTH2_GENERIC"
        | "INSTALL_PLUGIN"
        | "AWS_SIGV4";
      categories?: Array<string>;
      /** base_url and headers of requests through the proxy. */
      proxy?: { [name: string]: unknown };
      /** Settings that a connection needs, by name. */
      connection_config?: { [name: string]: unknown };
      /** Credential fields to ask for, by name; no values. */
      credentials?: { [name: string]: unknown };
      /** Settings that an integration needs, by name. */
      integration_config?: { [name: string]: unknown };
      [name: string]: unknown;
    }>;
  };
  /** Get Provider Details */
  NANGO_PROVIDERS_GET_GET: {
    data: {
      /** The name other tools take as provider. */
      name: string;
      display_name: string;
      logo_url: string;
      /** URL of Nango's page on the provider. */
      docs: string;
      /** URL of the guide for end users. */
      docs_connect?: string;
      /** Which type of credentials it takes. */
      auth_mode?:
        | "OAUTH1"
        | "OAUTH2"
        | "OAUTH2_CC"
        | "BASIC"
        | "API_KEY"
        | "CUSTOM"
        | "APP"
        | "NONE"
        | "TBA"
        | "JWT"
        | "BILL"
        | "TWO_STEP"
        | "SIGNATURE"
        | "MCP_OAUTH2"
        | "MCP_OAUTH2_GENERIC"
        | "INSTALL_PLUGIN"
        | "AWS_SIGV4";
      categories?: Array<string>;
      /** base_url and headers of requests through the proxy. */
      proxy?: { [name: string]: unknown };
      /** Settings that a connection needs, by name. */
      connection_config?: { [name: string]: unknown };
      /** Credential fields to ask for, by name; no values. */
      credentials?: { [name: string]: unknown };
      /** Settings that an integration needs, by name. */
      integration_config?: { [name: string]: unknown };
      [name: string]: unknown;
    };
  };
  /** List Integrations */
  NANGO_LIST_INTEGRATIONS: {
    data: Array<{
      /** The ID; other tools call it provider_config_key or integration_id. */
      unique_key: string;
      provider: string;
      display_name: string;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
    }>;
  };
  /** Get Integration */
  NANGO_GET_INTEGRATION: {
    data: {
      /** The ID; other tools call it provider_config_key or integration_id. */
      unique_key: string;
      provider: string;
      display_name: string;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
      /** null where the provider sends no webhooks. */
      webhook_url?: string | null;
      /** Secrets in it are masked unless revealed. */
      credentials?: {
        type: "OAUTH1" | "OAUTH2" | "TBA";
        client_id: string | null;
        client_secret: string | null;
        scopes: string | null;
        webhook_secret: string | null;
        [name: string]: unknown;
      } | {
        type: "APP";
        app_id: string | null;
        app_link: string | null;
        private_key: string | null;
        [name: string]: unknown;
      } | {
        type: "CUSTOM";
        client_id: string | null;
        client_secret: string | null;
        app_id: string | null;
        app_link: string | null;
        private_key: string | null;
        [name: string]: unknown;
      } | null;
    };
  };
  /** Create Integration */
  NANGO_CREATE_INTEGRATION: {
    data: {
      /** The ID; other tools call it provider_config_key or integration_id. */
      unique_key: string;
      provider: string;
      display_name: string;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
    };
  };
  /** Update Integration */
  NANGO_UPDATE_INTEGRATION: {
    data: {
      /** The ID; other tools call it provider_config_key or integration_id. */
      unique_key: string;
      provider: string;
      display_name: string;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
    };
  };
  /** Delete Integration */
  NANGO_DELETE_INTEGRATION: {
    success: boolean;
  };
  /** List Connections */
  NANGO_CONNECTION_LIST_GET: {
    connections: Array<{
      /** Internal number; calls take connection_id. */
      id: number;
      connection_id: string;
      /** The integration's unique_key. */
      provider_config_key: string;
      provider: string;
      /** Current problems; empty where all is well. */
      errors: Array<{
        /** auth: the credentials stopped working; sync: a sync fails. */
        type: string;
        log_id: string;
      }>;
      end_user: {
        id: string;
        display_name: string | null;
        email: string | null;
        tags: { [name: string]: string } | null;
        organization: {
          id: string;
          display_name: string | null;
        } | null;
      } | null;
      tags: { [name: string]: string };
      metadata: { [name: string]: unknown } | null;
      /** ISO 8601. */
      created: string;
    }>;
  };
  /** Another name of NANGO_CONNECTION_LIST_GET. */
  NANGO_CONNECTION_GET: ToolResults["NANGO_CONNECTION_LIST_GET"];
  /** Another name of NANGO_CONNECTION_LIST_GET. */
  NANGO_LIST_CONNECTIONS: ToolResults["NANGO_CONNECTION_LIST_GET"];
  /** Get Connection with Credentials */
  NANGO_GET_CONNECTION: {
    /** Internal number; calls take connection_id. */
    id: number;
    connection_id: string;
    /** The integration's unique_key. */
    provider_config_key: string;
    provider: string;
    /** Current problems; empty where all is well. */
    errors: Array<{
      /** auth: the credentials stopped working; sync: a sync fails. */
      type: string;
      log_id: string;
    }>;
    end_user: {
      id: string;
      display_name: string | null;
      email: string | null;
      tags: { [name: string]: string } | null;
      organization: {
        id: string;
        display_name: string | null;
      } | null;
    } | null;
    tags: { [name: string]: string };
    metadata: { [name: string]: unknown } | null;
    /** Secrets in it are masked unless revealed. */
    connection_config: { [name: string]: unknown };
    webhook_url_override: string | null;
    /** ISO 8601. */
    created_at: string;
    /** ISO 8601. */
    updated_at: string;
    /** ISO 8601. */
    last_fetched_at: string | null;
    /**
     * Fields depend on type; empty for NONE, or where the key lacks the read_credentials scope.
     * Secrets in it are masked unless revealed.
     */
    credentials: {
      type?: string;
      [name: string]: unknown;
    };
  };
  /** Add Connection */
  NANGO_ADD_CONNECTION: {
    /** Internal number; calls take connection_id. */
    id: number;
    connection_id: string;
    /** The integration's unique_key. */
    provider_config_key: string;
    provider: string;
    /** Current problems; empty where all is well. */
    errors: Array<{
      /** auth: the credentials stopped working; sync: a sync fails. */
      type: string;
      log_id: string;
    }>;
    end_user: {
      id: string;
      display_name: string | null;
      email: string | null;
      tags: { [name: string]: string } | null;
      organization: {
        id: string;
        display_name: string | null;
      } | null;
    } | null;
    tags: { [name: string]: string };
    metadata: { [name: string]: unknown } | null;
    /** Secrets in it are masked unless revealed. */
    connection_config: { [name: string]: unknown };
    webhook_url_override: string | null;
    /** ISO 8601. */
    created_at: string;
    /** ISO 8601. */
    updated_at: string;
    /** ISO 8601. */
    last_fetched_at: string | null;
    /**
     * Fields depend on type; empty for NONE, or where the key lacks the read_credentials scope.
     * Secrets in it are masked unless revealed.
     */
    credentials: {
      type?: string;
      [name: string]: unknown;
    };
  };
  /** Edit Connection */
  NANGO_EDIT_CONNECTION: {
    success: boolean;
  };
  /** Delete Connection */
  NANGO_DELETE_CONNECTION: {
    success: boolean;
  };
  /** Set Connection Metadata */
  NANGO_SET_CONNECTION_METADATA: {
    connection_id: string | Array<string>;
    provider_config_key: string;
    /** What was sent, not what is stored. */
    metadata: { [name: string]: unknown };
  };
  /** Update Connection Metadata */
  NANGO_UPDATE_CONNECTION_METADATA: {
    connection_id: string | Array<string>;
    provider_config_key: string;
    /** What was sent, not what is stored. */
    metadata: { [name: string]: unknown };
  };
  /** Create Connect Session */
  NANGO_CREATE_CONNECT_SESSION: {
    data: {
      /**
       * Session token for a front end; a secret. Masked unless `connect_session_token` is revealed.
       */
      token: string;
      /** Link for the end user to open. */
      connect_link: string;
      /** ISO 8601. */
      expires_at: string;
    };
  };
  /** Reconnect Session */
  NANGO_RECONNECT_SESSION_POST: {
    data: {
      /**
       * Session token for a front end; a secret. Masked unless `connect_session_token` is revealed.
       */
      token: string;
      /** Link for the end user to open. */
      connect_link: string;
      /** ISO 8601. */
      expires_at: string;
    };
  };
  /** Get Sync Status */
  NANGO_GET_SYNC_STATUS: {
    syncs: Array<{
      id: string;
      connection_id: string;
      name: string;
      variant: string;
      /** INITIAL or INCREMENTAL; deprecated. */
      type: string;
      status: "RUNNING" | "PAUSED" | "STOPPED" | "SUCCESS" | "ERROR";
      frequency: string | null;
      /** End of the last run; absent before the first. ISO 8601. */
      finishedAt?: string | null;
      /** ISO 8601. */
      nextScheduledSyncAt: string | null;
      /** Records by model. */
      latestResult?: { [name: string]: {
        added?: number;
        updated?: number;
        deleted?: number;
      } } | null;
      latestExecutionStatus?: string | null;
      /** Cached records by model. */
      recordCount: { [name: string]: number };
      checkpoint: { [name: string]: unknown } | null;
    }>;
  };
  /** Trigger Sync */
  NANGO_SYNC_TRIGGER_POST: {
    success: boolean;
  };
  /** Get Integration Functions Configuration */
  NANGO_SCRIPTS_CONFIG_GET: Array<{
    /** The provider's first integration. */
    providerConfigKey: string;
    provider: string;
    syncs: Array<{
      /** The action_name, or the name of the sync. */
      name: string;
      type: "sync" | "action" | "on-event";
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
      id?: number;
      description?: string;
      /** Model of the input, defined in json_schema. */
      input?: string;
      enabled?: boolean;
      /** OAuth scopes the connection needs. */
      scopes?: Array<string>;
      attributes?: { [name: string]: unknown };
      version?: string | null;
      source?: "catalog" | "standalone" | "repo";
      endpoints?: Array<{
        method?: string;
        path?: string;
        group?: string | null;
      }>;
      /** ISO 8601. */
      last_deployed?: string | null;
      webhookSubscriptions?: Array<string>;
      sdk_version?: string | null;
      models?: Array<{ [name: string]: unknown }>;
      features?: Array<string>;
      /** Syncs only, like the three after it. */
      sync_type?: string;
      auto_start?: boolean;
      runs?: string | null;
      track_deletes?: boolean;
    }>;
    actions: Array<{
      /** The action_name, or the name of the sync. */
      name: string;
      type: "sync" | "action" | "on-event";
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
      id?: number;
      description?: string;
      /** Model of the input, defined in json_schema. */
      input?: string;
      enabled?: boolean;
      /** OAuth scopes the connection needs. */
      scopes?: Array<string>;
      attributes?: { [name: string]: unknown };
      version?: string | null;
      source?: "catalog" | "standalone" | "repo";
      endpoints?: Array<{
        method?: string;
        path?: string;
        group?: string | null;
      }>;
      /** ISO 8601. */
      last_deployed?: string | null;
      webhookSubscriptions?: Array<string>;
      sdk_version?: string | null;
      models?: Array<{ [name: string]: unknown }>;
      features?: Array<string>;
      /** Syncs only, like the three after it. */
      sync_type?: string;
      auto_start?: boolean;
      runs?: string | null;
      track_deletes?: boolean;
    }>;
    /** Always empty. */
    "on-events": Array<unknown>;
  }> | {
    data: Array<{
      name: string;
      description: string;
      parameters: {
        type: "object";
        properties: { [name: string]: unknown };
        required: Array<string>;
      };
    }>;
  };
  /** Trigger Nango Action */
  NANGO_ACTION_TRIGGER_POST: unknown;
  /** Proxy GET Request */
  NANGO_GET_PROXY: unknown;
  /** Proxy PUT Request */
  NANGO_PUT_PROXY: unknown;
  /** Get Environment Variables */
  NANGO_GET_ENVIRONMENT_VARIABLES: Array<{
    name: string;
    /** Masked unless `environment_variable` is revealed. */
    value: string;
  }>;
}

/** The name of a tool, older names included. */
export type ToolSlug = keyof ToolArguments;
