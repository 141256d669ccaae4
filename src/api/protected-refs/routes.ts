import { changeProtectedRef, protectRef, unprotectRef } from '../../project/protect-ref.ts';
import { type ProtectedRef, protectionOf } from '../../project/protected-ref.ts';
import { refuseIfChanged } from '../conditional.ts';
import { protectedBranch, protectedTag } from '../entities/protected-ref.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { slicePage } from '../projects/people.ts';
import { type Call, json, noContent, type Route, route } from '../route.ts';
import { branchProtectionRoutes } from './aliases.ts';

const ID = { type: 'string', required: true } as const;
const NAME = { type: 'string', required: true, notBlank: true } as const;
const LEVEL = { type: 'integer', values: [0, 30, 40, 60] } as const;
const GRANTS = {
  type: 'object-list',
  of: {
    access_level: LEVEL,
    user_id: { type: 'integer' },
    group_id: { type: 'integer' },
    deploy_key_id: { type: 'integer' },
    id: { type: 'integer' },
    _destroy: { type: 'boolean' },
  },
} as const;

type Kind = ProtectedRef['kind'];
type RefCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'path' | 'request' | 'baseUrl'>;

const entityOf = (ref: ProtectedRef) => (ref.kind === 'branch' ? protectedBranch(ref) : protectedTag(ref));
const word = (kind: Kind) => (kind === 'branch' ? 'protected_branches' : 'protected_tags');

/** The project for a maintainer, with its protected refs of one kind (rest-resources 4.2). */
async function refsOf(call: RefCall, id: string, kind: Kind) {
  const { project } = await requireProject(call, id, 'admin_protected_refs');
  const refs = (await protectionOf(call.rooms.db.read, project.id)).filter((ref) => ref.kind === kind);
  return { project, refs };
}

async function findRef(call: RefCall, id: string, kind: Kind, name: string) {
  const { project, refs } = await refsOf(call, id, kind);
  const ref = refs.find((one) => one.name === name);
  if (ref === undefined) throw refuse.recordNotFound();
  return { project, ref };
}

function listRoute(kind: Kind): Route {
  return route({
    method: 'GET',
    path: `/api/v4/projects/:id/${word(kind)}`,
    access: { by: 'user' },
    input: { ...PAGE_INPUT, id: ID, search: { type: 'string' } },
    async handle(call) {
      const { refs } = await refsOf(call, call.params.id, kind);
      const search = (call.params.search ?? '').toLowerCase();
      return slicePage(call, refs.filter(({ name }) => name.toLowerCase().includes(search)).map(entityOf));
    },
  });
}

function showRoute(kind: Kind): Route {
  return route({
    method: 'GET',
    path: `/api/v4/projects/:id/${word(kind)}/:name`,
    access: { by: 'user' },
    input: { id: ID, name: NAME },
    async handle(call) {
      const { ref } = await findRef(call, call.params.id, kind, call.params.name);
      return json(entityOf(ref));
    },
  });
}

function deleteRoute(kind: Kind): Route {
  return route({
    method: 'DELETE',
    path: `/api/v4/projects/:id/${word(kind)}/:name`,
    access: { by: 'user' },
    input: { id: ID, name: NAME },
    async handle(call) {
      const { ref } = await findRef(call, call.params.id, kind, call.params.name);
      refuseIfChanged(call, ref.updatedAt);
      await call.rooms.db.transaction((tx) => unprotectRef(tx, ref.id));
      return noContent;
    },
  });
}

/** Makes the rule, unless the name has one already. */
async function protect(
  call: RefCall,
  id: string,
  ref: Pick<ProtectedRef, 'kind' | 'name' | 'allowForcePush'>,
  access: Parameters<typeof protectRef>[3],
) {
  const { project, refs } = await refsOf(call, id, ref.kind);
  if (refs.some(({ name }) => name === ref.name)) {
    throw refuse.conflict(`Protected ${ref.kind} '${ref.name}' already exists`);
  }
  const made = await call.rooms.db.transaction((tx) => protectRef(tx, project.id, ref, access, call.now));
  return json(entityOf(made), 201);
}

const createBranchRoute = route({
  method: 'POST',
  path: '/api/v4/projects/:id/protected_branches',
  access: { by: 'user' },
  input: {
    id: ID,
    name: NAME,
    push_access_level: LEVEL,
    merge_access_level: LEVEL,
    unprotect_access_level: LEVEL,
    allow_force_push: { type: 'boolean', default: false },
    allowed_to_push: GRANTS,
    allowed_to_merge: GRANTS,
    allowed_to_unprotect: GRANTS,
  },
  handle: ({ params, ...call }) =>
    protect(
      call,
      params.id,
      { kind: 'branch', name: params.name, allowForcePush: params.allow_force_push },
      {
        push: levelsOf(params.push_access_level, params.allowed_to_push),
        merge: levelsOf(params.merge_access_level, params.allowed_to_merge),
      },
    ),
});

const createTagRoute = route({
  method: 'POST',
  path: '/api/v4/projects/:id/protected_tags',
  access: { by: 'user' },
  input: { id: ID, name: NAME, create_access_level: LEVEL, allowed_to_create: GRANTS },
  handle: ({ params, ...call }) =>
    protect(
      call,
      params.id,
      { kind: 'tag', name: params.name, allowForcePush: false },
      { create: levelsOf(params.create_access_level, params.allowed_to_create) },
    ),
});

const changeBranchRoute = route({
  method: 'PATCH',
  path: '/api/v4/projects/:id/protected_branches/:name',
  access: { by: 'user' },
  input: {
    id: ID,
    name: NAME,
    allow_force_push: { type: 'boolean' },
    allowed_to_push: GRANTS,
    allowed_to_merge: GRANTS,
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, ref } = await findRef(call, params.id, 'branch', params.name);
    const changes = {
      ...(params.allow_force_push === undefined ? {} : { allowForcePush: params.allow_force_push }),
      push: changedLevels(ref, 'push', params.allowed_to_push),
      merge: changedLevels(ref, 'merge', params.allowed_to_merge),
    };
    const changed = await rooms.db.transaction((tx) => changeProtectedRef(tx, project.id, ref, changes, now));
    return json(entityOf(changed));
  },
});

type Grants = {
  access_level?: number | undefined;
  id?: number | undefined;
  _destroy?: boolean | undefined;
}[];

/** Levels of a new rule: what was listed, else the single level, else maintainers. Users and keys are not ours to name. */
function levelsOf(level: number | undefined, grants: Grants | undefined): number[] {
  const listed = (grants ?? []).flatMap(({ access_level }) => access_level ?? []);
  if (level !== undefined) listed.unshift(level);
  return listed.length === 0 ? [40] : [...new Set(listed)];
}

/** Levels after additions and removals by id; undefined when nothing was said. */
function changedLevels(
  ref: ProtectedRef,
  action: 'push' | 'merge',
  grants: Grants | undefined,
): number[] | undefined {
  if (grants === undefined) return undefined;
  const gone = new Set(grants.flatMap((grant) => (grant._destroy ? (grant.id ?? []) : [])));
  const kept = ref.access.filter((access) => access.action === action && !gone.has(access.id));
  const added = grants.flatMap((grant) => (grant._destroy ? [] : (grant.access_level ?? [])));
  return [...new Set([...kept.map(({ level }) => level), ...added])];
}

export const protectedRefRoutes: readonly Route[] = [
  ...branchProtectionRoutes,
  listRoute('branch'),
  showRoute('branch'),
  createBranchRoute,
  changeBranchRoute,
  deleteRoute('branch'),
  listRoute('tag'),
  showRoute('tag'),
  createTagRoute,
  deleteRoute('tag'),
];
