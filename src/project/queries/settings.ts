import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const all = statement<{ name: string; value: string }>('select name, value from instance_settings');

export async function settingRows(reading: Reading): Promise<{ name: string; value: string }[]> {
  return await all(reading);
}

export async function putSetting(tx: Tx, name: string, value: string): Promise<void> {
  await tx.sql
    .insertInto('instance_settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
