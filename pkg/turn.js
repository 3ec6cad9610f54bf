// The end of the host's turn: for what gains by company, and for what nobody waits for. Between two answers of
// the network a processor forgets the module's code; calls that start one behind another find it there.

/** Runs a function when the host has handed out all that has arrived. */
let wait;
let pending;

/** Told by entries of hosts where a turn has an end, and is nobody's in particular: in Workers it is one request's. */
export const endTurnsWith = (given) => {
  wait = given;
};

/** Whether turns have an end, and are nobody's in particular: so are timers, then. */
export const hasTurns = () => wait !== undefined;

/**
 * A promise of the end of this turn; `undefined` where there is none. What is chained to it keeps the context
 * (`AsyncLocalStorage`) of whoever does so.
 */
export function endOfTurn() {
  return wait && (pending ??= new Promise((resolve) => wait(resolve)).then(() => (pending = undefined)));
}
