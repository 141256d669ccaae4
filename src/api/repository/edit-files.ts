import { isTreePath } from '../../git/blob.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { type Call, json, noContent, route } from '../route.ts';
import { type CheckedAction, commitToBranch } from './commit-to-branch.ts';
import { contentOf } from './content.ts';
import { FILE } from './files.ts';

const text = { type: 'string' } as const;
const required = { type: 'string', required: true } as const;
const given = { ...required, notBlank: true } as const;
const commitInput = {
  id: required,
  file_path: required,
  branch: given,
  commit_message: given,
  start_branch: text,
  start_sha: text,
  author_email: text,
  author_name: text,
  last_commit_id: text,
} as const;
const contentInput = {
  ...commitInput,
  content: required,
  encoding: { type: 'string', values: ['text', 'base64'], default: 'text' },
  execute_filemode: { type: 'boolean' },
} as const;

/** One file changed by one commit (rest-resources 4.4): made, changed, removed. */
const write = (method: 'POST' | 'PUT', action: 'create' | 'update', status: number) =>
  route({
    method,
    path: FILE,
    access: { by: 'user' },
    input: contentInput,
    async handle(call) {
      const { params } = call;
      await commit(call, {
        action,
        path: params.file_path,
        content: contentOf(params.content, params.encoding),
        executable: params.execute_filemode,
        lastCommitId: params.last_commit_id,
      });
      return json({ file_path: params.file_path, branch: params.branch }, status);
    },
  });

export const createFileRoute = write('POST', 'create', 201);
export const updateFileRoute = write('PUT', 'update', 200);

export const deleteFileRoute = route({
  method: 'DELETE',
  path: FILE,
  access: { by: 'user' },
  input: commitInput,
  async handle(call) {
    const { file_path: path, last_commit_id: lastCommitId } = call.params;
    await commit(call, { action: 'delete', path, lastCommitId });
    return noContent;
  },
});

interface CommitParams {
  id: string;
  branch: string;
  commit_message: string;
  start_branch: string | undefined;
  start_sha: string | undefined;
  author_name: string | undefined;
  author_email: string | undefined;
}

async function commit(call: Call<CommitParams>, action: CheckedAction): Promise<void> {
  const { params } = call;
  const found = await requireProject(call, params.id, 'push_code');
  if (!isTreePath(action.path)) throw refuse.invalidParameters(['file_path should be a valid file path']);
  await commitToBranch(call, found, {
    branch: params.branch,
    startBranch: params.start_branch,
    startSha: params.start_sha,
    message: params.commit_message,
    actions: [action],
    authorName: params.author_name,
    authorEmail: params.author_email,
  });
}
