import type { Member } from '../../project/member.ts';
import type { User } from '../../project/user.ts';
import { isoTime } from './time.ts';
import { userBasic } from './user.ts';

/** A member of a project or group (rest-resources 3.2). */
export function memberEntity(member: Member, user: User, createdBy: User | null, baseUrl: string) {
  return {
    ...userBasic(user, baseUrl),
    access_level: member.accessLevel,
    created_at: isoTime(member.createdAt),
    ...(createdBy === null ? {} : { created_by: userBasic(createdBy, baseUrl) }),
    expires_at: member.expiresAt,
    membership_state: 'active',
  };
}
