import type { AliasableExpression } from 'kysely';
import type { Reading } from './transaction.ts';

/** Totals are not counted beyond this: answers leave them out then (jobs-api 2.1). */
export const COUNT_LIMIT = 10_001;

/** How many rows a select gives. Give it a limit: counting ends there, however long the history is. */
export async function countRows<Row>(reading: Reading, select: AliasableExpression<Row>): Promise<number> {
  const { total } = await reading.sql
    .selectFrom(select.as('counted'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return Number(total);
}
