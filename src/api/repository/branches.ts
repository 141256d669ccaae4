import { isValidRefName } from '../../git/ref-name.ts';
import { branchesMergedInto, branchHead, listBranches, type Ref, resolve } from '../../git/refs.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { keysetAnswer, PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, noContent, route } from '../route.ts';
import { matcherOf } from './name-search.ts';
import { afterToken, TOKEN_PAGE_INPUT } from './token-page.ts';
import { branchView, refuseIfCommitted } from './views.ts';
import { moveForCaller } from './write.ts';

const id = { type: 'string', required: true } as const;
const one = { id, branch: id } as const;
const given = { type: 'string', required: true, notBlank: true } as const;
const BRANCHES = '/api/v4/projects/:id/repository/branches';
const READ = { by: 'user', anonymous: true } as const;

const ORDERS = { name_asc: 'name', updated_asc: 'date', updated_desc: '-date' } as const;

/** Branches of a project (rest-resources 4.1). */
export const listBranchesRoute = route({
  method: 'GET',
  path: BRANCHES,
  access: READ,
  input: {
    id,
    ...PAGE_INPUT,
    search: { type: 'string' },
    regex: { type: 'string' },
    sort: { type: 'string', values: ['name_asc', 'updated_asc', 'updated_desc'], default: 'name_asc' },
    ...TOKEN_PAGE_INPUT,
  },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'download_code');
    const { search, regex, sort } = call.params;
    const matches = matcherOf(search, regex);
    const all = await listBranches(call.rooms.repositories, found.project.id, ORDERS[sort]);
    const wanted = all.filter(({ name }) => matches(name));
    if (call.params.pagination === 'keyset') {
      const { shown, next } = afterToken(wanted, ({ name }) => name, call.params);
      return keysetAnswer(call, await branchViews(call, found, shown), next);
    }
    const page = pageOf(call.params);
    const shown = wanted.slice(page.offset, page.offset + page.perPage);
    return pageAnswer(call, page, await branchViews(call, found, shown), wanted.length);
  },
});

export const showBranchRoute = route({
  method: 'GET',
  path: `${BRANCHES}/:branch`,
  access: READ,
  input: one,
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'download_code');
    return json(await branchNamed(call, found, call.params.branch));
  },
});

export const hasBranchRoute = route({
  method: 'HEAD',
  path: `${BRANCHES}/:branch`,
  access: READ,
  input: one,
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'download_code');
    const head = await branchHead(call.rooms.repositories, project.id, call.params.branch);
    if (head === null) throw refuse.notFound('Branch');
    return noContent;
  },
});

export const createBranchRoute = route({
  method: 'POST',
  path: BRANCHES,
  access: { by: 'user' },
  input: { id, branch: given, ref: given },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'push_code');
    const { branch, ref } = call.params;
    const { repositories } = call.rooms;
    if (!isValidRefName(branch)) throw refuse.badRequestText(`Branch name is invalid`);
    if ((await branchHead(repositories, found.project.id, branch)) !== null) {
      throw refuse.badRequestText('Branch already exists');
    }
    const newSha = await resolve(repositories, found.project.id, ref);
    if (newSha === null) throw refuse.badRequestText(`Invalid reference name: ${ref}`);
    await moveForCaller(call, found, { ref: `refs/heads/${branch}`, oldSha: null, newSha });
    return json(await branchNamed(call, found, branch), 201);
  },
});

export const deleteBranchRoute = route({
  method: 'DELETE',
  path: `${BRANCHES}/:branch`,
  access: { by: 'user' },
  input: one,
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'push_code');
    const { branch } = call.params;
    const oldSha = await branchHead(call.rooms.repositories, found.project.id, branch);
    if (oldSha === null) throw refuse.notFound('Branch');
    await refuseIfCommitted(call, found, oldSha);
    await moveForCaller(call, found, { ref: `refs/heads/${branch}`, oldSha, newSha: null });
    return noContent;
  },
});

/** The entity of a branch as the caller sees it. Throws `Refused` 404 when there is none. */
export async function branchNamed(call: Call, found: Found, name: string) {
  const sha = await branchHead(call.rooms.repositories, found.project.id, name);
  if (sha === null) throw refuse.notFound('Branch');
  const ref: Ref = { name, objectSha: sha, commitSha: sha, message: null, taggedAt: null };
  return (await branchViews(call, found, [ref]))[0];
}

async function branchViews(call: Call, found: Found, refs: readonly Ref[]) {
  const { project } = found;
  const { db, repositories } = call.rooms;
  const protection = await protectionOf(db.read, project.id);
  const main = await branchHead(repositories, project.id, project.defaultBranch ?? '');
  const merged = main === null ? new Set<string>() : await branchesMergedInto(repositories, project.id, main);
  return Promise.all(refs.map((ref) => branchView(call, found, ref, { protection, merged })));
}
