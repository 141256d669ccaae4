import { isAvailable } from '../../artifact/artifact.ts';
import { listTree, type TreeItem } from '../../artifact/tree.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { route } from '../route.ts';
import { READERS, requireReadable } from './artifacts.ts';
import { JOB_INPUT } from './find-job.ts';

/** GET …/jobs/:job_id/artifacts/tree: what is in the archive, without downloading it (jobs-api 5.5). */
export const showArtifactsTree = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/artifacts/tree',
  access: READERS,
  input: {
    ...JOB_INPUT,
    path: { type: 'string', default: '' },
    recursive: { type: 'boolean', default: false },
    ...PAGE_INPUT,
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { archive } = await requireReadable(call, params.id, params.job_id);
    if (archive === null || !isAvailable(archive, now)) throw refuse.notFound('Artifacts');
    const page = pageOf(params);
    const tree = await listTree(rooms.artifacts, archive.storeKey, {
      path: params.path,
      recursive: params.recursive,
      offset: page.offset,
      limit: page.perPage,
    });
    if (tree.ok) return pageAnswer(call, page, tree.items.map(itemEntity), tree.total);
    throw refuse.notFound(tree.reason === 'no_index' ? 'Artifacts metadata' : 'Path');
  },
});

/** In GitLab's key order; the size of files only. */
function itemEntity({ name, path, type, size, mode }: TreeItem) {
  return { name, path, type, ...(size === undefined ? {} : { size }), mode };
}
