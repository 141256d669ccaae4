import { type Session, sessionEndsAt } from '../../project/session.ts';
import { isoTime } from './time.ts';

/** A browser that is signed in, as its user sees it; ours, not GitLab's. */
export function sessionEntity(session: Session, currentId: number | null) {
  return {
    id: session.id,
    current: session.id === currentId,
    ip_address: session.ip,
    user_agent: session.userAgent,
    created_at: isoTime(session.createdAt),
    last_used_at: isoTime(session.lastUsedAt),
    expires_at: isoTime(sessionEndsAt(session)),
  };
}

export type SessionEntity = ReturnType<typeof sessionEntity>;
