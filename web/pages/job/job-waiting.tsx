import type { Waiting, WaitingRunner } from '../../api/jobs.ts';
import { projectAddress, useProject } from '../../shell/project.tsx';
import { StatusIcon } from '../../status.tsx';
import { Time } from '../../time.tsx';

/** Why a job has not started: what it waits for, and what keeps each runner from taking it. */
export function JobWaiting({ waiting }: { waiting: Waiting }) {
  const project = useProject();
  const { waits_for: cause, position, runners } = waiting;
  if (cause === null) return null;
  return (
    <section class="job-waiting" aria-label="Why it waits">
      <h2>{headline(waiting)}</h2>
      {cause.kind === 'time' ? (
        <p>
          It starts <Time at={cause.at} />.
        </p>
      ) : null}
      {cause.kind === 'jobs' ? (
        <ul>
          {cause.jobs.map((job) => (
            <li key={job.id}>
              <a href={projectAddress(project, `jobs/${job.id}`)}>
                <StatusIcon status={job.status} label={job.status} /> {job.name}
              </a>
            </li>
          ))}
        </ul>
      ) : null}
      {cause.kind === 'resource_group' && cause.job_id !== null ? (
        <p>
          <a href={projectAddress(project, `jobs/${cause.job_id}`)}>Job #{cause.job_id}</a> uses it now.
        </p>
      ) : null}
      {cause.kind === 'user' ? <p>Press Play when it may run.</p> : null}
      {cause.kind === 'runner' ? (
        <>
          {position === null ? null : (
            <p>{position === 1 ? 'It is the next one.' : `It is number ${position} in the line.`}</p>
          )}
          {runners.length === 0 ? (
            <p>
              There is no runner. <a href={projectAddress(project, 'runners')}>Register one</a>, or start the
              server with its built-in runner.
            </p>
          ) : (
            <ul class="job-runners">
              {runners.map((runner) => (
                <li key={runner.id}>
                  <strong>
                    {runner.description || `Runner #${runner.id}`} <span class="muted">#{runner.id}</span>
                  </strong>
                  <span>{wordsOf(runner)}</span>
                </li>
              ))}
            </ul>
          )}
        </>
      ) : null}
    </section>
  );
}

function headline({ waits_for: cause, runners }: Waiting): string {
  switch (cause?.kind) {
    case 'jobs':
      return cause.jobs.length === 1 ? 'Waits for a job' : `Waits for ${cause.jobs.length} jobs`;
    case 'resource_group':
      return `Waits for the resource ${cause.key ?? ''}`;
    case 'time':
      return 'Waits for its time';
    case 'acceptance':
      return `Given to runner #${cause.runner_id}, which has yet to begin`;
    case 'user':
      return 'Waits for somebody to start it';
    case 'server':
      return 'Waits for the server';
    default:
      return runners.some(({ obstacles }) => obstacles.length === 0)
        ? 'Waits for a runner that is free'
        : 'No runner can take it now';
  }
}

/** What keeps a runner from the job. */
function wordsOf({ obstacles, ahead }: WaitingRunner): string {
  if (obstacles.length === 0) return ahead === 0 ? 'takes it next' : `takes ${ahead} jobs before it`;
  return obstacles
    .map(({ rule, tags, status }) => OBSTACLES[rule]?.(tags ?? [], status ?? '') ?? rule)
    .join('; ');
}

const OBSTACLES: Readonly<Record<string, (tags: string[], status: string) => string>> = {
  instance_runners_disabled: () => 'the project takes no instance runners: allow them in the settings',
  group_runners_disabled: () => 'the project takes no group runners: allow them in the settings',
  not_of_this_project: () => 'works for other projects',
  paused: () => 'is paused',
  protected_refs_only: () => 'takes jobs of protected branches and tags only',
  untagged_jobs_not_taken: () => 'takes no jobs without tags',
  tags_missing: (tags) => `lacks the ${tags.length === 1 ? 'tag' : 'tags'} ${tags.join(', ')}`,
  not_online: (_, status) => (status === 'never_contacted' ? 'has never been online' : `is ${status}`),
};
