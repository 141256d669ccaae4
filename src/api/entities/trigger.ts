import type { Trigger } from '../../project/trigger.ts';
import type { User } from '../../project/user.ts';
import { isoTime } from './time.ts';
import { userBasic } from './user.ts';

/** A trigger token (rest-resources 6.1); `token` is whole for its owner only. */
export function triggerEntity(trigger: Trigger, token: string, owner: User | null, baseUrl: string) {
  return {
    id: trigger.id,
    token,
    description: trigger.description,
    created_at: isoTime(trigger.createdAt),
    updated_at: isoTime(trigger.updatedAt),
    last_used: isoTime(trigger.lastUsedAt),
    expires_at: isoTime(trigger.expiresAt),
    owner: owner === null ? null : userBasic(owner, baseUrl),
  };
}
