import type { Tx } from '../db/transaction.ts';

/** What claims of a transaction changed and `settleClaims` is to bring up to date at its end, all at once. */
export interface Unsettled {
  /** Projects whose jobs were claimed, with how many of them have begun on instance runners. */
  started: Map<number, number>;
  /** Lanes where nothing may be left. */
  ended: Set<number>;
}

const unsettledOf = new WeakMap<Tx, Unsettled>();

/** Begins to note what is left to do. */
export function noteUnsettled(tx: Tx): Unsettled {
  const known = unsettledOf.get(tx) ?? { started: new Map<number, number>(), ended: new Set<number>() };
  unsettledOf.set(tx, known);
  return known;
}

/** What has been noted; undefined in a transaction that claims nothing. */
export function unsettledIn(tx: Tx): Unsettled | undefined {
  return unsettledOf.get(tx);
}

/** Gives what has been noted, and ends it. */
export function takeUnsettled(tx: Tx): Unsettled | undefined {
  const known = unsettledOf.get(tx);
  unsettledOf.delete(tx);
  return known;
}
