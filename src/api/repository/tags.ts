import { isValidRefName } from '../../git/ref-name.ts';
import { listTags, type RefOrder, readRef, resolve } from '../../git/refs.ts';
import { writeTag } from '../../git/write-tag.ts';
import { userOf } from '../../project/caller.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, noContent, route } from '../route.ts';
import { matcherOf } from './name-search.ts';
import { refuseIfCommitted, tagView } from './views.ts';
import { moveForCaller } from './write.ts';

const id = { type: 'string', required: true } as const;
const TAGS = '/api/v4/projects/:id/repository/tags';
const READ = { by: 'user', anonymous: true } as const;
const ORDERS = { name: 'name', updated: 'date', version: 'version' } as const;

/** Tags of a project (rest-resources 4.1). */
export const listTagsRoute = route({
  method: 'GET',
  path: TAGS,
  access: READ,
  input: {
    id,
    ...PAGE_INPUT,
    search: { type: 'string' },
    order_by: { type: 'string', values: ['name', 'updated', 'version'], default: 'updated' },
    sort: { type: 'string', values: ['asc', 'desc'], default: 'desc' },
  },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'download_code');
    const { search, order_by, sort } = call.params;
    const order: RefOrder = `${sort === 'desc' ? '-' : ''}${ORDERS[order_by]}`;
    const all = await listTags(call.rooms.repositories, found.project.id, order);
    const matches = matcherOf(search);
    const wanted = all.filter(({ name }) => matches(name));
    const page = pageOf(call.params);
    const shown = wanted.slice(page.offset, page.offset + page.perPage);
    const protection = await protectionOf(call.rooms.db.read, found.project.id);
    const items = await Promise.all(shown.map((ref) => tagView(call, found, ref, protection)));
    return pageAnswer(call, page, items, wanted.length);
  },
});

export const showTagRoute = route({
  method: 'GET',
  path: `${TAGS}/:tag_name`,
  access: READ,
  input: { id, tag_name: id },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'download_code');
    return json(await tagNamed(call, found, call.params.tag_name));
  },
});

export const createTagRoute = route({
  method: 'POST',
  path: TAGS,
  access: { by: 'user' },
  input: { id, tag_name: id, ref: id, message: { type: 'string' } },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'push_code');
    const { tag_name: name, ref, message = '' } = call.params;
    const { repositories } = call.rooms;
    const { project } = found;
    if (!isValidRefName(name)) throw refuse.badRequestText('Tag name invalid');
    if ((await oldShaOf(call, project.id, name)) !== null) {
      throw refuse.badRequestText(`Tag ${name} already exists`);
    }
    const target = await resolve(repositories, project.id, ref);
    const user = userOf(call.caller);
    if (target === null) throw refuse.badRequestText(`Target ${ref} is invalid`);
    if (user === null) throw refuse.unauthorized();
    const tag = { name, target, message, tagger: user, now: call.now };
    const newSha = message.trim() === '' ? target : await writeTag(repositories, project.id, tag);
    await moveForCaller(call, found, { ref: `refs/tags/${name}`, oldSha: null, newSha });
    return json(await tagNamed(call, found, name), 201);
  },
});

export const deleteTagRoute = route({
  method: 'DELETE',
  path: `${TAGS}/:tag_name`,
  access: { by: 'user' },
  input: { id, tag_name: id },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'push_code');
    const { tag_name: name } = call.params;
    const oldSha = await oldShaOf(call, found.project.id, name);
    if (oldSha === null) throw refuse.notFound('Tag');
    await refuseIfCommitted(call, found, oldSha);
    await moveForCaller(call, found, { ref: `refs/tags/${name}`, oldSha, newSha: null });
    return noContent;
  },
});

async function oldShaOf(call: Call, projectId: number, name: string): Promise<string | null> {
  const { repositories } = call.rooms;
  if (!isValidRefName(name) || !(await repositories.exists(projectId))) return null;
  return readRef(repositories.path(projectId), `refs/tags/${name}`);
}

async function tagNamed(call: Call, found: Found, name: string) {
  const tags = await listTags(call.rooms.repositories, found.project.id);
  const tag = tags.find((one) => one.name === name);
  if (tag === undefined) throw refuse.notFound('Tag');
  return tagView(call, found, tag, await protectionOf(call.rooms.db.read, found.project.id));
}
