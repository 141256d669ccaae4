import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { json, route } from '../route.ts';
import { type CheckedAction, commitToBranch } from './commit-to-branch.ts';
import { commitDetail } from './commits.ts';
import { contentOf } from './content.ts';

const text = { type: 'string' } as const;
const required = { type: 'string', required: true } as const;

/** Several changes of files as one commit (rest-resources 4.3). */
export const createCommitRoute = route({
  method: 'POST',
  path: '/api/v4/projects/:id/repository/commits',
  access: { by: 'user' },
  input: {
    id: required,
    branch: { ...required, notBlank: true },
    commit_message: required,
    actions: {
      type: 'object-list',
      required: true,
      of: {
        action: { type: 'string', required: true, values: ['create', 'delete', 'move', 'update', 'chmod'] },
        file_path: required,
        previous_path: text,
        content: text,
        encoding: { type: 'string', values: ['text', 'base64'] },
        last_commit_id: text,
        execute_filemode: { type: 'boolean' },
      },
    },
    start_branch: text,
    start_sha: text,
    author_name: text,
    author_email: text,
    stats: { type: 'boolean', default: true },
  },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'push_code');
    const { params } = call;
    const actions = params.actions.map((action): CheckedAction => {
      if (action.action === 'create' && action.content === undefined) {
        throw refuse.badRequestText('A new file needs content');
      }
      return {
        action: action.action,
        path: action.file_path,
        previousPath: action.previous_path,
        content: contentOf(action.content, action.encoding),
        executable: action.execute_filemode,
        lastCommitId: action.last_commit_id,
      };
    });
    const sha = await commitToBranch(call, found, {
      branch: params.branch,
      startBranch: params.start_branch,
      startSha: params.start_sha,
      message: params.commit_message,
      actions,
      authorName: params.author_name,
      authorEmail: params.author_email,
    });
    return json(await commitDetail(call, found, sha, params.stats), 201);
  },
});
