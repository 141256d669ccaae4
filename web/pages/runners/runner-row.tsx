import type { runnerDetails } from '../../../src/api/entities/runner-details.ts';
import { useReading } from '../../api/reading.ts';
import { act, actIfSure } from '../../shell/act.ts';
import { Icon } from '../../shell/icon.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Duration, Time } from '../../time.tsx';

/** A runner of a list; the details are there for those who manage it. */
export interface Runner {
  id: number;
  description: string | null;
  runner_type: string;
  paused: boolean;
  status: string;
  job_execution_status: string;
}

type Details = ReturnType<typeof runnerDetails>;

interface RunningJob {
  id: number;
  name: string;
  started_at: string | null;
  web_url: string;
  project: { path_with_namespace: string };
}

const TYPES: Readonly<Record<string, string>> = {
  instance_type: 'server',
  group_type: 'group',
  project_type: 'project',
};

/** How a runner stands: the word, its tone, and what it means. */
const STATES: Readonly<Record<string, readonly [tone: string, text: string]>> = {
  online: ['tone-good', 'It asked for jobs in the last minutes.'],
  offline: ['tone-bad', 'It has not asked for jobs lately: start it again.'],
  stale: ['tone-bad', 'It has not asked for jobs for a week.'],
  never_contacted: ['tone-wait', 'It never asked for a job: register it, then start it.'],
};

export function RunnerRow({
  runner,
  managed,
  onEdit,
  onChange,
}: {
  runner: Runner;
  /** Whether the reader may pause, change and delete it. */
  managed: boolean;
  onEdit(details: Details): void;
  onChange(): void;
}) {
  const { value: details } = useReading<Details>(managed ? `/runners/${runner.id}` : null);
  const busy = managed && runner.job_execution_status === 'active';
  const jobs = useReading<RunningJob[]>(busy ? `/runners/${runner.id}/jobs` : null, {
    status: 'running',
    per_page: 5,
  });
  const name = runner.description || `Runner ${runner.id}`;
  const pause = async () => {
    const paused = !runner.paused;
    const done = paused ? `${name} takes no more jobs.` : `${name} takes jobs again.`;
    if (await act('PUT', `/runners/${runner.id}`, { body: { paused }, done })) onChange();
  };
  const remove = async () => {
    const question = {
      title: `Delete ${name}?`,
      text: 'Its token is worth nothing from now on; a job that it runs now fails. Its past jobs stay.',
      action: 'Delete',
    };
    if (await actIfSure(question, 'DELETE', `/runners/${runner.id}`, { done: `${name} was deleted.` }))
      onChange();
  };
  return (
    <tr>
      <td>
        <State runner={runner} />
      </td>
      <td>
        <strong>{name}</strong>{' '}
        <span class="muted small">
          #{runner.id} · {TYPES[runner.runner_type] ?? runner.runner_type}
        </span>
        {details === undefined ? null : <Facts details={details} />}
      </td>
      <td>
        {busy && jobs.value !== undefined && jobs.value.length > 0 ? (
          <ul>
            {jobs.value.map((job) => (
              <li key={job.id} class="clip">
                <a href={pathOf(job.web_url)}>{job.name}</a>{' '}
                <span class="muted small">
                  {job.project.path_with_namespace} · <Duration start={job.started_at} end={null} />
                </span>
              </li>
            ))}
          </ul>
        ) : (
          <span class="muted">{runner.job_execution_status === 'active' ? 'runs a job' : 'idle'}</span>
        )}
      </td>
      <td class="wide-only">
        {details === undefined ? null : details.contacted_at === null ? (
          'never'
        ) : (
          <Time at={details.contacted_at} />
        )}
      </td>
      <td class="end">
        {managed ? (
          <div class="actions">
            <button
              type="button"
              class="small"
              onClick={pause}
              aria-label={`${runner.paused ? 'Resume' : 'Pause'} ${name}`}
            >
              {runner.paused ? 'Resume' : 'Pause'}
            </button>
            <button
              type="button"
              class="small"
              data-row
              disabled={details === undefined}
              aria-label={`Edit ${name}`}
              onClick={() => details === undefined || onEdit(details)}
            >
              Edit
            </button>
            <RemoveButton label={`Delete ${name}`} onClick={remove} />
          </div>
        ) : null}
      </td>
    </tr>
  );
}

function State({ runner }: { runner: Runner }) {
  if (runner.paused) {
    return (
      <span class="pill tone-wait" title="It takes no jobs until somebody lets it.">
        paused
      </span>
    );
  }
  const [tone, text] = STATES[runner.status] ?? ['tone-idle', ''];
  return (
    <span class={`pill ${tone}`} title={text}>
      {runner.status.replaceAll('_', ' ')}
    </span>
  );
}

/** Which jobs it takes. */
function Facts({ details }: { details: Details }) {
  const facts = [
    ...(details.run_untagged ? [] : ['tagged jobs only']),
    ...(details.access_level === 'ref_protected' ? ['protected refs only'] : []),
    ...(details.locked ? ['locked'] : []),
  ];
  return (
    <span class="facts">
      {details.tag_list.map((tag) => (
        <span key={`tag ${tag}`} class="pill">
          <Icon name="tag" /> {tag}
        </span>
      ))}
      {facts.map((fact) => (
        <span key={fact} class="pill tone-later">
          {fact}
        </span>
      ))}
      {details.version === null ? null : (
        <span class="muted small">
          {details.version} {details.platform}
        </span>
      )}
    </span>
  );
}

/** The path of an address of this server; the front page for anything else. */
function pathOf(address: string): string {
  return URL.canParse(address) ? new URL(address).pathname : '/';
}
