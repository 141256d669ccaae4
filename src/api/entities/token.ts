import { type AccessToken, isActive } from '../../project/access-token.ts';
import { isoTime } from './time.ts';

/** A token without its secret; `secret` is shown once, when it was just made (rest-resources 2.4, 2.5). */
export function tokenEntity(token: AccessToken, now: number, secret?: string) {
  return {
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: isoTime(token.createdAt),
    description: token.description,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: isoTime(token.lastUsedAt),
    active: isActive(token, now),
    expires_at: token.expiresAt,
    ...kindKeys(token),
    ...(secret === undefined ? {} : { token: secret }),
  };
}

function kindKeys(token: AccessToken) {
  switch (token.kind) {
    case 'personal':
      return {};
    case 'impersonation':
      return { impersonation: true };
    case 'project':
    case 'group':
      return {
        access_level: token.accessLevel,
        resource_type: token.kind,
        resource_id: token.resourceId,
      };
  }
}
