import type { AvatarOwner } from '../../project/avatar.ts';

/** Where a picture is served, or null without one; `name` is that of the stored file. */
export function avatarUrl(owner: AvatarOwner, id: number, name: unknown, baseUrl: string): string | null {
  return typeof name === 'string' ? `${baseUrl}/uploads/-/system/${owner}/avatar/${id}/${name}` : null;
}
