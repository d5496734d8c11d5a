/** Gives each step its turn, in the order they were asked for. Resolves and rejects as the step does. */
export type Serial = <T>(step: () => Promise<T>) => Promise<T>;

/**
 * One step at a time, for state that has one owner. A step that fails is its caller's concern; the next one has its turn
 * all the same. An empty step resolves when everything asked for before it is over. A chain of promises, since each turn has
 * one value and one caller who waits for it.
 */
export function serial(): Serial {
  let turn: Promise<unknown> = Promise.resolve();
  return (step) => {
    const next = turn.then(step);
    turn = next.catch(() => undefined);
    return next;
  };
}
