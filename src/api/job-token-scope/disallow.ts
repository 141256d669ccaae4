import { admittedSince, dismiss } from '../../project/job-token-scope.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { type Answer, type Call, noContent } from '../route.ts';

/** Strikes a project or a group off the list of those whose jobs a project lets in. */
export async function disallow(
  call: Pick<Call, 'request' | 'rooms'>,
  projectId: number,
  whom: { kind: 'project' | 'group'; id: number },
): Promise<Answer> {
  const { db } = call.rooms;
  const since = await admittedSince(db.read, projectId, whom.kind, whom.id);
  if (since === null) throw refuse.recordNotFound();
  refuseIfChanged(call, since);
  await db.transaction((tx) => dismiss(tx, projectId, whom));
  return noContent;
}
