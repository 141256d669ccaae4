import { useEffect, useState } from 'preact/hooks';
import { segment } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { useRefNames } from '../../api/refs.ts';
import { type PageProps, query, setQuery } from '../../router.ts';
import { confirm } from '../../shell/dialog.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { ProblemNote } from '../../shell/problem.tsx';
import { projectApi, useProject } from '../../shell/project.tsx';
import { SkeletonRows } from '../../shell/skeleton.tsx';
import { CodeField, type Mark } from './code-field.tsx';
import { CommitForm } from './commit-form.tsx';
import { type Lint, useLint } from './lint.ts';
import { LintResult } from './lint-result.tsx';
import './editor.css';

interface File {
  content: string;
  last_commit_id: string;
}

/** What a first configuration may look like. */
const TEMPLATE = `stages: [build, test]

build:
  stage: build
  script:
    - echo "Compile here"

test:
  stage: test
  script:
    - echo "Test here"
`;

/** The configuration of a branch: edited, checked while it is written, and committed. */
export default function EditorPage(_: PageProps) {
  const project = useProject();
  usePageTitle(['Editor', project.path_with_namespace]);
  const ref = query.value.get('branch_name') ?? project.default_branch ?? 'main';
  const file = project.ci_config_path || '.gitlab-ci.yml';
  const branches = useRefNames(project, 'branches');
  const stored = useReading<File>(projectApi(project, `/repository/files/${segment(file)}`), { ref });
  if (!/^[^@:]+\.ya?ml$/.test(file)) {
    return (
      <EmptyState title="The configuration is kept elsewhere">
        <p>
          The project's CI/CD settings name <code>{file}</code>, which is not a file of this repository. Edit
          it where it is.
        </p>
      </EmptyState>
    );
  }
  const missing = stored.problem?.status === 404;
  return (
    <>
      <div class="page-head">
        <h1>Editor</h1>
        <label class="branch-choice">
          <span class="off-screen">Branch</span>
          <select
            value={ref}
            onChange={async ({ currentTarget }) => {
              const next = currentTarget.value;
              currentTarget.value = ref;
              if (await mayLeave()) setQuery({ branch_name: next });
            }}
          >
            {[...new Set([ref, ...branches])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <code class="muted">{file}</code>
      </div>
      {missing ? (
        <Editor
          key={`${ref} new`}
          branch={ref}
          file={file}
          text=""
          commit={null}
          onCommitted={stored.reload}
        />
      ) : stored.value !== undefined ? (
        <Editor
          key={`${ref} ${stored.value.last_commit_id}`}
          branch={ref}
          file={file}
          text={decoded(stored.value.content)}
          commit={stored.value.last_commit_id}
          onCommitted={stored.reload}
        />
      ) : stored.problem !== null ? (
        <ProblemNote problem={stored.problem} onRetry={stored.reload} />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

/** Whether something was written that is not committed. */
let unsaved = false;

async function mayLeave(): Promise<boolean> {
  if (!unsaved) return true;
  return await confirm({
    title: 'Leave without committing?',
    text: 'What you changed here is lost.',
    action: 'Leave',
    danger: true,
  });
}

function Editor({
  branch,
  file,
  text: stored,
  commit,
  onCommitted,
}: {
  branch: string;
  file: string;
  text: string;
  /** The commit that last changed the file; null for a new file. */
  commit: string | null;
  onCommitted(): void;
}) {
  const project = useProject();
  const [text, setText] = useState(commit === null ? TEMPLATE : stored);
  const changed = text !== stored;
  const { lint, problem, isCurrent } = useLint(projectApi(project, '/ci/lint'), text, branch);
  useEffect(() => {
    unsaved = changed && text !== TEMPLATE;
    const warn = (event: BeforeUnloadEvent) => {
      if (unsaved) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => {
      unsaved = false;
      removeEventListener('beforeunload', warn);
    };
  }, [changed, text]);
  return (
    <div class="editor">
      <div class="editor-text">
        {commit === null ? (
          <p class="muted">
            <code>{branch}</code> has no <code>{file}</code> yet. This is a beginning: change it, and commit
            it to start the first pipeline.
          </p>
        ) : null}
        <CodeField
          text={text}
          marks={marksOf(lint, file)}
          label={`${file} of ${branch}`}
          readOnly={project.archived === true}
          onChange={setText}
        />
        <CommitForm
          branch={branch}
          file={file}
          text={text}
          commit={commit}
          disabled={!changed}
          valid={lint?.valid ?? true}
          onCommitted={onCommitted}
        />
      </div>
      <section aria-label="Check" class="editor-check">
        <LintResult lint={lint} problem={problem} isCurrent={isCurrent} file={file} />
      </section>
    </div>
  );
}

function marksOf(lint: Lint | null, file: string): Mark[] {
  return (lint?.messages ?? []).flatMap(({ severity, message, line, file: place }) =>
    line === null || (place !== null && place !== file) ? [] : [{ line, severity, text: message }],
  );
}

/** The text of a base64 file of the API. */
function decoded(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
