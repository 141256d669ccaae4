import type { Tx } from '../../db/transaction.ts';
import { type Avatar, type AvatarOwner, avatarOf, storeAvatar } from '../../project/avatar.ts';
import { refuse } from '../errors.ts';
import type { UploadedFile } from '../input.ts';

/** Parameter of everything that has a picture: a file sets it, an empty value takes it away. */
export const AVATAR_INPUT = { avatar: { type: 'file', nullable: true } } as const;

/** What a request does with a picture: nothing (undefined), take it away (null), or another one. */
export type AvatarChange = Avatar | null | undefined;

/** The change that `avatar` asks for. Throws `Refused` for a file that is too large or no picture. */
export function avatarChange(given: UploadedFile | null | undefined): AvatarChange {
  if (given === undefined || given === null) return given;
  const result = avatarOf(given);
  if (!result.ok) throw refuse.invalid({ avatar: result.texts });
  return result.avatar;
}

/** What the owner's `profile` or `settings` say of it. */
export function avatarSetting(change: AvatarChange): { avatar?: string | null } {
  return change === undefined ? {} : { avatar: change?.name ?? null };
}

/** Stores the picture in the transaction that notes its name. */
export async function applyAvatar(
  tx: Tx,
  owner: AvatarOwner,
  id: number,
  change: AvatarChange,
): Promise<void> {
  if (change !== undefined) await storeAvatar(tx, owner, id, change);
}
