import './pipeline.css';
import { useChanges } from '../../api/events.ts';
import { useReading } from '../../api/reading.ts';
import { type PageProps, query, setQuery } from '../../router.ts';
import { useBreadcrumbs } from '../../shell/breadcrumbs.tsx';
import { useKeys } from '../../shell/keyboard.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { ProblemNote } from '../../shell/problem.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { SkeletonRows } from '../../shell/skeleton.tsx';
import { GraphWithDownstream } from './downstream.tsx';
import { FailedJobs } from './failed-jobs.tsx';
import { CriticalPath } from './graph-view.tsx';
import type { Acting } from './job-action.tsx';
import { ListView } from './list-view.tsx';
import type { PipelineGraph } from './pipeline-graph.ts';
import { headStatus, PipelineHead } from './pipeline-head.tsx';
import { TimelineView } from './timeline-view.tsx';
import { YamlErrors } from './yaml-errors.tsx';

const VIEWS = [
  ['graph', 'Graph', '1'],
  ['list', 'List', '2'],
  ['timeline', 'Timeline', '3'],
] as const;

/** One pipeline: failed jobs first, then its jobs as a graph, a list or over time. It changes while one looks. */
export default function PipelinePage({ params }: PageProps) {
  const project = useProject();
  const id = Number(params.pipeline);
  const path = project.path_with_namespace;
  const {
    value: graph,
    problem,
    reload,
    change,
  } = useReading<PipelineGraph>(projectApi(project, `/pipelines/${id}/graph`));
  const view = VIEWS.find(([name]) => name === query.value.get('view'))?.[0] ?? 'graph';
  const show = (name: string) => setQuery({ view: name === 'graph' ? null : name, sort: null });
  const status = graph === undefined ? null : headStatus(graph);
  usePageTitle([`#${id}${graph === undefined ? '' : ` ${graph.pipeline.ref}`}`, path], status);
  useBreadcrumbs([{ text: `#${id}`, address: projectAddress(project, `pipelines/${id}`) }]);
  useKeys(
    'Pipeline',
    VIEWS.map(([name, words, key]) => ({
      keys: key,
      text: `Show the ${words.toLowerCase()}`,
      run: () => show(name),
    })),
  );
  useChanges((changed) => {
    if (changed === null) return reload();
    const own = changed.pipeline_id === id;
    if (own && changed.kind === 'job') change((now) => withJobStatus(now, changed.job_id, changed.status));
    if (own || graph?.jobs.some((job) => job.downstream?.id === changed.pipeline_id)) reload();
  });
  if (graph === undefined) {
    return problem === null ? <SkeletonRows /> : <ProblemNote problem={problem} onRetry={reload} />;
  }
  const acting: Acting = { projectId: project.id, abilities: graph.abilities, onDone: reload };
  return (
    <>
      <PipelineHead graph={graph} path={path} onDone={reload} />
      {problem === null ? null : <ProblemNote problem={problem} onRetry={reload} />}
      {graph.pipeline.yaml_errors === null ? null : (
        <YamlErrors text={graph.pipeline.yaml_errors} path={path} />
      )}
      <FailedJobs graph={graph} path={path} acting={acting} />
      {graph.jobs.length === 0 ? null : (
        <>
          <div class="view-head">
            <fieldset class="segments" aria-label="How to show the jobs">
              {VIEWS.map(([name, words, key]) => (
                <button
                  key={name}
                  type="button"
                  aria-pressed={view === name}
                  title={key}
                  onClick={() => show(name)}
                >
                  {words}
                </button>
              ))}
            </fieldset>
            {view === 'list' ? null : <CriticalPath graph={graph} />}
          </div>
          {view === 'graph' ? <GraphWithDownstream graph={graph} path={path} acting={acting} /> : null}
          {view === 'list' ? <ListView graph={graph} path={path} acting={acting} /> : null}
          {view === 'timeline' ? <TimelineView graph={graph} path={path} /> : null}
        </>
      )}
    </>
  );
}

function withJobStatus(graph: PipelineGraph, jobId: number | undefined, status: string): PipelineGraph {
  return { ...graph, jobs: graph.jobs.map((job) => (job.id === jobId ? { ...job, status } : job)) };
}
