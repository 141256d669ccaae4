import './pipelines.css';
import { useChanges } from '../../api/events.ts';
import type { ListedPipeline } from '../../api/pipelines.ts';
import { useReading } from '../../api/reading.ts';
import { go, type PageProps, query } from '../../router.ts';
import { EmptyState } from '../../shell/empty-state.tsx';
import { useKeys } from '../../shell/keyboard.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { Pagination } from '../../shell/pagination.tsx';
import { ProblemNote } from '../../shell/problem.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { levelOf } from '../../shell/project-navigation.tsx';
import { SkeletonRows } from '../../shell/skeleton.tsx';
import { PushCommands } from '../projects/first-push.tsx';
import { FILTERS, Filters } from './filters.tsx';
import { PipelineRow } from './pipeline-row.tsx';

const DEVELOPER = 30;

/** A project's pipelines, newest first; the filters are in the address. Rows change while one looks. */
export default function PipelinesPage(_: PageProps) {
  const project = useProject();
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.value.get(name)]));
  const { value, paging, problem, reload, change } = useReading<ListedPipeline[]>(
    projectApi(project, '/pipelines'),
    {
      ...filters,
      with_details: true,
      page: query.value.get('page'),
    },
  );
  usePageTitle(['Pipelines', project.path_with_namespace]);
  const mayRun = levelOf(project) >= DEVELOPER && project.archived !== true;
  const runAddress = projectAddress(project, 'pipelines/new');
  useKeys('Pipelines', mayRun ? [{ keys: 'n', text: 'Run a pipeline', run: () => go(runAddress) }] : []);
  useChanges((changed) => {
    if (changed === null) return reload();
    if (changed.project_id !== project.id || changed.kind === 'queue') return;
    if (changed.kind === 'pipeline') {
      change((rows) =>
        rows.map((row) => (row.id === changed.pipeline_id ? { ...row, status: changed.status } : row)),
      );
    }
    reload();
  });
  const filtered = Object.values(filters).some((filter) => filter !== null);
  const empty = value?.length === 0 && !filtered;
  return (
    <>
      <div class="page-head">
        <h1>Pipelines</h1>
        <Filters />
        {mayRun ? (
          <div class="actions">
            <a class="button primary" href={runAddress} title="n">
              Run pipeline
            </a>
          </div>
        ) : null}
      </div>
      {problem !== null ? <ProblemNote problem={problem} onRetry={reload} /> : null}
      {value === undefined && problem === null ? <SkeletonRows /> : null}
      {empty ? (
        <EmptyState title="No pipeline yet">
          <p>
            A push of a commit with a <code>.gitlab-ci.yml</code> makes one. From a clone of yours:
          </p>
          <PushCommands path={project.path_with_namespace} />
        </EmptyState>
      ) : null}
      {value?.length === 0 && filtered ? (
        <EmptyState title="No pipeline matches">
          <p>
            Take a filter away, or <a href={projectAddress(project, 'pipelines')}>show all pipelines</a>.
          </p>
        </EmptyState>
      ) : null}
      {value !== undefined && value.length > 0 ? (
        <ul class="rows pipelines">
          {value.map((pipeline) => (
            <PipelineRow key={pipeline.id} pipeline={pipeline} project={project} />
          ))}
        </ul>
      ) : null}
      {paging === undefined || empty ? null : <Pagination paging={paging} noun="pipeline" />}
    </>
  );
}
