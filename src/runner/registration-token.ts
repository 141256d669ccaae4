import type { Reading, Tx } from '../db/transaction.ts';
import { digestOf, makeToken } from '../project/token.ts';
import { putRegistrationToken, registrationScope } from './queries.ts';
import type { RunnerPlace } from './register.ts';

/** Where runners go that register with this token, or null for one that nobody gave out (runner-api 1, legacy). */
export async function placeOfRegistrationToken(reading: Reading, token: string): Promise<RunnerPlace | null> {
  const scope = await registrationScope(reading, digestOf(token));
  if (scope === null) return null;
  const [kind, id] = scope.split(':');
  switch (kind) {
    case 'group':
      return { type: 'group_type', groupId: Number(id) };
    case 'project':
      return { type: 'project_type', projectId: Number(id) };
    default:
      return { type: 'instance_type' };
  }
}

/** Makes a new registration token for a place; its old one is dead with the commit. It is shown this once. */
export async function resetRegistrationToken(tx: Tx, place: RunnerPlace, now: number): Promise<string> {
  const token = makeToken('GR1348941');
  await putRegistrationToken(tx, { scope: scopeOf(place), token_digest: digestOf(token), created_at: now });
  return token;
}

function scopeOf(place: RunnerPlace): string {
  switch (place.type) {
    case 'instance_type':
      return 'instance';
    case 'group_type':
      return `group:${place.groupId}`;
    case 'project_type':
      return `project:${place.projectId}`;
  }
}
