// Generated from the tool table by `NANGO_TOOLKIT_WRITE=1 cargo test --test generated`. Do not edit.

/** The arguments of every tool, by slug. */
export interface ToolArguments {
  /**
   * List the providers that Nango supports: apps and APIs such as HubSpot, QuickBooks or Slack,
   * each with its auth mode and categories. Use it to learn whether an app is supported and the
   * exact provider name that NANGO_CREATE_INTEGRATION takes. Pass search: the whole catalogue has
   * over 1,000 entries. Each is cut to a summary; NANGO_PROVIDERS_GET_GET has OAuth URLs, the API
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
   * Create an integration that uses Nango's own developer app with the provider, so that an account
   * can be connected before you have registered an app. Use it to try an app out; end users see
   * Nango's name when they sign in. Only some OAuth providers have one, otherwise the answer is 400
   * and you need NANGO_CREATE_INTEGRATION with credentials of your own. Provider names are in
   * NANGO_PROVIDERS_LIST_GET. Credentials can be set later with NANGO_UPDATE_INTEGRATION.
   */
  NANGO_CREATE_QUICKSTART_INTEGRATION: {
    /**
     * Name of the provider as NANGO_PROVIDERS_LIST_GET returns it, for example quickbooks. At most
     * 255 characters of letters, digits, _ and -.
     */
    provider: string;
    /**
     * ID for the new integration, often the provider's name. At most 255 characters of letters,
     * digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /** Name that people see. At most 255 characters. */
    display_name?: string | undefined;
    /** Whether the provider's webhooks are passed on to your application. */
    forward_webhooks?: boolean | undefined;
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
      /** Access token. */
      access_token: string;
      /** Refresh token; without it the token cannot be renewed. */
      refresh_token?: string | undefined;
      /**
       * When the token expires. Must be an ISO 8601 date and time such as 2030-01-31T12:00:00Z.
       */
      expires_at?: string | undefined;
      /** The app that issued the tokens, if it is not the integration's. */
      config_override?: {
        /** Client ID of that app. At most 255 characters. */
        client_id?: string | undefined;
        /** Client secret of that app. */
        client_secret?: string | undefined;
      } | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "OAUTH2_CC";
      /** Access token. */
      token: string;
      /** Client ID. At most 255 characters. */
      client_id: string;
      /** Client secret. */
      client_secret: string;
      /** Client certificate in PEM text. */
      client_certificate?: string | undefined;
      /** Private key of the certificate. */
      client_private_key?: string | undefined;
      /**
       * When the token expires. Must be an ISO 8601 date and time such as 2030-01-31T12:00:00Z.
       */
      expires_at?: string | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "OAUTH1";
      /** OAuth 1.0a token. */
      oauth_token: string;
      /** Secret of the token. */
      oauth_token_secret: string;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "API_KEY";
      /** API key; mind the capital K. */
      apiKey: string;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "BASIC";
      /** User name; may be empty. */
      username: string;
      /** Password; may be empty. */
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
      /** The app that issued the tokens, if it is not the integration's. */
      config_override?: {
        /** Client ID of that app. At most 255 characters. */
        client_id?: string | undefined;
        /** Client secret of that app. */
        client_secret?: string | undefined;
      } | undefined;
    } | {
      /** Must equal the auth_mode of the provider. */
      type: "APP" | "CUSTOM";
      /** ID of the app. At most 255 characters. */
      app_id: string;
      /** ID of its installation at the customer. At most 255 characters. */
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
       * Labels of the person. At most 10; names as for other tags, values of at most 255
       * characters.
       */
      tags?: { [name: string]: string } | undefined;
    } | undefined;
    /**
     * Where webhooks about this connection go instead of the usual URL. Must be an https:// or
     * http:// URL of a public host, or empty.
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
       * Labels of the person. At most 10; names as for other tags, values of at most 255
       * characters.
       */
      tags?: { [name: string]: string } | undefined;
    } | undefined;
    /**
     * Where webhooks about this connection go instead of the usual URL. Must be an https:// or
     * http:// URL of a public host, or empty.
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
       * Labels of the person. At most 10; names as for other tags, values of at most 255
       * characters.
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
     * Where webhooks about this connection go instead of the usual URL. Must be an https:// or
     * http:// URL of a public host, or empty.
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
       * Labels of the person. At most 10; names as for other tags, values of at most 255
       * characters.
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
     * Where webhooks about this connection go instead of the usual URL. Must be an https:// or
     * http:// URL of a public host, or empty.
     */
    webhook_url_override?: string | undefined;
  };
  /**
   * Get the Connect session that a session token stands for: the end user, the integrations on
   * offer, defaults, and whether it reconnects an account. Use it in the server of a front end to
   * see what a token may do. It takes the token instead of an API key, and works for 30 minutes
   * after NANGO_CREATE_CONNECT_SESSION or NANGO_RECONNECT_SESSION_POST returned it. Whether the
   * person has connected shows NANGO_CONNECTION_LIST_GET.
   */
  NANGO_GET_CONNECT_SESSION: {
    /**
     * Token of the session, as creating it returned it. Must be nango_connect_session_ and 64
     * hexadecimal digits.
     */
    session_token: string;
  };
  /**
   * Delete the Connect session that a session token stands for, so that the token and its
   * connect_link stop working at once. Use it when an end user signs out, or when a token was shown
   * where it should not be. Accounts that were already connected stay. It takes the token instead
   * of an API key. For a new link use NANGO_CREATE_CONNECT_SESSION.
   */
  NANGO_DELETE_CONNECT_SESSION: {
    /**
     * Token of the session, as creating it returned it. Must be nango_connect_session_ and 64
     * hexadecimal digits.
     */
    session_token: string;
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
   * Start the schedule of syncs, also again after a pause, so that they keep their records fresh by
   * themselves. Use it when an end user should be synced from now on, or when a pause is over. One
   * that is started already stays as it is. Without connection_id it starts them for every
   * connection of the integration, and an empty syncs list means every sync: name both unless you
   * want all. To run them just once use NANGO_SYNC_TRIGGER_POST, to stop them again
   * NANGO_SYNC_PAUSE_POST.
   */
  NANGO_SYNC_START_POST: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * Names of syncs (NANGO_SCRIPTS_CONFIG_GET); empty for every sync. A variant is name::variant.
     * At most 256 entries. An entry may also be an object with `name`, `variant`.
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
  };
  /**
   * Pause the schedule of syncs: they do not run again by themselves, and a run that is going on or
   * waiting is cancelled. Their records stay. Use it to spare a provider, or while an account must
   * not be read. Without connection_id it pauses them for every connection of the integration, and
   * an empty syncs list means every sync: name both unless you want all. To go on use
   * NANGO_SYNC_START_POST, to run them less often NANGO_UPDATE_SYNC_FREQUENCY.
   */
  NANGO_SYNC_PAUSE_POST: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    provider_config_key: string;
    /**
     * Names of syncs (NANGO_SCRIPTS_CONFIG_GET); empty for every sync. A variant is name::variant.
     * At most 256 entries. An entry may also be an object with `name`, `variant`.
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
  };
  /**
   * Update how often a sync runs for one connection, or return to the frequency it was deployed
   * with. Use it for a customer who needs fresher data, or to spare a provider's rate limit. It
   * does not start a paused sync (NANGO_SYNC_START_POST) and runs nothing at once
   * (NANGO_SYNC_TRIGGER_POST). Sync names and frequencies are in NANGO_SCRIPTS_CONFIG_GET, the one
   * in force in NANGO_GET_SYNC_STATUS.
   */
  NANGO_UPDATE_SYNC_FREQUENCY: {
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
     * Name of the sync, as NANGO_SCRIPTS_CONFIG_GET returns it. At most 255 characters of letters,
     * digits, _ and -.
     */
    sync_name: string;
    /**
     * How often it runs from now on, at least every 30 seconds; null for the frequency it was
     * deployed with. Must be a number and a unit such as every 5 minutes, or every half hour, hour,
     * day, week.
     */
    frequency: string | null;
    /**
     * Name of the variant; base is the sync itself. At most 255 characters of letters, digits, _
     * and -.
     */
    sync_variant?: string | undefined;
  };
  /**
   * Create a variant of a sync for one connection: a second instance with records, progress and
   * schedule of its own, for example one for each folder, repository or region that metadata of the
   * connection names. A variant whose sync starts by itself is started at once. Name it as
   * name::variant in NANGO_GET_SYNC_STATUS and NANGO_SYNC_TRIGGER_POST, and as variant in
   * NANGO_LIST_RECORDS. It cannot be renamed: delete it with NANGO_DELETE_SYNC_VARIANT. `variant`
   * must not be `base`.
   */
  NANGO_CREATE_SYNC_VARIANT: {
    /**
     * Name of the sync, as NANGO_SCRIPTS_CONFIG_GET returns it. At most 255 characters of letters,
     * digits, _ and -.
     */
    name: string;
    /**
     * Name of the variant; base is the sync itself. At most 255 characters of letters, digits, _
     * and -.
     */
    variant: string;
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
  };
  /**
   * Delete a variant of a sync of one connection for good, with its schedule and cached records.
   * Use it when the folder, region or the like that it stood for is no longer wanted. The sync
   * itself and its other variants stay, and nothing changes at the provider. To stop it for a while
   * use NANGO_SYNC_PAUSE_POST; variants are listed by NANGO_GET_SYNC_STATUS. `variant` must not be
   * `base`.
   */
  NANGO_DELETE_SYNC_VARIANT: {
    /**
     * Name of the sync, as NANGO_SCRIPTS_CONFIG_GET returns it. At most 255 characters of letters,
     * digits, _ and -.
     */
    name: string;
    /**
     * Name of the variant; base is the sync itself. At most 255 characters of letters, digits, _
     * and -.
     */
    variant: string;
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
  };
  /**
   * List the records of one model that a sync has cached for a connection, such as contacts,
   * tickets or invoices, the least recently changed first. Use it to read synced data without
   * calling the provider, or only what changed since a cursor or time. Repeat with next_cursor
   * until it is null; a page may be short before that. An unknown model gives an empty list: model
   * names are in NANGO_SCRIPTS_CONFIG_GET. For fresh data run NANGO_SYNC_TRIGGER_POST first, for
   * live data use NANGO_GET_PROXY.
   */
  NANGO_LIST_RECORDS: {
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
     * Name of the model, as returns of the sync in NANGO_SCRIPTS_CONFIG_GET has it, for example
     * Contact. 2 to 255 characters of a capital letter, then letters, digits, _ and -.
     */
    model: string;
    /**
     * Variant of the sync that cached them; the base variant when absent. At most 255 characters of
     * letters, digits, _ and -.
     */
    variant?: string | undefined;
    /** Where to continue: next_cursor, or the cursor of a record. */
    cursor?: string | undefined;
    /** Records a page. From 1 to 10000. Default: 100. */
    limit?: number | undefined;
    /**
     * Only records whose last change was this; deleted works alone only, not with others. At least
     * one entry; a single one may be given without a list. Each entry: one of `added`, `updated`,
     * `deleted`.
     */
    filter?: "added" | "updated" | "deleted" | ReadonlyArray<"added" | "updated" | "deleted"> | undefined;
    /**
     * Only records changed after this time, at most 365 days ago. Must be an ISO 8601 date and time
     * in UTC such as 2030-01-31T12:00:00Z.
     */
    modified_after?: string | undefined;
    /**
     * Only the records with these IDs. 1 to 100 entries. Each entry: a string of 1 to 256
     * characters.
     */
    ids?: ReadonlyArray<string> | undefined;
  };
  /**
   * Prune cached records of one model: empty the payload of all up to and including a cursor, so
   * that Nango keeps only their IDs and metadata. Use it once you have copied the records
   * elsewhere. The data stays at the provider, but cannot be read here until a sync saves it again.
   * Take the cursor from NANGO_LIST_RECORDS, and repeat while has_more is true and count is above
   * 0. To delete everything and start over use NANGO_SYNC_TRIGGER_POST with opts.reset and
   * opts.emptyCache.
   */
  NANGO_PRUNE_RECORDS: {
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
     * Name of the model, as returns of the sync in NANGO_SCRIPTS_CONFIG_GET has it, for example
     * Contact. 2 to 255 characters of a capital letter, then letters, digits, _ and -.
     */
    model: string;
    /** Cursor of the last record to empty, as NANGO_LIST_RECORDS returns it. */
    until_cursor: string;
    /**
     * Variant of the sync that cached them; the base variant when absent. At most 255 characters of
     * letters, digits, _ and -.
     */
    variant?: string | undefined;
    /** Records to empty in one call. From 1 to 10000. Default: 1000. */
    limit?: number | undefined;
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
   * Get the result of an action that was triggered with async, by the id that
   * NANGO_ACTION_TRIGGER_POST returned then. Use it to wait for a long run: 404 means that it is
   * still queued or running, that the id is unknown, or that the action returned nothing, all
   * alike; wait a few seconds between attempts and give up after a while. A failed action answers
   * with its own error. For runs that NANGO_INVOKE_FUNCTION started use
   * NANGO_GET_FUNCTION_INVOCATION.
   */
  NANGO_GET_ACTION_RESULT: {
    /** The id that the trigger returned. Must be a UUID. */
    action_id: string;
  };
  /**
   * Invoke a deployed function of the unified kind for one connection: wait for its result, or
   * start it and return its id at once. Use it for functions that NANGO_LIST_ALL_FUNCTIONS lists,
   * with trigger http or schedule; a scheduled one cannot be waited for. It may change data at the
   * provider: confirm what the user wants first. For older actions use NANGO_ACTION_TRIGGER_POST,
   * for older syncs NANGO_SYNC_TRIGGER_POST. What no_wait started is fetched by
   * NANGO_GET_FUNCTION_INVOCATION.
   */
  NANGO_INVOKE_FUNCTION: {
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
     * Name of the function, as NANGO_LIST_ALL_FUNCTIONS returns it. At most 255 characters of
     * letters, digits, _ and -.
     */
    name: string;
    /**
     * Whether to wait for the result, or to return the id of the run at once. One of `wait`,
     * `no_wait`.
     */
    invocation_type: "wait" | "no_wait";
    /** Input of the function, mostly an object. Any JSON value is accepted. */
    input?: unknown | undefined;
    /** Options of the run; Nango does not use any yet. */
    options?: { [name: string]: unknown } | undefined;
  };
  /**
   * Get the result of a function invocation that was not waited for, by the id that
   * NANGO_INVOKE_FUNCTION returned. While it runs the answer is the id and statusUrl again: wait a
   * few seconds between attempts. 404 means that there is no such run; a failed function answers
   * with its own error. For actions that were triggered with async use NANGO_GET_ACTION_RESULT.
   */
  NANGO_GET_FUNCTION_INVOCATION: {
    /** The id that starting the run returned. Must be a UUID. */
    id: string;
  };
  /**
   * List the functions deployed for one integration: actions, syncs and event handlers, each with
   * description, models, JSON Schemas and whether it is enabled. Use it instead of
   * NANGO_SCRIPTS_CONFIG_GET where an environment has many functions: it has pages, and finds part
   * of a name. Disabled functions are listed, too. Their source is in NANGO_GET_FUNCTION_CODE;
   * unified functions with a trigger are in NANGO_LIST_ALL_FUNCTIONS.
   */
  NANGO_LIST_FUNCTIONS: {
    /**
     * ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /** Only functions of this type. One of `sync`, `action`, `on-event`. */
    type?: "sync" | "action" | "on-event" | undefined;
    /** Part of the name, in any case. At most 255 characters. */
    search?: string | undefined;
    /** Page, from 0. From 0 to 1000000. Default: 0. */
    page?: number | undefined;
    /** Functions a page. From 1 to 100. Default: 20. */
    limit?: number | undefined;
  };
  /**
   * Get one function deployed for an integration, by its name: description, input and result models
   * with their JSON Schemas, schedule, version and whether it is enabled. Use it to learn what
   * NANGO_ACTION_TRIGGER_POST needs as input. If an action and a sync have the same name give type.
   * All of an integration are in NANGO_LIST_FUNCTIONS, the source code in NANGO_GET_FUNCTION_CODE.
   */
  NANGO_GET_FUNCTION: {
    /**
     * ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /**
     * Name of the function, as NANGO_LIST_FUNCTIONS returns it. At most 255 characters of letters,
     * digits, _ and -.
     */
    name: string;
    /** Type of the function, where several have its name. One of `sync`, `action`, `on-event`. */
    type?: "sync" | "action" | "on-event" | undefined;
  };
  /**
   * Get the TypeScript source code of one function deployed for an integration. Use it to explain
   * what a function does, or to change it and deploy it again with NANGO_CREATE_FUNCTION_DEPLOYMENT
   * after a trial with NANGO_CREATE_FUNCTION_DRYRUN. If several types have the same name the answer
   * is 409: give type. For its models and schemas alone use NANGO_GET_FUNCTION.
   */
  NANGO_GET_FUNCTION_CODE: {
    /**
     * ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /**
     * Name of the function, as NANGO_LIST_FUNCTIONS returns it. At most 255 characters of letters,
     * digits, _ and -.
     */
    name: string;
    /** Type of the function, where several have its name. One of `sync`, `action`, `on-event`. */
    type?: "sync" | "action" | "on-event" | undefined;
  };
  /**
   * Delete a function of an integration for good; with a sync also its schedules and cached
   * records. It happens in the background. Only functions from a template or deployed by
   * NANGO_CREATE_FUNCTION_DEPLOYMENT can be deleted: those of a repository are deleted through the
   * nango command line. To switch a unified function off for a while use NANGO_UPDATE_FUNCTION;
   * names are in NANGO_LIST_FUNCTIONS.
   */
  NANGO_DELETE_FUNCTION: {
    /**
     * ID of the integration, its unique_key as NANGO_LIST_INTEGRATIONS returns it. At most 255
     * characters of letters, digits, spaces and ~ : . @ _ -.
     */
    unique_key: string;
    /**
     * Name of the function, as NANGO_LIST_FUNCTIONS returns it. At most 255 characters of letters,
     * digits, _ and -.
     */
    name: string;
    /** Type of the function. One of `action`, `sync`. */
    type: "action" | "sync";
  };
  /**
   * List the unified functions of the whole environment, with the trigger of each and whether it is
   * enabled, filtered by integration, provider, state or kind of trigger. Use it to find what
   * NANGO_INVOKE_FUNCTION can run, or the UUID that NANGO_UPDATE_FUNCTION takes. Repeat with
   * next_cursor until it is null. Actions and syncs of the older kinds are in NANGO_LIST_FUNCTIONS
   * and NANGO_SCRIPTS_CONFIG_GET. Servers older than 0.71.10 answer 404.
   */
  NANGO_LIST_ALL_FUNCTIONS: {
    /**
     * Only functions of this integration (unique_key). At most 255 characters of letters, digits,
     * spaces and ~ : . @ _ -.
     */
    integration_id?: string | undefined;
    /**
     * Only functions of integrations with this provider. At most 255 characters of letters, digits,
     * _ and -.
     */
    provider?: string | undefined;
    /** Only functions in this state. One of `enabled`, `disabled`. */
    state?: "enabled" | "disabled" | undefined;
    /** Only functions with this kind of trigger. One of `none`, `schedule`, `http`, `event`. */
    trigger_kind?: "none" | "schedule" | "http" | "event" | undefined;
    /** Where to continue: next_cursor of the page before. At most 255 characters. */
    cursor?: string | undefined;
    /** Functions a page. From 1 to 250. Default: 50. */
    limit?: number | undefined;
  };
  /**
   * Get one unified function by its UUID: integration, description, trigger, and whether it is
   * enabled. Use it to check a function before or after NANGO_UPDATE_FUNCTION, or to find out what
   * a UUID from a log stands for. UUIDs are in NANGO_LIST_ALL_FUNCTIONS. A function that you know
   * by name is in NANGO_GET_FUNCTION.
   */
  NANGO_GET_FUNCTION_BY_UUID: {
    /** UUID of the function, as NANGO_LIST_ALL_FUNCTIONS returns it. Must be a UUID. */
    uuid: string;
  };
  /**
   * Update the state of a unified function: enable or disable it for every connection of its
   * integration. A disabled one is not run by its schedule, by webhooks or by
   * NANGO_INVOKE_FUNCTION, and keeps its records. Use it to stop a faulty function until it is
   * repaired. The UUID is in NANGO_LIST_ALL_FUNCTIONS. To pause a sync for one connection use
   * NANGO_SYNC_PAUSE_POST, to remove a function NANGO_DELETE_FUNCTION.
   */
  NANGO_UPDATE_FUNCTION: {
    /** UUID of the function, as NANGO_LIST_ALL_FUNCTIONS returns it. Must be a UUID. */
    uuid: string;
    /** Its state from now on. One of `enabled`, `disabled`. */
    state: "enabled" | "disabled";
  };
  /**
   * List the function templates that Nango's catalogue has for a provider: actions and syncs ready
   * to be deployed, with models, JSON Schemas and the OAuth scopes that they need. Use it before
   * you write a function yourself; NANGO_CREATE_FUNCTION_DEPLOYMENT deploys one. An unknown
   * provider gives an empty list: names are in NANGO_PROVIDERS_LIST_GET. What is deployed already
   * is in NANGO_LIST_FUNCTIONS.
   */
  NANGO_LIST_PROVIDER_TEMPLATES: {
    /**
     * Name of the provider as NANGO_PROVIDERS_LIST_GET returns it, for example quickbooks. At most
     * 255 characters of letters, digits, _ and -.
     */
    provider: string;
  };
  /**
   * Compile the TypeScript source of a function on Nango's servers, without deploying or running
   * it: types are checked, and the bundle comes back. Use it to find mistakes in code that you
   * wrote; the error contains what the compiler said. It takes up to three minutes. To try the code
   * on a connection use NANGO_CREATE_FUNCTION_DRYRUN, to deploy it
   * NANGO_CREATE_FUNCTION_DEPLOYMENT.
   */
  NANGO_COMPILE_FUNCTION: {
    /** TypeScript source of the function, a whole file. */
    code: string;
  };
  /**
   * Create a dry run: run source code of an action or sync once on a connection, without deploying
   * it and without saving records in Nango. The code calls the provider with real credentials, so
   * it can change data there. Use it to try code before NANGO_CREATE_FUNCTION_DEPLOYMENT. It
   * returns an id at once; NANGO_GET_FUNCTION_DRYRUN has the outcome, within about five minutes.
   */
  NANGO_CREATE_FUNCTION_DRYRUN: {
    /**
     * ID of the integration the connection belongs to (its unique_key), as NANGO_LIST_INTEGRATIONS
     * returns it. At most 255 characters of letters, digits, spaces and ~ : . @ _ -.
     */
    integration_id: string;
    /** What the code is. One of `action`, `sync`. */
    function_type: "action" | "sync";
    /** TypeScript source of the function, a whole file. */
    code: string;
    /**
     * ID of the connection, exactly as NANGO_CONNECTION_LIST_GET returns it. At most 255 characters
     * of letters, digits, spaces and , . ; : = + ~ [ ] | @ $ { } " ' \ / _ -.
     */
    connection_id: string;
    /** Input of the function. Any JSON value is accepted. */
    input?: unknown | undefined;
    /** Metadata for the run instead of the connection's own. */
    metadata?: { [name: string]: unknown } | undefined;
    /** Where a sync continues. */
    checkpoint?: { [name: string]: unknown } | undefined;
    /**
     * When the sync ran last, as its code sees it. Must be an ISO 8601 date and time in UTC such as
     * 2030-01-31T12:00:00Z.
     */
    last_sync_date?: string | undefined;
  };
  /**
   * Get the status of a function's dry run and, once it is done, its result, what it printed and
   * why it failed. Use it after NANGO_CREATE_FUNCTION_DRYRUN returned the id; while status is
   * waiting or running look again after a few seconds. A failure is in error, not in the status of
   * the call. For a deployment use NANGO_GET_FUNCTION_DEPLOYMENT.
   */
  NANGO_GET_FUNCTION_DRYRUN: {
    /** The id that starting it returned. Must be a UUID. */
    id: string;
  };
  /**
   * Create a deployment: make source code, or a template of Nango's catalogue, a function of an
   * integration, for all its connections; a function that has the name already is replaced, and a
   * sync that starts by itself runs at once. Use it after NANGO_CREATE_FUNCTION_DRYRUN, and ask a
   * person first. A template is done when this returns; code is compiled and deployed in the
   * background: NANGO_GET_FUNCTION_DEPLOYMENT has the outcome. Templates are in
   * NANGO_LIST_PROVIDER_TEMPLATES. If `type` is `function`, give `function_name`, `function_type`,
   * `code`, without `template`. If `type` is `template`, give `template`, without `function_name`,
   * `code`, `version`, `allow_destructive`.
   */
  NANGO_CREATE_FUNCTION_DEPLOYMENT: {
    /** Whether code or a template is deployed. One of `function`, `template`. */
    type: "function" | "template";
    /**
     * ID of the integration that gets the function (unique_key). At most 255 characters of letters,
     * digits, spaces and ~ : . @ _ -.
     */
    integration_id: string;
    /** Name of the function. At most 255 characters of letters, digits, _ and -. */
    function_name?: string | undefined;
    /**
     * What it is; for a template only where an action and a sync share its name. One of `action`,
     * `sync`.
     */
    function_type?: "action" | "sync" | undefined;
    /** TypeScript source of the function, a whole file. */
    code?: string | undefined;
    /** Version to record. */
    version?: string | undefined;
    /** Whether models that records have may be removed or changed. Default: false. */
    allow_destructive?: boolean | undefined;
    /**
     * Name of the template, as NANGO_LIST_PROVIDER_TEMPLATES returns it. At most 255 characters of
     * letters, digits, _ and -.
     */
    template?: string | undefined;
  };
  /**
   * Get the status of a deployment of a function and, once it is done, what was deployed or why it
   * failed. Use it after NANGO_CREATE_FUNCTION_DEPLOYMENT returned the id; while status is waiting
   * or running look again after a few seconds. A failure is in error, not in the status of the
   * call. What is deployed now is in NANGO_LIST_FUNCTIONS.
   */
  NANGO_GET_FUNCTION_DEPLOYMENT: {
    /** The id that starting it returned. Must be a UUID. */
    id: string;
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
   * Send a POST request to a provider's own API, to create something in the end user's account or
   * to run a query that the provider takes by POST, with the credentials of a connection filled in.
   * It is not repeated if its outcome is unknown: look with NANGO_GET_PROXY before you send it
   * again. Prefer NANGO_ACTION_TRIGGER_POST where a deployed action does the same. Returns the
   * provider's body; its errors come back with its own status. To replace something that exists use
   * NANGO_PUT_PROXY.
   */
  NANGO_POST_PROXY: {
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
   * Send a PATCH request to a provider's own API, to change some fields of a resource and leave the
   * others, with the credentials of a connection filled in. Read the resource with NANGO_GET_PROXY
   * first and confirm the change. Prefer NANGO_ACTION_TRIGGER_POST where a deployed action does the
   * same. Returns the provider's body; its errors come back with its own status. To replace the
   * whole resource use NANGO_PUT_PROXY.
   */
  NANGO_PATCH_PROXY: {
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
   * Send a DELETE request to a provider's own API, to remove a resource from the end user's
   * account, with the credentials of a connection filled in. It usually cannot be undone: read the
   * resource with NANGO_GET_PROXY first and confirm. Returns the provider's body, often nothing;
   * its errors come back with its own status. To remove the connection itself use
   * NANGO_DELETE_CONNECTION.
   */
  NANGO_DELETE_PROXY: {
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
  /**
   * Rotate the webhook signing key of this environment: create a new one, with which Nango signs
   * every webhook from now on. Use it when the key was shown where it should not be. The old key
   * stops signing at once, so receivers must accept the new one, and the old one for a few minutes
   * more. The new key is a secret and comes back masked unless the caller reveals it. It changes no
   * API key: that are NANGO_CREATE_API_KEY and NANGO_DELETE_API_KEY.
   */
  NANGO_ROTATE_WEBHOOK_SIGNING_KEY: Record<string, never>;
  /**
   * List the environments of the account, such as dev and prod, each with its UUID and whether it
   * is a production one. Use it to find the environment_id that NANGO_LIST_API_KEYS,
   * NANGO_CREATE_API_KEY and NANGO_DELETE_ENVIRONMENT take. It needs an account key, and shows
   * nothing of what is in an environment: that takes a key of the environment itself.
   */
  NANGO_LIST_ENVIRONMENTS: {
    /** Exact name of one environment. At most 255 characters. */
    name?: string | undefined;
  };
  /**
   * Create an environment in the account: a separate set of integrations, connections, functions
   * and keys, for example for staging. Use it with an account key; the new environment has no API
   * key yet, which NANGO_CREATE_API_KEY creates. The name prod makes it a production environment.
   * What exists is in NANGO_LIST_ENVIRONMENTS.
   */
  NANGO_CREATE_ENVIRONMENT: {
    /** Name of the new environment. At most 255 characters of small letters, digits, _ and -. */
    name: string;
    /** Whether it is a production environment; needs a scope of its own. */
    is_production?: boolean | undefined;
    /** URL to which OAuth providers send end users back. Must be an https:// or http:// URL. */
    callback_url?: string | undefined;
    /** Key for the HMAC with which front ends prove who connects. */
    hmac_key?: string | undefined;
    /** Whether that HMAC is required. */
    hmac_enabled?: boolean | undefined;
    /** Whether failures are reported in Slack. */
    slack_notifications?: boolean | undefined;
    /** URL that gets telemetry by OpenTelemetry; empty for none. */
    otlp_endpoint?: string | undefined;
    /** Headers of that telemetry. At most 100 entries. */
    otlp_headers?: ReadonlyArray<{
      /** Name of the header. At most 256 characters. */
      name: string;
      /** Value of the header. */
      value: string;
    }> | undefined;
  };
  /**
   * Delete an environment of the account for good, with all its integrations, connections,
   * credentials, functions, syncs and records. Use it only when a person has asked for exactly this
   * environment: end users would have to authorise everything again. One named prod cannot be
   * deleted. It needs an account key; the UUID is in NANGO_LIST_ENVIRONMENTS. To remove one app use
   * NANGO_DELETE_INTEGRATION.
   */
  NANGO_DELETE_ENVIRONMENT: {
    /**
     * UUID of the environment, as NANGO_LIST_ENVIRONMENTS returns it; its number on servers that
     * have none. At most 255 characters of letters, digits, _ and -.
     */
    environment_id: string;
  };
  /**
   * List the API keys of one environment: names, scopes, when each was last used; never the
   * secrets. Use it to see who has access, or to find the key_id that NANGO_GET_API_KEY and
   * NANGO_DELETE_API_KEY take. It needs an account key; environment_id is in
   * NANGO_LIST_ENVIRONMENTS.
   */
  NANGO_LIST_API_KEYS: {
    /** UUID of the environment, as NANGO_LIST_ENVIRONMENTS returns it. Must be a UUID. */
    environment_id: string;
    /** Exact name of one key. At most 255 characters. */
    display_name?: string | undefined;
  };
  /**
   * Get one API key of an environment with its scopes, when it was last used, and its secret, which
   * comes back masked unless the caller reveals it. Use it to hand the key to a server's settings;
   * for an overview without secrets use NANGO_LIST_API_KEYS, which also has the key_id. It needs an
   * account key with a scope of its own.
   */
  NANGO_GET_API_KEY: {
    /** UUID of the environment, as NANGO_LIST_ENVIRONMENTS returns it. Must be a UUID. */
    environment_id: string;
    /** UUID of the API key, as NANGO_LIST_API_KEYS returns it. Must be a UUID. */
    key_id: string;
  };
  /**
   * Create an API key for one environment, with full access to it. Use it for a new server or
   * service, under a name that says which. Its secret comes back masked unless the caller reveals
   * it; NANGO_GET_API_KEY reads it again later. An environment has at most 50 keys, and each name
   * once. It needs an account key; environment_id is in NANGO_LIST_ENVIRONMENTS. To revoke a key
   * use NANGO_DELETE_API_KEY.
   */
  NANGO_CREATE_API_KEY: {
    /** UUID of the environment, as NANGO_LIST_ENVIRONMENTS returns it. Must be a UUID. */
    environment_id: string;
    /** Name of the key, such as the server that gets it. At most 255 characters. */
    display_name: string;
  };
  /**
   * Delete an API key of an environment: it stops working at once, and whatever still uses it fails
   * with 401. Use it when a key was shown where it should not be, after its replacement from
   * NANGO_CREATE_API_KEY is in use. It needs an account key; key_id is in NANGO_LIST_API_KEYS.
   */
  NANGO_DELETE_API_KEY: {
    /** UUID of the environment, as NANGO_LIST_ENVIRONMENTS returns it. Must be a UUID. */
    environment_id: string;
    /** UUID of the API key, as NANGO_LIST_API_KEYS returns it. Must be a UUID. */
    key_id: string;
  };
  /**
   * Create an agent session: an endpoint of Nango's own MCP server with a token, at which another
   * agent finds and runs the deployed actions of one tenant's connections. toolset says which
   * actions, pinned_tools which of them are listed at once, expires_in how long it lasts. It cannot
   * be changed or listed afterwards. The token is a secret and comes back masked unless the caller
   * reveals it. To run an action yourself use NANGO_ACTION_TRIGGER_POST; to end the session
   * NANGO_DELETE_AGENT_SESSION.
   */
  NANGO_CREATE_AGENT_SESSION: {
    /** For whom the agent acts. */
    tenant: {
      /** Which connections the agent acts with; give any, pinned or both. */
      connections: {
        /**
         * Connections with all tags of one of these entries; at most one may fit for each
         * integration. At most 10 entries.
         */
        any?: ReadonlyArray<{
          /**
           * Tags that a connection must all have; at least one. At most 10 tags. Names: a letter,
           * then letters, digits and _ . / -, at most 64 characters. Values: strings of 1 to 255
           * characters.
           */
          tags: { [name: string]: string };
        }> | undefined;
        /** Exact connections, one for each integration; they decide where any fits several. */
        pinned?: ReadonlyArray<{
          /**
           * ID of the integration (unique_key). At most 255 characters of letters, digits, spaces
           * and ~ : . @ _ -.
           */
          integration_id: string;
          /**
           * ID of its connection. At most 255 characters of letters, digits, spaces and , . ; : = +
           * ~ [ ] | @ $ { } " ' \ / _ -.
           */
          connection_id: string;
        }> | undefined;
      };
    };
    /**
     * Actions by integration ID, {} for all of one; those of every connected integration when
     * absent.
     */
    toolset?: { [name: string]: {
      /** The only actions; every action when absent. */
      allow?: {
        /**
         * Names of actions. Each entry: a string of 1 to 255 characters made of letters, digits, _
         * and -.
         */
        tools: ReadonlyArray<string>;
      } | undefined;
      /** Actions that are left out. */
      deny?: {
        /**
         * Names of actions. Each entry: a string of 1 to 255 characters made of letters, digits, _
         * and -.
         */
        tools: ReadonlyArray<string>;
      } | undefined;
    } } | undefined;
    /** Actions by integration ID that are listed at once, not only found. Each value: a list. */
    pinned_tools?: { [name: string]: ReadonlyArray<string> } | undefined;
    /**
     * Whether nango_tool_search, nango_execute, nango_proxy or nango_create_connection is offered.
     * Each value: true or false.
     */
    meta_tools?: { [name: string]: boolean } | undefined;
    /** How long it lasts, for example 12h. Must be a number and s, m, h or d, from 60s to 15d. */
    expires_in?: string | undefined;
  };
  /**
   * Delete an agent session: its token stops working at once, and the agent at Nango's MCP server
   * can run nothing more. Use it when the agent's work is done or must stop; doing it twice does no
   * harm. The connections stay. session_id is what NANGO_CREATE_AGENT_SESSION returned.
   */
  NANGO_DELETE_AGENT_SESSION: {
    /** ID of the session, as creating it returned it. Must be a UUID. */
    session_id: string;
  };
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
      display_name: string | null;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
      /** Settings that connections need not give. */
      preconfigured_connection_config?: Array<string>;
    }>;
  };
  /** Get Integration */
  NANGO_GET_INTEGRATION: {
    data: {
      /** The ID; other tools call it provider_config_key or integration_id. */
      unique_key: string;
      provider: string;
      display_name: string | null;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
      /** Settings that connections need not give. */
      preconfigured_connection_config?: Array<string>;
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
      display_name: string | null;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
      /** Settings that connections need not give. */
      preconfigured_connection_config?: Array<string>;
    };
  };
  /** Update Integration */
  NANGO_UPDATE_INTEGRATION: {
    data: {
      /** The ID; other tools call it provider_config_key or integration_id. */
      unique_key: string;
      provider: string;
      display_name: string | null;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
      /** Settings that connections need not give. */
      preconfigured_connection_config?: Array<string>;
    };
  };
  /** Delete Integration */
  NANGO_DELETE_INTEGRATION: {
    success: boolean;
  };
  /** Create Quickstart Integration */
  NANGO_CREATE_QUICKSTART_INTEGRATION: {
    data: {
      /** The ID; other tools call it provider_config_key or integration_id. */
      unique_key: string;
      provider: string;
      display_name: string | null;
      logo: string;
      forward_webhooks: boolean;
      /** ISO 8601. */
      created_at: string;
      /** ISO 8601. */
      updated_at: string;
      /** What to call a credential field. */
      credentials_label?: { [name: string]: string };
      preconfigured_credentials?: Array<string>;
      /** Settings that connections need not give. */
      preconfigured_connection_config?: Array<string>;
    };
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
  /** Get Connect Session */
  NANGO_GET_CONNECT_SESSION: {
    data: {
      endUser: {
        id: string;
        display_name: string | null;
        email: string | null;
        tags: { [name: string]: string } | null;
        organization: {
          id: string;
          display_name: string | null;
        } | null;
      } | null;
      /** How the Connect UI looks. */
      connectUISettings: { [name: string]: unknown };
      allowed_integrations?: Array<string>;
      integrations_config_defaults?: { [name: string]: unknown };
      overrides?: { [name: string]: unknown };
      webhook_url_override?: string | null;
      websocketsPath?: string;
      isReconnecting?: boolean;
    };
  };
  /** Delete Connect Session */
  NANGO_DELETE_CONNECT_SESSION: null;
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
  /** Start Sync */
  NANGO_SYNC_START_POST: {
    success: boolean;
  };
  /** Pause Sync */
  NANGO_SYNC_PAUSE_POST: {
    success: boolean;
  };
  /** Update Sync Frequency */
  NANGO_UPDATE_SYNC_FREQUENCY: {
    /** Without every, for example 1h. */
    frequency: string;
  };
  /** Create Sync Variant */
  NANGO_CREATE_SYNC_VARIANT: {
    id: string;
    name: string;
    variant: string;
  };
  /** Delete Sync Variant */
  NANGO_DELETE_SYNC_VARIANT: {
    success: boolean;
  };
  /** List Records */
  NANGO_LIST_RECORDS: {
    /** The data of each as the sync saved it, and what Nango knows of it. */
    records: Array<{
      id: string | number;
      _nango_metadata: {
        /** ISO 8601. */
        first_seen_at: string;
        /** When its data last changed in the cache. ISO 8601. */
        last_modified_at: string;
        last_action: "ADDED" | "UPDATED" | "DELETED";
        /** When it vanished at the provider; null while it is there. ISO 8601. */
        deleted_at: string | null;
        /** When its payload was emptied. ISO 8601. */
        pruned_at: string | null;
        /** Its place; as cursor it continues after this record. */
        cursor: string;
      };
      [name: string]: unknown;
    }>;
    /** The cursor of the next page; null on the last. */
    next_cursor: string | null;
  };
  /** Prune Records */
  NANGO_PRUNE_RECORDS: {
    /** Records that were emptied. */
    count: number;
    /** Whether there may be more before the cursor. */
    has_more: boolean;
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
  /** Get Action Result */
  NANGO_GET_ACTION_RESULT: unknown;
  /** Invoke Function */
  NANGO_INVOKE_FUNCTION: unknown;
  /** Get Function Invocation */
  NANGO_GET_FUNCTION_INVOCATION: unknown;
  /** List Functions */
  NANGO_LIST_FUNCTIONS: {
    data: Array<{
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "action";
      /** Model of the input, defined in json_schema. */
      input?: string;
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
      id: number;
      enabled: boolean;
      /** ISO 8601. */
      last_deployed: string;
      source: "catalog" | "standalone" | "repo";
    } | {
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "sync";
      /** Model of the input, defined in json_schema. */
      input?: string;
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
      /** How often it runs. */
      runs: string | null;
      auto_start: boolean;
      track_deletes: boolean;
      id: number;
      enabled: boolean;
      /** ISO 8601. */
      last_deployed: string;
      source: "catalog" | "standalone" | "repo";
    } | {
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "on-event";
      event: "post-connection-creation" | "pre-connection-deletion" | "validate-connection";
      id: number;
      enabled: boolean;
      /** ISO 8601. */
      last_deployed: string;
      source: "catalog" | "standalone" | "repo";
    }>;
    pagination: {
      total: number;
      page: number;
      limit: number;
    };
  };
  /** Get Function */
  NANGO_GET_FUNCTION: {
    data: {
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "action";
      /** Model of the input, defined in json_schema. */
      input?: string;
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
      id: number;
      enabled: boolean;
      /** ISO 8601. */
      last_deployed: string;
      source: "catalog" | "standalone" | "repo";
    } | {
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "sync";
      /** Model of the input, defined in json_schema. */
      input?: string;
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
      /** How often it runs. */
      runs: string | null;
      auto_start: boolean;
      track_deletes: boolean;
      id: number;
      enabled: boolean;
      /** ISO 8601. */
      last_deployed: string;
      source: "catalog" | "standalone" | "repo";
    } | {
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "on-event";
      event: "post-connection-creation" | "pre-connection-deletion" | "validate-connection";
      id: number;
      enabled: boolean;
      /** ISO 8601. */
      last_deployed: string;
      source: "catalog" | "standalone" | "repo";
    };
  };
  /** Get Function Code */
  NANGO_GET_FUNCTION_CODE: {
    type: "sync" | "action" | "on-event";
    code: string;
  };
  /** Delete Function */
  NANGO_DELETE_FUNCTION: {
    data: {
      success: boolean;
    };
  };
  /** List All Functions */
  NANGO_LIST_ALL_FUNCTIONS: {
    data: Array<{
      uuid: string;
      integration_id: string;
      provider: string;
      name: string;
      description?: string | null;
      state: "enabled" | "disabled";
      source?: string;
      trigger?: {
        kind: "none" | "schedule" | "http" | "event";
        frequency?: string;
        autoStart?: boolean;
        subscriptions?: Array<string>;
        events?: Array<string>;
        [name: string]: unknown;
      };
      [name: string]: unknown;
    }>;
    next_cursor: string | null;
  };
  /** Get Function by UUID */
  NANGO_GET_FUNCTION_BY_UUID: {
    uuid: string;
    integration_id: string;
    provider: string;
    name: string;
    description?: string | null;
    state: "enabled" | "disabled";
    source?: string;
    trigger?: {
      kind: "none" | "schedule" | "http" | "event";
      frequency?: string;
      autoStart?: boolean;
      subscriptions?: Array<string>;
      events?: Array<string>;
      [name: string]: unknown;
    };
    [name: string]: unknown;
  };
  /** Update Function */
  NANGO_UPDATE_FUNCTION: {
    uuid: string;
    integration_id: string;
    provider: string;
    name: string;
    description?: string | null;
    state: "enabled" | "disabled";
    source?: string;
    trigger?: {
      kind: "none" | "schedule" | "http" | "event";
      frequency?: string;
      autoStart?: boolean;
      subscriptions?: Array<string>;
      events?: Array<string>;
      [name: string]: unknown;
    };
    [name: string]: unknown;
  };
  /** List Provider Templates */
  NANGO_LIST_PROVIDER_TEMPLATES: {
    data: Array<{
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "action";
      /** Model of the input, defined in json_schema. */
      input?: string;
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
    } | {
      name: string;
      description?: string;
      /** OAuth scopes that the connection needs. */
      scopes?: Array<string>;
      type: "sync";
      /** Model of the input, defined in json_schema. */
      input?: string;
      /** Models of the result, defined in json_schema. */
      returns: Array<string>;
      /** Definitions of all models. */
      json_schema: { [name: string]: unknown } | null;
      /** How often it runs. */
      runs: string | null;
      auto_start: boolean;
      track_deletes: boolean;
    }>;
  };
  /** Compile Function */
  NANGO_COMPILE_FUNCTION: {
    bundle_size_bytes: number;
    bundled_js: string;
    /** ISO 8601. */
    compiled_at: string;
  };
  /** Create Function Dry Run */
  NANGO_CREATE_FUNCTION_DRYRUN: {
    id: string;
    status: "waiting" | "running";
    /** ISO 8601. */
    created_at: string;
  };
  /** Get Function Dry Run */
  NANGO_GET_FUNCTION_DRYRUN: {
    id: string;
    /** It is done with success or failed. */
    status: "waiting" | "running" | "success" | "failed";
    integration_id: string;
    function_type: "action" | "sync";
    /** ISO 8601. */
    created_at: string;
    /** ISO 8601. */
    updated_at: string;
    /** ISO 8601. */
    started_at?: string;
    /** ISO 8601. */
    completed_at?: string;
    duration_ms?: number;
    /** What was printed. */
    output?: string;
    result?: unknown;
    /** Why it failed. */
    error?: {
      code: string;
      message: string;
      payload?: unknown;
      [name: string]: unknown;
    };
  };
  /** Create Function Deployment */
  NANGO_CREATE_FUNCTION_DEPLOYMENT: {
    id: string;
    status: "waiting" | "running" | "success" | "failed";
    /** ISO 8601. */
    created_at: string;
  };
  /** Get Function Deployment */
  NANGO_GET_FUNCTION_DEPLOYMENT: {
    id: string;
    /** It is done with success or failed. */
    status: "waiting" | "running" | "success" | "failed";
    integration_id: string;
    function_name: string;
    function_type: "action" | "sync";
    /** ISO 8601. */
    created_at: string;
    /** ISO 8601. */
    updated_at: string;
    /** ISO 8601. */
    started_at?: string;
    /** ISO 8601. */
    completed_at?: string;
    duration_ms?: number;
    /** What was printed. */
    output?: string;
    deployed?: boolean;
    deployed_functions?: Array<{
      name: string;
      version: string;
    }>;
    /** Why it failed. */
    error?: {
      code: string;
      message: string;
      payload?: unknown;
      [name: string]: unknown;
    };
  };
  /** Proxy GET Request */
  NANGO_GET_PROXY: unknown;
  /** Proxy PUT Request */
  NANGO_PUT_PROXY: unknown;
  /** Proxy POST Request */
  NANGO_POST_PROXY: unknown;
  /** Proxy PATCH Request */
  NANGO_PATCH_PROXY: unknown;
  /** Proxy DELETE Request */
  NANGO_DELETE_PROXY: unknown;
  /** Get Environment Variables */
  NANGO_GET_ENVIRONMENT_VARIABLES: Array<{
    name: string;
    /** Masked unless `environment_variable` is revealed. */
    value: string;
  }>;
  /** Rotate Webhook Signing Key */
  NANGO_ROTATE_WEBHOOK_SIGNING_KEY: {
    data: {
      /** Masked unless `webhook_signing_key` is revealed. */
      webhook_signing_key: string;
    };
  };
  /** List Environments */
  NANGO_LIST_ENVIRONMENTS: {
    data: Array<{
      /** Internal number; calls take uuid. */
      id: number;
      uuid: string;
      name: string;
      is_production: boolean;
    }>;
  };
  /** Create Environment */
  NANGO_CREATE_ENVIRONMENT: {
    data: {
      /** Internal number; calls take uuid. */
      id: number;
      /** Absent on older servers. */
      uuid?: string;
      name: string;
    };
  };
  /** Delete Environment */
  NANGO_DELETE_ENVIRONMENT: null;
  /** List API Keys */
  NANGO_LIST_API_KEYS: {
    data: Array<{
      /** Internal number; calls take uuid. */
      id: number;
      /** Absent on older servers. */
      uuid?: string;
      display_name: string;
      scopes: Array<string>;
      /** ISO 8601. */
      last_used_at: string | null;
      /** ISO 8601. */
      created_at: string;
    }>;
  };
  /** Get API Key */
  NANGO_GET_API_KEY: {
    data: {
      /** Internal number; calls take uuid. */
      id: number;
      /** Absent on older servers. */
      uuid?: string;
      display_name: string;
      scopes: Array<string>;
      /** Masked unless `api_key` is revealed. */
      secret: string;
      /** ISO 8601. */
      last_used_at: string | null;
      /** ISO 8601. */
      created_at: string;
    };
  };
  /** Create API Key */
  NANGO_CREATE_API_KEY: {
    data: {
      /** Internal number; calls take uuid. */
      id: number;
      /** Absent on older servers. */
      uuid?: string;
      display_name: string;
      scopes: Array<string>;
      /** Masked unless `api_key` is revealed. */
      secret: string;
      /** ISO 8601. */
      created_at: string;
    };
  };
  /** Delete API Key */
  NANGO_DELETE_API_KEY: {
    success: boolean;
  };
  /** Create Agent Session */
  NANGO_CREATE_AGENT_SESSION: {
    data: {
      session_id: string;
      /** Bearer token for mcp_url. Masked unless `agent_session_token` is revealed. */
      session_token: string;
      mcp_url: string;
      /** ISO 8601. */
      expires_at: string;
      /** By integration ID. */
      toolset: { [name: string]: {
        connected: boolean;
        tools_pinned: number;
        tools_searchable: number;
      } };
      meta_tools: { [name: string]: boolean };
    };
  };
  /** Delete Agent Session */
  NANGO_DELETE_AGENT_SESSION: {
    data: {
      session_id: string;
      /** ISO 8601. */
      ended_at: string;
      reason: "terminated" | "expired";
    };
  };
}

/** The name of a tool, older names included. */
export type ToolSlug = keyof ToolArguments;
