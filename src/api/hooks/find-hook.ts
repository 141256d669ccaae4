import { type Hook, type HookResult, hookById, hookStatus } from '../../pipeline/hook.ts';
import type { DeliveryDeps } from '../../pipeline/hook-delivery.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { type OutboundPolicy, outboundPolicy } from '../../project/outbound.ts';
import { hookEntity } from '../entities/hook.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import type { Rooms } from '../rooms.ts';
import { type Answer, type Call, json } from '../route.ts';

/** Path parameters of every route about one hook. */
export const HOOK_INPUT = {
  id: { type: 'string', required: true },
  hook_id: { type: 'integer', required: true },
} as const;

/** A hook of a project, for its maintainers (rest-resources 10.1). */
export async function requireHook(
  call: Parameters<typeof requireProject>[0],
  params: { id: string; hook_id: number },
): Promise<Found & { hook: Hook }> {
  const found = await requireProject(call, params.id, 'admin_web_hook');
  const hook = await hookById(call.rooms.db.read, call.rooms.encryption, params.hook_id);
  if (hook?.projectId !== found.project.id) throw refuse.recordNotFound();
  return { ...found, hook };
}

/** What a hook's values are checked against, and its secrets hidden with. */
export async function hookDeps({ db, encryption }: Rooms): Promise<{
  encryption: Rooms['encryption'];
  policy: OutboundPolicy;
}> {
  return { encryption, policy: outboundPolicy(await instanceSettings(db.read)) };
}

/** The hook, or why it cannot be so. */
export function hookAnswer(result: HookResult, now: number, status: number): Answer {
  if (result.ok) return json(hookEntity(result.hook, hookStatus(result.hook, now)), status);
  switch (result.reason) {
    case 'url':
      throw refuse.unprocessableError('Invalid url given');
    case 'branch_filter':
      throw refuse.unprocessableError('Invalid branch filter given');
    case 'values':
      throw refuse.unprocessableValues(result.errors);
  }
}

/** What sends a hook's request while a client waits. */
export function deliveryDeps({ rooms, baseUrl }: Pick<Call, 'rooms' | 'baseUrl'>): DeliveryDeps {
  return { ...rooms, serverUrl: baseUrl, clock: Date.now };
}
