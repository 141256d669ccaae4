import './projects.css';
import type { ComponentChildren } from 'preact';
import type { projectEntity } from '../../../src/api/entities/project.ts';
import type { Query } from '../../api/client.ts';
import { useChanges } from '../../api/events.ts';
import { type ListedPipeline, shownPipelineStatus } from '../../api/pipelines.ts';
import { useReading } from '../../api/reading.ts';
import { query } from '../../router.ts';
import { RefName } from '../../shell/commit-line.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { useQueryField } from '../../shell/field-state.ts';
import { Pagination } from '../../shell/pagination.tsx';
import { ProblemNote } from '../../shell/problem.tsx';
import { SearchField } from '../../shell/search-field.tsx';
import { SkeletonRows } from '../../shell/skeleton.tsx';
import { StageDots } from '../../shell/stage-dots.tsx';
import { viewer } from '../../shell/viewer.ts';
import { StatusIcon, statusWord } from '../../status.tsx';
import { Duration, Time } from '../../time.tsx';
import NotFoundPage from '../not-found/not-found-page.tsx';

type ListedProject = Pick<
  ReturnType<typeof projectEntity>,
  'id' | 'name' | 'path_with_namespace' | 'visibility'
> & {
  description: string | null;
  last_pipeline: ListedPipeline | null;
};

interface ListProps {
  title: string;
  /** Path of the API that lists them, and what it is asked for beside page and search. */
  path: string;
  which: Query;
  /** Beside the field that searches. */
  filters?: ComponentChildren;
  /** In place of a list without any. */
  empty: ComponentChildren;
}

/** Projects, those with news first, each with its last pipeline; searched by the address, changing while one looks. */
export function ProjectList({ title, path, which, filters, empty }: ListProps) {
  const [search, setSearch] = useQueryField('search');
  const { value, paging, problem, reload, change } = useReading<ListedProject[]>(
    viewer.value === undefined ? null : path,
    {
      ...which,
      with_last_pipeline: true,
      order_by: 'last_activity_at',
      search: query.value.get('search'),
      page: query.value.get('page'),
    },
  );
  useChanges((changed) => {
    if (changed === null || value?.length === 0) return reload();
    if (changed.kind !== 'pipeline' || !value?.some(({ id }) => id === changed.project_id)) return;
    change((projects) => projects.map((project) => withStatus(project, changed.pipeline_id, changed.status)));
    reload();
  });
  if (problem?.status === 404) return <NotFoundPage params={{}} />;
  const none = value?.length === 0;
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
        <search class="filters">
          <SearchField
            label="Search projects by name"
            placeholder="Search by name"
            value={search}
            onInput={setSearch}
          />
          {filters}
        </search>
      </div>
      {problem !== null ? <ProblemNote problem={problem} onRetry={reload} /> : null}
      {value === undefined && problem === null ? <SkeletonRows /> : null}
      {none && search === '' ? empty : null}
      {none && search !== '' ? (
        <EmptyState title="No project matches">
          <p>Search by a part of its name or path.</p>
        </EmptyState>
      ) : null}
      {value !== undefined && value.length > 0 ? (
        <ul class="rows projects">
          {value.map((project) => (
            <ProjectRow key={project.id} project={project} />
          ))}
        </ul>
      ) : null}
      {paging === undefined || none ? null : <Pagination paging={paging} noun="project" />}
    </>
  );
}

function withStatus(project: ListedProject, pipelineId: number, status: string): ListedProject {
  const last = project.last_pipeline;
  return last?.id === pipelineId ? { ...project, last_pipeline: { ...last, status } } : project;
}

function ProjectRow({ project }: { project: ListedProject }) {
  const last = project.last_pipeline;
  const path = project.path_with_namespace;
  const status = last === null ? null : shownPipelineStatus(last);
  return (
    <li class="row">
      <span class="row-status">
        {status === null ? (
          <span class="no-status" title="No pipeline yet" />
        ) : (
          <StatusIcon status={status} label={statusWord(status)} />
        )}
      </span>
      <span class="row-main">
        <a class="row-name" data-row href={`/${path}`}>
          <span class="muted">{path.slice(0, path.lastIndexOf('/'))} /</span> <strong>{project.name}</strong>
        </a>
        <span class="row-sub clip">{project.description ?? ''}</span>
      </span>
      {last === null ? (
        <span class="row-pipeline muted">No pipeline yet</span>
      ) : (
        <span class="row-pipeline">
          <a class="clip" href={`/${path}/-/pipelines/${last.id}`}>
            {last.name ?? last.commit?.title ?? `Pipeline #${last.id}`}
          </a>
          <span class="row-sub">
            <RefName name={last.ref} tag={last.tag} />
          </span>
        </span>
      )}
      <span class="row-stages wide-only">{last === null ? null : <StageDots stages={last.stages} />}</span>
      <span class="row-end">
        {last === null ? null : (
          <>
            <Time at={last.created_at} />
            <span class="row-sub">
              <Duration start={last.started_at} end={last.finished_at} />
            </span>
          </>
        )}
      </span>
    </li>
  );
}
