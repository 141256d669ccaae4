import { useState } from 'preact/hooks';
import { type Result, send } from '../../api/client.ts';
import type { Job, JobSurroundings } from '../../api/jobs.ts';
import { go } from '../../router.ts';
import { confirm } from '../../shell/dialog.tsx';
import { Icon } from '../../shell/icon.tsx';
import { useKeys } from '../../shell/keyboard.ts';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { toastDone, toastProblem } from '../../shell/toasts.tsx';
import { PlayDialog } from './play-dialog.tsx';

interface JobActionsProps {
  job: Job;
  about: JobSurroundings;
  /** Something was done: read again. */
  onDone(): void;
}

/** What the viewer may do with the job as it is now. */
export function JobActions({ job, about, onDone }: JobActionsProps) {
  const project = useProject();
  const [playing, setPlaying] = useState(false);
  const [busy, setBusy] = useState(false);
  const able = new Set(about.abilities);
  const call = async (action: string, done: string, body: object = {}): Promise<Result<Job>> => {
    setBusy(true);
    const result = await send<Job>('POST', projectApi(project, `/jobs/${job.id}/${action}`), { body });
    setBusy(false);
    if (result.ok) toastDone(done);
    else toastProblem(result.problem);
    onDone();
    return result;
  };
  const retry = async () => {
    const result = await call('retry', `${job.name} is tried again`);
    if (result.ok) go(projectAddress(project, `jobs/${result.value.id}`));
  };
  const cancel = async (force: boolean) => {
    const text = force
      ? 'It ends at once, without its after_script.'
      : 'What it has done so far is lost but for its log.';
    const question = { title: `Cancel ${job.name}?`, text, action: 'Cancel job', danger: true };
    if (job.started_at !== null && !(await confirm(question))) return;
    await call('cancel', `${job.name} is cancelled`, force ? { force: true } : {});
  };
  const erase = async () => {
    const text = 'Its log and all its artifacts are deleted. This cannot be undone.';
    if (await confirm({ title: `Erase ${job.name}?`, text, action: 'Erase', danger: true })) {
      await call('erase', `Log and artifacts of ${job.name} are erased`);
    }
  };
  const play = (variables: { key: string; value: string }[]) => {
    setPlaying(false);
    void call(
      'play',
      `${job.name} will start`,
      variables.length === 0 ? {} : { job_variables_attributes: variables },
    );
  };
  useKeys('This job', [
    ...(able.has('play') ? [{ keys: 'p', text: 'Play', run: () => setPlaying(true) }] : []),
    ...(able.has('retry') ? [{ keys: 'r', text: 'Retry', run: () => void retry() }] : []),
    ...(able.has('cancel') ? [{ keys: 'x', text: 'Cancel', run: () => void cancel(false) }] : []),
  ]);
  return (
    <div class="actions">
      {able.has('play') ? (
        <button type="button" class="primary" disabled={busy} onClick={() => setPlaying(true)}>
          <Icon name="play" /> Play
        </button>
      ) : null}
      {able.has('retry') ? (
        <button type="button" disabled={busy} onClick={retry} title="r">
          <Icon name="retry" /> Retry
        </button>
      ) : null}
      {able.has('cancel') ? (
        <button type="button" disabled={busy} onClick={() => void cancel(false)} title="x">
          <Icon name="close" /> Cancel
        </button>
      ) : null}
      {able.has('force_cancel') ? (
        <button type="button" class="danger" disabled={busy} onClick={() => void cancel(true)}>
          <Icon name="close" /> Cancel now
        </button>
      ) : null}
      {able.has('erase') ? (
        <button
          type="button"
          class="quiet icon-only"
          disabled={busy}
          aria-label="Erase log and artifacts"
          title="Erase log and artifacts"
          onClick={erase}
        >
          <Icon name="trash" />
        </button>
      ) : null}
      {playing ? (
        <PlayDialog
          name={job.name}
          question={about.manual_confirmation}
          maySetVariables={able.has('set_variables')}
          onPlay={play}
          onClose={() => setPlaying(false)}
        />
      ) : null}
    </div>
  );
}
