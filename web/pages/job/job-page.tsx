import './job.css';

import { useChanges } from '../../api/events.ts';
import type { Job, JobSurroundings, Waiting } from '../../api/jobs.ts';
import { useReading } from '../../api/reading.ts';
import { failureAdvice, failureWords } from '../../failure-reason.ts';
import { LogView } from '../../log-view/log-view.tsx';
import { go, type PageProps } from '../../router.ts';
import { useBreadcrumbs } from '../../shell/breadcrumbs.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Icon } from '../../shell/icon.tsx';
import { useKeys } from '../../shell/keyboard.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { ProblemNote } from '../../shell/problem.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { isOver, Status, shownStatus } from '../../status.tsx';
import NotFoundPage from '../not-found/not-found-page.tsx';
import { JobActions } from './job-actions.tsx';
import { JobFacts } from './job-facts.tsx';
import { JobWaiting } from './job-waiting.tsx';

/** One job: its log, why it waits or failed, what is known of it, and what can be done. */
export default function JobPage({ params }: PageProps) {
  const project = useProject();
  const id = Number(params.job);
  const path = projectApi(project, `/jobs/${id}`);
  const { value: job, problem, reload } = useReading<Job>(path);
  const {
    value: about,
    problem: unknownAbout,
    reload: reloadAbout,
  } = useReading<JobSurroundings>(`${path}/surroundings`);
  const waits = job !== undefined && job.started_at === null && !isOver(job.status);
  const mayAsk = about?.abilities.includes('read_waiting') === true;
  const { value: waiting, reload: reloadWaiting } = useReading<Waiting>(
    waits && mayAsk ? `${path}/waiting` : null,
  );
  const again = () => {
    reload();
    reloadAbout();
    if (waits) reloadWaiting();
  };
  useChanges((change) => {
    const mine = change === null || change.job_id === id;
    if (mine || (waits && (change.kind === 'queue' || change.project_id === project.id))) again();
    // What it needs, and its neighbours.
    else if (change.pipeline_id === job?.pipeline.id) reloadAbout();
  });
  usePageTitle(
    job === undefined ? [`Job #${id}`] : [job.name, `#${id}`, project.path_with_namespace],
    shownOf(job),
  );
  useBreadcrumbs(
    job === undefined
      ? []
      : [
          {
            text: `Pipeline #${job.pipeline.id}`,
            address: projectAddress(project, `pipelines/${job.pipeline.id}`),
          },
          { text: job.name, address: projectAddress(project, `jobs/${id}`) },
        ],
  );
  if (problem?.status === 404) return <NotFoundPage params={{}} />;
  if (problem !== null && job === undefined) return <ProblemNote problem={problem} onRetry={reload} />;
  if (unknownAbout !== null && about === undefined) {
    return <ProblemNote problem={unknownAbout} onRetry={reloadAbout} />;
  }
  if (job === undefined || about === undefined) return null;
  return (
    <div class="job-page">
      <Head job={job} about={about} onDone={again} />
      <div class="job-main">
        <Notes job={job} about={about} waiting={waits ? waiting : undefined} />
        {about.abilities.includes('read_trace') ? (
          <Log job={job} key={`${job.id} ${job.erased_at}`} />
        ) : (
          <EmptyState title="This log is not for everybody">
            <p>The job printed its environment (CI_DEBUG_TRACE). Developers of the project may read it.</p>
          </EmptyState>
        )}
      </div>
      <aside class="job-side" aria-label="About this job">
        <JobFacts job={job} about={about} onDone={again} />
      </aside>
    </div>
  );
}

function shownOf(job: Job | undefined): string | null {
  return job === undefined ? null : shownStatus(job.status, job.allow_failure);
}

function Head({ job, about, onDone }: { job: Job; about: JobSurroundings; onDone(): void }) {
  const project = useProject();
  const { previous, next } = about;
  const addressOf = (other: { id: number }) => projectAddress(project, `jobs/${other.id}`);
  useKeys('This stage', [
    ...(previous === null ? [] : [{ keys: '[', text: 'Previous job', run: () => go(addressOf(previous)) }]),
    ...(next === null ? [] : [{ keys: ']', text: 'Next job', run: () => go(addressOf(next)) }]),
  ]);
  return (
    <div class="page-head">
      <Status status={job.status} allowFailure={job.allow_failure} />
      <h1>{job.name}</h1>
      <p class="muted">
        #{job.id} in{' '}
        <a href={projectAddress(project, `pipelines/${job.pipeline.id}`)}>pipeline #{job.pipeline.id}</a>,
        stage {job.stage}
      </p>
      {about.attempts[0] !== undefined && about.attempts[0].id !== job.id ? (
        <p>
          <a href={addressOf(about.attempts[0])}>There is a newer attempt</a>
        </p>
      ) : null}
      <div class="actions">
        <JobActions job={job} about={about} onDone={onDone} />
        {previous === null && next === null ? null : (
          <nav class="neighbours" aria-label="Jobs of the stage">
            <Neighbour job={previous} title="Previous job of the stage" icon="up" />
            <Neighbour job={next} title="Next job of the stage" icon="down" />
          </nav>
        )}
      </div>
    </div>
  );
}

function Neighbour({
  job,
  title,
  icon,
}: {
  job: JobSurroundings['next'];
  title: string;
  icon: 'up' | 'down';
}) {
  const project = useProject();
  if (job === null) return null;
  const label = `${title}: ${job.name}`;
  return (
    <a
      class="button quiet icon-only"
      href={projectAddress(project, `jobs/${job.id}`)}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} />
    </a>
  );
}

/** Why it failed, or why it waits. */
function Notes({ job, about, waiting }: { job: Job; about: JobSurroundings; waiting: Waiting | undefined }) {
  const reason = job.status === 'failed' ? (job.failure_reason ?? 'unknown_failure') : null;
  const code =
    reason === 'script_failure' && about.exit_code !== null ? ` with exit code ${about.exit_code}` : '';
  return (
    <>
      {reason === null ? null : (
        <div class={`job-failure ${job.allow_failure ? 'is-allowed' : ''}`}>
          <Icon name="warning" />
          <p>
            <strong>
              {failureWords(reason)}
              {code}.
            </strong>{' '}
            {failureAdvice(reason)}
            {job.allow_failure ? ' The pipeline goes on: it may fail.' : ''}
          </p>
        </div>
      )}
      {waiting === undefined ? null : <JobWaiting waiting={waiting} />}
    </>
  );
}

function Log({ job }: { job: Job }) {
  const project = useProject();
  const over = isOver(job.status);
  return (
    <LogView
      job={{
        projectId: project.id,
        id: job.id,
        name: job.name,
        over,
        failed: job.status === 'failed',
        startedAt: job.started_at === null ? null : Date.parse(job.started_at),
      }}
      raw={projectAddress(project, `jobs/${job.id}/raw`)}
      download={{
        address: `/api/v4${projectApi(project, `/jobs/${job.id}/trace`)}`,
        filename: `${job.name.replace(/[^\w.-]+/g, '_')}-${job.id}.log`,
      }}
      empty={
        <p class="log-note">
          {job.erased_at !== null
            ? 'The log was erased.'
            : over
              ? 'This job printed nothing.'
              : job.started_at === null
                ? 'The log begins when the job starts.'
                : 'Nothing is printed yet.'}
        </p>
      }
    />
  );
}
