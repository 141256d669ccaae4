import type { ComponentChildren } from 'preact';
import { send } from '../../api/client.ts';
import type { Job, JobSurroundings } from '../../api/jobs.ts';
import { bytesText } from '../../bytes.ts';
import { Icon } from '../../shell/icon.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { toastDone, toastProblem } from '../../shell/toasts.tsx';
import { StatusIcon, shownStatus, statusWord } from '../../status.tsx';
import { clock, Duration, Time } from '../../time.tsx';

interface JobFactsProps {
  job: Job;
  about: JobSurroundings;
  onDone(): void;
}

/** What is known of a job beside its log. */
export function JobFacts({ job, about, onDone }: JobFactsProps) {
  const project = useProject();
  const ref = `pipelines?ref=${encodeURIComponent(job.ref)}`;
  return (
    <>
      <dl class="job-facts">
        <Fact name="Duration">
          <Duration start={job.started_at} end={job.finished_at} />
        </Fact>
        {job.queued_duration === null ? null : (
          <Fact name="Queued">
            <span class="number">{clock(job.queued_duration)}</span>
          </Fact>
        )}
        {job.finished_at === null ? (
          job.started_at === null ? (
            <Fact name="Created">
              <Time at={job.created_at} />
            </Fact>
          ) : (
            <Fact name="Started">
              <Time at={job.started_at} />
            </Fact>
          )
        ) : (
          <Fact name="Finished">
            <Time at={job.finished_at} />
          </Fact>
        )}
        {about.timeout === null ? null : (
          <Fact name="Time limit">
            <span class="number">{clock(about.timeout)}</span>
          </Fact>
        )}
        {job.runner === null ? null : (
          <Fact name="Runner">
            <span class="clip" title={job.runner_manager?.system_id}>
              {job.runner.description || job.runner.name || 'Runner'}{' '}
              <span class="muted">#{job.runner.id}</span>
            </span>
          </Fact>
        )}
        {job.tag_list.length === 0 ? null : (
          <Fact name="Tags">
            {job.tag_list.map((tag) => (
              <span class="pill" key={tag}>
                {tag}
              </span>
            ))}
          </Fact>
        )}
        {about.environment === null ? null : <Fact name="Environment">{about.environment}</Fact>}
        {job.coverage === null ? null : (
          <Fact name="Coverage">
            <span class="number">{job.coverage} %</span>
          </Fact>
        )}
        <Fact name={job.tag ? 'Tag' : 'Branch'}>
          <a class="clip" href={projectAddress(project, ref)}>
            {job.ref}
          </a>
        </Fact>
        {job.commit === null ? null : (
          <Fact name="Commit">
            <span class="clip" title={job.commit.title}>
              <code>{job.commit.short_id}</code> {job.commit.title}
            </span>
          </Fact>
        )}
        {job.user === null ? null : <Fact name="By">{job.user.name}</Fact>}
        {job.erased_at === null ? null : (
          <Fact name="Erased">
            <Time at={job.erased_at} /> {about.erased_by === null ? '' : `by @${about.erased_by}`}
          </Fact>
        )}
      </dl>
      <Artifacts job={job} mayKeep={about.abilities.includes('keep_artifacts')} onDone={onDone} />
      {about.needs === null || about.needs.length === 0 ? null : (
        <Jobs title="Needs" jobs={about.needs} current={job.id} />
      )}
      {about.attempts.length < 2 ? null : (
        <Jobs title={`Attempts (${about.attempts.length})`} jobs={about.attempts} current={job.id} dated />
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Artifacts({ job, mayKeep, onDone }: { job: Job; mayKeep: boolean; onDone(): void }) {
  const project = useProject();
  const stored = job.artifacts.filter(({ file_type: type }) => type !== 'trace' && type !== 'metadata');
  if (stored.length === 0) return null;
  const archive = job.artifacts_file;
  const reports = stored.filter(({ file_type: type }) => type !== 'archive');
  const api = projectApi(project, `/jobs/${job.id}/artifacts`);
  const keep = async () => {
    const result = await send('POST', `${api}/keep`);
    if (result.ok) toastDone('The artifacts are kept');
    else toastProblem(result.problem);
    onDone();
  };
  return (
    <section aria-labelledby="job-artifacts">
      <h2 id="job-artifacts">Artifacts</h2>
      {archive === undefined ? null : (
        <>
          <div class="actions">
            <a class="button small" href={projectAddress(project, `jobs/${job.id}/artifacts/browse`)}>
              <Icon name="folder" /> Browse
            </a>
            <a class="button small" href={`/api/v4${api}`} download={archive.filename}>
              <Icon name="download" /> {bytesText(archive.size)}
            </a>
          </div>
          {job.artifacts_expire_at === null ? null : (
            <p class="small muted">
              Expire <Time at={job.artifacts_expire_at} />
              {mayKeep ? (
                <button type="button" class="quiet small" onClick={keep}>
                  Keep
                </button>
              ) : null}
            </p>
          )}
        </>
      )}
      {reports.length === 0 ? null : (
        <ul class="reports">
          {reports.map(({ file_type: type, size }) => (
            <li key={type}>
              <a href={`/api/v4${api}?file_type=${encodeURIComponent(type)}`} download>
                {type.replaceAll('_', ' ')}
              </a>{' '}
              <span class="muted">{bytesText(size)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Jobs({
  title,
  jobs,
  current,
  dated = false,
}: {
  title: string;
  jobs: NonNullable<JobSurroundings['needs']>;
  current: number;
  dated?: boolean;
}) {
  const project = useProject();
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul class="job-list">
        {jobs.map((job) => {
          const status = shownStatus(job.status, job.allow_failure);
          const content = (
            <>
              <StatusIcon status={status} label={statusWord(status)} />
              <span class="clip">{dated ? `#${job.id}` : job.name}</span>
              {dated && job.created_at !== null ? (
                <span class="muted small">
                  <Time at={job.created_at} />
                </span>
              ) : null}
            </>
          );
          return (
            <li key={job.id}>
              {job.type === 'bridge' ? (
                <span class="job-link">{content}</span>
              ) : (
                <a
                  class="job-link"
                  href={projectAddress(project, `jobs/${job.id}`)}
                  aria-current={job.id === current ? 'page' : undefined}
                >
                  {content}
                </a>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
