import { resolve } from '../../git/refs.ts';
import { listTree } from '../../git/tree.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { keysetAnswer, PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { route } from '../route.ts';
import { afterToken, TOKEN_PAGE_INPUT } from './token-page.ts';

/** Files and directories at a ref (rest-resources 4.5). */
export const treeRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/repository/tree',
  access: { by: 'user', anonymous: true },
  input: {
    id: { type: 'string', required: true },
    ...PAGE_INPUT,
    path: { type: 'string', default: '' },
    ref: { type: 'string' },
    recursive: { type: 'boolean', default: false },
    ...TOKEN_PAGE_INPUT,
  },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'download_code');
    const { path, ref = '', recursive } = call.params;
    const { repositories } = call.rooms;
    const sha = await resolve(repositories, project.id, ref === '' ? 'HEAD' : ref);
    const directory = path.replace(/^\/+|\/+$/g, '');
    const entries = sha === null ? null : await listTree(repositories, project.id, sha, directory, recursive);
    if (entries === null) throw refuse.notFound(sha === null ? 'Tree' : 'invalid revision or path');
    if (call.params.pagination === 'keyset') {
      const { shown, next } = afterToken(entries, (entry) => entry.path, call.params);
      return keysetAnswer(call, shown, next);
    }
    const page = pageOf(call.params);
    return pageAnswer(call, page, entries.slice(page.offset, page.offset + page.perPage), entries.length);
  },
});
