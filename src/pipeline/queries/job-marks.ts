import { statement } from '../../db/statement.ts';
import type { Tx } from '../../db/transaction.ts';

const debug = statement('update jobs set debug = 1 where id = ?');
const artifactsExpiry = statement('update jobs set artifacts_expire_at = ? where id = ?');

export async function setDebug(tx: Tx, id: number): Promise<void> {
  await debug(tx, id);
}

export async function setArtifactsExpiry(tx: Tx, id: number, expireAt: number | null): Promise<void> {
  await artifactsExpiry(tx, expireAt, id);
}
