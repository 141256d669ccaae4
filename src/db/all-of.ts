import type { AliasableExpression } from 'kysely';
import type { Reading } from './transaction.ts';

/**
 * Several parts of a table as one list to be put in order. Each part is in that order and no longer than what is wanted of all,
 * so it is read from its own end of an index, and a part with nothing in it costs nothing.
 */
export function allOf<Row>(reading: Reading, parts: readonly AliasableExpression<Row>[]) {
  const [first, ...others] = parts.map((part) => reading.sql.selectFrom(part.as('part')).selectAll());
  if (first === undefined) throw new Error('a list of no parts');
  const all = others.reduce((union, part) => union.unionAll(part), first);
  return reading.sql.selectFrom(all.as('parts')).selectAll();
}
