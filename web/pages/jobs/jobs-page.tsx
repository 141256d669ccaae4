import '../pipeline/job-list.css';
import './jobs.css';
import type { jobEntity } from '../../../src/api/entities/job.ts';
import { useChanges } from '../../api/events.ts';
import { useReading } from '../../api/reading.ts';
import { failureWords } from '../../failure-reason.ts';
import { type PageProps, query, setQuery } from '../../router.ts';
import { RefName } from '../../shell/commit-line.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { useQueryField } from '../../shell/field-state.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { ProblemNote } from '../../shell/problem.tsx';
import { type Project, projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { SearchField } from '../../shell/search-field.tsx';
import { SkeletonRows } from '../../shell/skeleton.tsx';
import { Status } from '../../status.tsx';
import { Duration, Time } from '../../time.tsx';

type Job = ReturnType<typeof jobEntity>;

/** Statuses by what people ask for. */
const SCOPES: readonly (readonly [scope: string, words: string, statuses: readonly string[]])[] = [
  ['', 'All', []],
  ['waiting', 'Waiting', ['pending', 'waiting_for_resource', 'preparing', 'scheduled']],
  ['running', 'Running', ['running', 'canceling']],
  ['failed', 'Failed', ['failed']],
  ['success', 'Passed', ['success']],
  ['manual', 'Manual', ['manual']],
  ['canceled', 'Canceled', ['canceled', 'skipped']],
];

/** Jobs in one page of the list. */
const PER_PAGE = 50;

/** A project's jobs, newest first, of all its pipelines; scope and name are in the address. */
export default function JobsPage(_: PageProps) {
  const project = useProject();
  const [name, setName] = useQueryField('name');
  const scope = query.value.get('scope') ?? '';
  const { value, paging, problem, reload, change } = useReading<Job[]>(projectApi(project, '/jobs'), {
    pagination: 'keyset',
    per_page: PER_PAGE,
    scope: SCOPES.find(([known]) => known === scope)?.[2] ?? [],
    name: query.value.get('name'),
    cursor: query.value.get('cursor'),
  });
  usePageTitle(['Jobs', project.path_with_namespace]);
  useChanges((changed) => {
    if (changed === null) return reload();
    if (changed.project_id !== project.id || changed.kind !== 'job') return;
    change((jobs) =>
      jobs.map((job) => (job.id === changed.job_id ? { ...job, status: changed.status } : job)),
    );
    if (query.value.get('cursor') === null) reload();
  });
  const filtered = name !== '' || scope !== '';
  return (
    <>
      <div class="page-head">
        <h1>Jobs</h1>
        <search class="filters">
          <fieldset class="segments" aria-label="Status">
            {SCOPES.map(([known, words]) => (
              <button
                key={known}
                type="button"
                aria-pressed={scope === known}
                onClick={() => setQuery({ scope: known, cursor: null })}
              >
                {words}
              </button>
            ))}
          </fieldset>
          <SearchField
            label="Part of the job's name"
            placeholder="Part of the name"
            value={name}
            onInput={setName}
          />
        </search>
      </div>
      {problem !== null ? <ProblemNote problem={problem} onRetry={reload} /> : null}
      {value === undefined && problem === null ? <SkeletonRows /> : null}
      {value?.length === 0 ? (
        <EmptyState title={filtered ? 'No job matches' : 'No job yet'}>
          <p>
            {filtered
              ? 'Choose another status, or another part of a name.'
              : 'Jobs stand here as soon as the first pipeline has some.'}
          </p>
        </EmptyState>
      ) : null}
      {value !== undefined && value.length > 0 ? (
        <div class="job-list-frame">
          <ul class="job-rows jobs">
            {value.map((job) => (
              <JobRow key={job.id} job={job} project={project} />
            ))}
          </ul>
        </div>
      ) : null}
      <nav class="pagination" aria-label="Pages">
        {query.value.get('cursor') === null ? null : (
          <button type="button" onClick={() => setQuery({ cursor: null })}>
            Newest
          </button>
        )}
        {paging?.next == null ? null : (
          <button type="button" onClick={() => setQuery({ cursor: paging.next?.get('cursor') ?? null })}>
            {name !== '' && (value?.length ?? 0) < PER_PAGE ? 'Search older jobs' : 'Older'}
          </button>
        )}
      </nav>
    </>
  );
}

function JobRow({ job, project }: { job: Job; project: Project }) {
  const { failure_reason: reason } = job as { failure_reason?: string };
  return (
    <li class="job-list-row">
      <Status status={job.status} allowFailure={job.allow_failure} />
      <span class="job-name clip">
        <a data-row href={projectAddress(project, `jobs/${job.id}`)}>
          {job.name}
        </a>
        <span class="muted small">{reason === undefined ? job.stage : failureWords(reason)}</span>
      </span>
      <a class="muted number" href={projectAddress(project, `pipelines/${job.pipeline.id}`)}>
        #{job.pipeline.id}
      </a>
      <span class="muted small clip wide-only">
        <RefName name={job.ref} tag={job.tag} />
      </span>
      <span class="muted small clip wide-only">{job.runner?.description ?? ''}</span>
      <Time at={job.started_at ?? job.created_at} />
      <span class="job-seconds">
        <Duration start={job.started_at} end={job.finished_at} />
      </span>
    </li>
  );
}
