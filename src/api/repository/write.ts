import { moveRef } from '../../git/move-ref.ts';
import { ZERO_SHA } from '../../git/ref-name.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { refuse } from '../errors.ts';
import type { Found } from '../find-project.ts';
import { pushDeps } from '../git/push-deps.ts';
import { refAuthority } from '../git/ref-authority.ts';
import type { Call } from '../route.ts';

type WriteCall = Pick<Call, 'rooms' | 'baseUrl' | 'now' | 'caller'>;

/**
 * Moves a ref for the caller as a push would: by the same rules for protected refs, and with the same pipelines after
 * it (rest-resources 4.1). Throws `Refused`: 403 for a ref the caller may not move so, 400 when it changed meanwhile.
 */
export async function moveForCaller(
  call: WriteCall,
  { project, viewer }: Found,
  update: { ref: string; oldSha: string | null; newSha: string | null },
): Promise<void> {
  const { caller, rooms, now, baseUrl } = call;
  if (caller.kind === 'anonymous') throw refuse.unauthorized();
  const full = { ref: update.ref, oldSha: update.oldSha ?? ZERO_SHA, newSha: update.newSha ?? ZERO_SHA };
  const authority = refAuthority(viewer, await protectionOf(rooms.db.read, project.id));
  const forbidden = await authority.mayMove(full);
  if (forbidden !== null) throw refuse.forbidden(forbidden);
  const who = { projectId: project.id, userId: caller.user.id };
  const refusal = await moveRef(
    pushDeps(rooms, baseUrl, () => now),
    who,
    full,
    now,
  );
  if (refusal !== null) throw refuse.badRequestText(refusal);
}
