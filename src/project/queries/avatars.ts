import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const find = statement<{ content_type: string; bytes: Uint8Array }>(
  'select content_type, bytes from avatars where owner_type = ? and owner_id = ?',
);
const put = statement(
  `insert into avatars (owner_type, owner_id, content_type, bytes) values (?, ?, ?, ?)
   on conflict (owner_type, owner_id) do update set content_type = excluded.content_type, bytes = excluded.bytes`,
);
const remove = statement('delete from avatars where owner_type = ? and owner_id = ?');

export async function avatarRow(reading: Reading, ownerType: string, ownerId: number) {
  return (await find(reading, ownerType, ownerId))[0];
}

export async function putAvatar(
  tx: Tx,
  ownerType: string,
  ownerId: number,
  avatar: { contentType: string; bytes: Uint8Array },
): Promise<void> {
  await put(tx, ownerType, ownerId, avatar.contentType, avatar.bytes);
}

export async function deleteAvatar(tx: Tx, ownerType: string, ownerId: number): Promise<void> {
  await remove(tx, ownerType, ownerId);
}
