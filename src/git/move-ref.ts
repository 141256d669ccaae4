import { carryOut, type PushDeps, type RefUpdate } from './push.ts';
import { moveRefs } from './receive-pack/move-refs.ts';

/**
 * Moves one ref for a user without a push, with everything a push leads to. Null when done, else why not: it stood
 * elsewhere than at `oldSha`, or cannot be there. `now` in milliseconds. Who may is asked before.
 */
export async function moveRef(
  deps: PushDeps,
  who: { projectId: number; userId: number },
  update: RefUpdate,
  now: number,
): Promise<string | null> {
  let refusal: string | null = null;
  const move = async (): Promise<RefUpdate[]> => {
    const { moved, failed } = await moveRefs(deps.repositories.path(who.projectId), [update], true);
    refusal = [...failed.values()][0] ?? null;
    return moved;
  };
  await carryOut(deps, { ...who, options: [], updates: [update] }, move, now);
  return refusal;
}
