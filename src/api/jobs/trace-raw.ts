import { UNTRUSTED } from '../artifact-files.ts';
import { route } from '../route.ts';
import { requireTrace } from './trace.ts';

/** GET /<path of the project>/-/jobs/<id>/raw: the whole log as plain text in the browser (security WEB-4). */
export const showRawTrace = route({
  method: 'GET',
  path: '/*project/-/jobs/:job_id/raw',
  access: { by: 'user' },
  input: { project: { type: 'string', required: true }, job_id: { type: 'integer', required: true } },
  async handle(call) {
    const { view } = await requireTrace(call, call.params.project, call.params.job_id);
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'inline',
      'content-length': String(view?.size ?? 0),
      'cache-control': 'no-store',
      ...UNTRUSTED,
    };
    return { status: 200, headers, body: view?.stream() ?? '' };
  },
});
