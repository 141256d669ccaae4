import { useState } from 'preact/hooks';
import { Icon, type IconName } from '../../shell/icon.tsx';
import { ACTION_WORDS, actionOf, actOnJob, type JobAction } from './actions.ts';
import type { GraphJob } from './pipeline-graph.ts';

/** What the parts of the page need of the pipeline they belong to. */
export interface Acting {
  projectId: number;
  abilities: readonly string[];
  /** Something was done: read again. */
  onDone(): void;
}

const SIGNS: Readonly<Record<JobAction, IconName>> = { play: 'play', cancel: 'close', retry: 'retry' };

/** The button for what a job's status asks for; nothing where the viewer may not. */
export function JobActionButton({
  job,
  acting,
  words = false,
}: {
  job: GraphJob;
  acting: Acting;
  words?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  const action = actionOf(job, acting.abilities);
  if (action === null) return null;
  const act = async () => {
    setBusy(true);
    const done = await actOnJob(acting.projectId, job, action);
    setBusy(false);
    if (done) acting.onDone();
  };
  const label = `${ACTION_WORDS[action]} ${job.name}`;
  return (
    <button
      type="button"
      class={words ? 'small' : 'quiet small icon-only'}
      aria-label={label}
      title={label}
      disabled={busy}
      onClick={act}
    >
      <Icon name={SIGNS[action]} />
      {words ? ACTION_WORDS[action] : null}
    </button>
  );
}
