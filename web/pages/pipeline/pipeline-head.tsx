import { sourceWords } from '../../api/pipelines.ts';
import { go } from '../../router.ts';
import { RefName, Sha } from '../../shell/commit-line.tsx';
import { CopyButton } from '../../shell/copy-button.tsx';
import { Icon } from '../../shell/icon.tsx';
import { Person } from '../../shell/person.tsx';
import { isMoving, Status } from '../../status.tsx';
import { Duration, Time } from '../../time.tsx';
import { cancelPipeline, deletePipeline, retryPipeline } from './actions.ts';
import type { PipelineGraph } from './pipeline-graph.ts';

/** What the pipeline is, in two lines, and what can be done to it. */
export function PipelineHead({
  graph,
  path,
  onDone,
}: {
  graph: PipelineGraph;
  path: string;
  onDone(): void;
}) {
  const { pipeline, commit, upstream, jobs, abilities } = graph;
  const act = (action: (graph: PipelineGraph) => Promise<boolean>) => async () => {
    if (await action(graph)) onDone();
  };
  const retryable = jobs.some((job) => job.status === 'failed' || job.status === 'canceled');
  const cancelable = jobs.some((job) => isMoving(job.status) && job.status !== 'canceling');
  return (
    <header class="pipeline-head">
      <div class="page-head">
        <span class="pipeline-status">
          <Status status={headStatus(graph)} />
        </span>
        <h1>{pipeline.name ?? commit?.title ?? `Pipeline #${pipeline.id}`}</h1>
        <div class="actions">
          {retryable && abilities.includes('update_pipeline') ? (
            <button type="button" onClick={act(retryPipeline)}>
              <Icon name="retry" />
              Retry failed
            </button>
          ) : null}
          {cancelable && abilities.includes('cancel_pipeline') ? (
            <button type="button" class="danger" onClick={act(cancelPipeline)}>
              Cancel
            </button>
          ) : null}
          {abilities.includes('destroy_pipeline') ? (
            <button
              type="button"
              class="quiet icon-only"
              aria-label="Delete pipeline"
              title="Delete pipeline"
              onClick={async () => {
                if (await deletePipeline(graph)) go(`/${path}/-/pipelines`);
              }}
            >
              <Icon name="trash" />
            </button>
          ) : null}
        </div>
      </div>
      <div class="pipeline-facts">
        <span class="number">#{pipeline.id}</span>
        <RefName name={pipeline.ref} tag={pipeline.tag} />
        <span class="with-copy">
          <Sha sha={pipeline.sha} />
          <CopyButton text={pipeline.sha} label="Copy the commit's id" />
        </span>
        <span class="person">
          <Person user={pipeline.user} />
          {pipeline.user?.name}
        </span>
        <span>{sourceWords(pipeline.source)}</span>
        <Time at={pipeline.created_at} />
        <span title="Duration">
          <Duration start={pipeline.started_at} end={pipeline.finished_at} />
        </span>
        {pipeline.coverage === null ? null : <span>Coverage {pipeline.coverage} %</span>}
        {upstream === null ? null : (
          <a href={`/${upstream.project_path}/-/pipelines/${upstream.id}`}>
            Started by {upstream.project_path === path ? '' : `${upstream.project_path} `}#{upstream.id}
          </a>
        )}
      </div>
    </header>
  );
}

/** The status that people are shown: passed with warnings is one of its own. */
export function headStatus({ pipeline }: PipelineGraph): string {
  return pipeline.detailed_status.group === 'success-with-warnings' ? 'warning' : pipeline.status;
}
