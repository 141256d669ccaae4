import { type ListedPipeline, shownPipelineStatus, sourceWords } from '../../api/pipelines.ts';
import { RefName, Sha } from '../../shell/commit-line.tsx';
import { Person } from '../../shell/person.tsx';
import { type Project, projectAddress } from '../../shell/project.tsx';
import { StageDots } from '../../shell/stage-dots.tsx';
import { Status } from '../../status.tsx';
import { Duration, Time } from '../../time.tsx';

export function PipelineRow({ pipeline, project }: { pipeline: ListedPipeline; project: Project }) {
  const title = pipeline.name ?? pipeline.commit?.title ?? `Commit ${pipeline.sha.slice(0, 8)}`;
  return (
    <li class="row">
      <span class="row-state">
        <Status status={shownPipelineStatus(pipeline)} />
        <span class="row-sub">
          <Duration start={pipeline.started_at} end={pipeline.finished_at} />
        </span>
      </span>
      <span class="row-main">
        <a class="row-name" data-row href={projectAddress(project, `pipelines/${pipeline.id}`)}>
          {title}
        </a>
        <span class="row-sub">
          <span class="number">#{pipeline.id}</span>
          <RefName name={pipeline.ref} tag={pipeline.tag} />
          <Sha sha={pipeline.sha} />
          {pipeline.source === 'push' ? null : <span class="pill">{sourceWords(pipeline.source)}</span>}
          {pipeline.has_yaml_errors ? <span class="pill tone-bad">Invalid configuration</span> : null}
        </span>
      </span>
      <span class="row-stages wide-only">
        <StageDots stages={pipeline.stages} />
      </span>
      <span class="row-by wide-only">
        <Person user={pipeline.user} />
      </span>
      <span class="row-end">
        <Time at={pipeline.created_at} />
      </span>
    </li>
  );
}
