import { changeProtectedRef, protectRef, unprotectRef } from '../../project/protect-ref.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { type Found, requireProject } from '../find-project.ts';
import { branchNamed } from '../repository/branches.ts';
import { type Call, json, type Route, route } from '../route.ts';

const ID = { type: 'string', required: true } as const;
const BRANCH = '/api/v4/projects/:id/repository/branches/:branch';

/** Levels of a rule by what developers may do, the way before rules had levels of their own. */
const levelsFor = (developers: boolean | undefined) => (developers ? [30] : [40]);

/** PUT …/branches/:branch/protect: a rule for this branch, made or changed (rest-resources 4.2). */
const protectRoute = route({
  method: 'PUT',
  path: `${BRANCH}/protect`,
  access: { by: 'user' },
  input: {
    id: ID,
    branch: ID,
    developers_can_push: { type: 'boolean' },
    developers_can_merge: { type: 'boolean' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const found = await requireProject(call, params.id, 'admin_protected_refs');
    await branchNamed(call, found, params.branch);
    const levels = {
      push: levelsFor(params.developers_can_push),
      merge: levelsFor(params.developers_can_merge),
    };
    const ref = await ruleOf(call, found, params.branch);
    await rooms.db.transaction((tx) =>
      ref === undefined
        ? protectRef(
            tx,
            found.project.id,
            { kind: 'branch', name: params.branch, allowForcePush: false },
            levels,
            now,
          )
        : changeProtectedRef(tx, found.project.id, ref, levels, now),
    );
    return json(await branchNamed(call, found, params.branch));
  },
});

/** PUT …/branches/:branch/unprotect: without its own rule; a pattern may still hold. */
const unprotectRoute = route({
  method: 'PUT',
  path: `${BRANCH}/unprotect`,
  access: { by: 'user' },
  input: { id: ID, branch: ID },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'admin_protected_refs');
    await branchNamed(call, found, call.params.branch);
    const ref = await ruleOf(call, found, call.params.branch);
    if (ref !== undefined) await call.rooms.db.transaction((tx) => unprotectRef(tx, ref.id));
    return json(await branchNamed(call, found, call.params.branch));
  },
});

async function ruleOf(call: Pick<Call, 'rooms'>, { project }: Found, branch: string) {
  const refs = await protectionOf(call.rooms.db.read, project.id);
  return refs.find(({ kind, name }) => kind === 'branch' && name === branch);
}

export const branchProtectionRoutes: readonly Route[] = [protectRoute, unprotectRoute];
