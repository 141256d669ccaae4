import type { Reading, Tx } from '../db/transaction.ts';
import { avatarRow, deleteAvatar, putAvatar } from './queries/avatars.ts';

/** Who or what has a picture. */
export type AvatarOwner = 'user' | 'project' | 'group';

/** A picture as it was uploaded: `name` is the client's, reduced to what is safe in an address. */
export interface Avatar {
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

const MAX_BYTES = 200 * 1024;

/** Kinds of pictures by how their files begin; what a client calls them is not asked. */
const KINDS: readonly { type: string; extensions: readonly string[]; begins: (bytes: Buffer) => boolean }[] =
  [
    { type: 'image/png', extensions: ['png'], begins: startsWith('\x89PNG\r\n\x1a\n') },
    { type: 'image/jpeg', extensions: ['jpg', 'jpeg'], begins: startsWith('\xff\xd8\xff') },
    { type: 'image/gif', extensions: ['gif'], begins: startsWith('GIF8') },
    { type: 'image/bmp', extensions: ['bmp'], begins: startsWith('BM') },
    { type: 'image/tiff', extensions: ['tiff', 'tif'], begins: (b) => /^(II\*\0|MM\0\*)/.test(latin(b)) },
    { type: 'image/vnd.microsoft.icon', extensions: ['ico'], begins: startsWith('\0\0\x01\0') },
    { type: 'image/webp', extensions: ['webp'], begins: (b) => /^RIFF[\s\S]{4}WEBP/.test(latin(b)) },
  ];

/** The picture of an upload, or what is wrong with it by GitLab's texts. */
export function avatarOf(upload: {
  name: string;
  bytes: Buffer;
}): { ok: true; avatar: Avatar } | { ok: false; texts: string[] } {
  if (upload.bytes.length > MAX_BYTES)
    return { ok: false, texts: ['is too big (should be at most 200 KiB)'] };
  const extension = /\.([A-Za-z]+)$/.exec(upload.name)?.[1]?.toLowerCase() ?? '';
  const kind = KINDS.find(({ extensions, begins }) => extensions.includes(extension) && begins(upload.bytes));
  if (kind === undefined) {
    const types = KINDS.map(({ type }) => type).join(', ');
    return {
      ok: false,
      texts: [`file format is not supported. Please try one of the following supported formats: ${types}`],
    };
  }
  const name = upload.name.replace(/^.*[/\\]/s, '').replace(/[^A-Za-z0-9._+-]/g, '_');
  return { ok: true, avatar: { name, contentType: kind.type, bytes: upload.bytes } };
}

/** The stored picture, or null. Whether the caller may see its owner was asked before. */
export async function findAvatar(
  reading: Reading,
  owner: AvatarOwner,
  id: number,
): Promise<Omit<Avatar, 'name'> | null> {
  const row = await avatarRow(reading, owner, id);
  return row === undefined ? null : { contentType: row.content_type, bytes: row.bytes };
}

/**
 * Stores or, for null, removes a picture, in the transaction that notes its name where the owner's entity finds it: in
 * `profile` or `settings`.
 */
export async function storeAvatar(
  tx: Tx,
  owner: AvatarOwner,
  id: number,
  avatar: Avatar | null,
): Promise<void> {
  if (avatar === null) await deleteAvatar(tx, owner, id);
  else await putAvatar(tx, owner, id, avatar);
}

function startsWith(signs: string) {
  return (bytes: Buffer) => latin(bytes).startsWith(signs);
}

function latin(bytes: Buffer): string {
  return bytes.toString('latin1', 0, 16);
}
