// Whom calls are made as: shown in the head of every view, changed with one click.
import { useRef } from "preact/hooks";
import { explain } from "./core.js";
import { Icon, ReadOnly } from "./parts.jsx";
import { actsAs, changeSession, limitsOf } from "./session.js";
import { notify, useStore } from "./store.js";

/** More users are found in the field below the list. */
const LISTED = 8;

export function Acting() {
  const { session, world } = useStore();
  const menu = useRef();
  const people = world?.endUsers.slice(0, LISTED) ?? [];
  const change = (patch) => changeSession(patch).catch((error) => notify(explain(error)));
  const choose = (user) => {
    change({ user });
    // The browser gives the focus back to the chip.
    menu.current.hidePopover();
    notify(`Calls are now made as ${actsAs({ user })}`);
  };
  const choice = (user, about) => (
    <li key={user}>
      <button type="button" aria-pressed={session.user === user} onClick={() => choose(user)}>
        <bdi>{actsAs({ user })}</bdi> <span class="dim">{about}</span>
      </button>
    </li>
  );
  const limits = limitsOf(session);
  return (
    <>
      <button type="button" class="mode acting" popovertarget="acting-menu">
        <span class="word">Calls as</span>
        <strong>
          <bdi>{actsAs(session)}</bdi>
        </strong>
        {limits.length > 0 && <span class="limits">{limits.join(", ")}</span>}
        <Icon name="open" />
      </button>
      <div id="acting-menu" popover="auto" ref={menu} role="dialog" aria-label="whom calls are made as">
        <p>
          Calls are made as <strong>{actsAs(session)}</strong>
          {session.user ? ", who sees only what belongs to this user." : ": every user's accounts are seen."}
        </p>
        <ul>
          {choice("", "no user")}
          {people.map(({ id, display_name }) => choice(id, display_name))}
        </ul>
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            choose(event.currentTarget.elements.user.value.trim());
            event.currentTarget.reset();
          }}
        >
          <input
            type="text"
            name="user"
            placeholder="the ID of a user"
            aria-label="the ID of a user"
            spellcheck={false}
          />
          <button type="submit">Use</button>
        </form>
        <ReadOnly session={session} change={change}>
          Read-only
        </ReadOnly>
        <a href="#/session" onClick={() => menu.current.hidePopover()}>
          Policy, accounts and what the session hides
        </a>
      </div>
    </>
  );
}
