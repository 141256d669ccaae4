import type { Problem } from '../../api/client.ts';
import { ProblemNote } from '../../shell/problem.tsx';
import { goToLine } from './code-field.tsx';
import type { Lint } from './lint.ts';

/** What is wrong, line by line; or the jobs that a pipeline would have. */
export function LintResult({
  lint,
  problem,
  isCurrent,
  file,
}: {
  lint: Lint | null;
  problem: Problem | null;
  isCurrent: boolean;
  file: string;
}) {
  if (problem !== null) return <ProblemNote problem={problem} />;
  if (lint === null) return <p class="muted">Checking…</p>;
  const jobs = lint.jobs ?? [];
  return (
    <div class="lint-result" aria-busy={!isCurrent}>
      <p role="status">
        <span class={`pill ${lint.valid ? 'tone-good' : 'tone-bad'}`}>
          {lint.valid ? 'valid' : 'not valid'}
        </span>{' '}
        <span class="muted">
          {lint.valid
            ? jobs.length === 0
              ? 'A pipeline now would have no job.'
              : `A pipeline now would have ${jobs.length} job${jobs.length === 1 ? '' : 's'}.`
            : 'No pipeline would start.'}
        </span>
      </p>
      {lint.messages.length === 0 ? null : (
        <ul class="lint-messages">
          {lint.messages.map((message, index) => (
            <li key={index} class={message.severity}>
              <span class={`pill ${message.severity === 'error' ? 'tone-bad' : 'tone-warn'}`}>
                {message.severity}
              </span>
              <span>{message.message}</span>
              {message.line === null ? null : message.file === null || message.file === file ? (
                <button type="button" class="small" onClick={() => goToLine(message.line!)}>
                  line {message.line}
                </button>
              ) : (
                <span class="muted small">
                  {message.file}:{message.line}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <Stages jobs={jobs} />
      {lint.merged_yaml ? (
        <details>
          <summary>With everything included and extended</summary>
          <pre class="merged">{lint.merged_yaml}</pre>
        </details>
      ) : null}
    </div>
  );
}

function Stages({ jobs }: { jobs: NonNullable<Lint['jobs']> }) {
  const stages = new Map<string, typeof jobs>();
  for (const job of jobs) stages.set(job.stage, [...(stages.get(job.stage) ?? []), job]);
  if (stages.size === 0) return null;
  return (
    <ol class="lint-stages">
      {[...stages].map(([stage, members]) => (
        <li key={stage}>
          <h2 class="small">{stage}</h2>
          <ul>
            {members.map((job) => (
              <li key={job.name}>
                {job.name}{' '}
                {job.when === 'on_success' ? null : <span class="pill">{job.when.replaceAll('_', ' ')}</span>}{' '}
                {job.allow_failure ? <span class="pill tone-warn">may fail</span> : null}{' '}
                {job.tag_list.map((tag) => (
                  <span key={tag} class="pill">
                    {tag}
                  </span>
                ))}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
