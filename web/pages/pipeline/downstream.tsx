import { useState } from 'preact/hooks';
import { useChanges } from '../../api/events.ts';
import { useReading } from '../../api/reading.ts';
import { ProblemNote } from '../../shell/problem.tsx';
import { Status } from '../../status.tsx';
import { GraphView } from './graph-view.tsx';
import type { Acting } from './job-action.tsx';
import type { GraphJob, PipelineGraph } from './pipeline-graph.ts';

/** A pipeline that a job started, drawn below it; its own downstream pipelines open below it in turn. */
export function Downstream({ bridge }: { bridge: GraphJob }) {
  const { id, project_id: projectId, project_path: path } = bridge.downstream!;
  const {
    value: graph,
    problem,
    reload,
  } = useReading<PipelineGraph>(`/projects/${projectId}/pipelines/${id}/graph`);
  useChanges((changed) => {
    if (changed === null || changed.pipeline_id === id) reload();
  });
  return (
    <section class="downstream" aria-label={`Downstream of ${bridge.name}`}>
      <header>
        <Status status={graph?.pipeline.status ?? bridge.downstream!.status} />
        <a href={`/${path}/-/pipelines/${id}`}>
          <strong>{bridge.name}</strong>{' '}
          <span class="muted">
            → {path} #{id}
          </span>
        </a>
      </header>
      {problem !== null ? <ProblemNote problem={problem} onRetry={reload} /> : null}
      {graph === undefined ? null : (
        <GraphWithDownstream
          graph={graph}
          path={path}
          acting={{ projectId, abilities: graph.abilities, onDone: reload }}
        />
      )}
    </section>
  );
}

/** A graph, and below it the downstream pipelines that the reader opened. */
export function GraphWithDownstream({
  graph,
  path,
  acting,
}: {
  graph: PipelineGraph;
  path: string;
  acting: Acting;
}) {
  const [shown, setShown] = useState<ReadonlySet<number>>(new Set());
  const toggle = (job: GraphJob) => {
    const next = new Set(shown);
    if (!next.delete(job.id)) next.add(job.id);
    setShown(next);
  };
  return (
    <>
      <GraphView graph={graph} path={path} acting={acting} downstream={shown} onDownstream={toggle} />
      {graph.jobs
        .filter((job) => shown.has(job.id) && job.downstream !== null)
        .map((job) => (
          <Downstream key={job.id} bridge={job} />
        ))}
    </>
  );
}
