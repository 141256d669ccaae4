import { type Result, send } from '../../api/client.ts';
import { confirm } from '../../shell/dialog.tsx';
import { toastDone, toastProblem } from '../../shell/toasts.tsx';
import { isMoving } from '../../status.tsx';
import type { GraphJob, PipelineGraph } from './pipeline-graph.ts';

/** What may be done to one job now. */
export type JobAction = 'play' | 'cancel' | 'retry';

const OVER = new Set(['success', 'failed', 'canceled']);
const CANCELABLE = new Set([
  'created',
  'pending',
  'running',
  'preparing',
  'waiting_for_resource',
  'waiting_for_callback',
]);

/** The one action that a job's status asks for, if the viewer may do it. */
export function actionOf(job: GraphJob, abilities: readonly string[]): JobAction | null {
  if (job.status === 'manual' || job.status === 'scheduled')
    return abilities.includes('play_job') ? 'play' : null;
  if (OVER.has(job.status))
    return job.started_at !== null && abilities.includes('retry_job') ? 'retry' : null;
  return CANCELABLE.has(job.status) && abilities.includes('cancel_build') ? 'cancel' : null;
}

export const ACTION_WORDS: Readonly<Record<JobAction, string>> = {
  play: 'Play',
  cancel: 'Cancel',
  retry: 'Retry',
};

const DONE_WORDS: Readonly<Record<JobAction, string>> = {
  play: 'will start',
  cancel: 'is cancelled',
  retry: 'is tried again',
};

/** Does it, after asking where the configuration or the loss of work asks for that; true when it was done. */
export async function actOnJob(projectId: number, job: GraphJob, action: JobAction): Promise<boolean> {
  if (action === 'play' && job.manual_confirmation !== null) {
    const question = {
      title: `Play ${job.name}?`,
      text: job.manual_confirmation,
      action: 'Play',
      back: 'Not now',
    };
    if (!(await confirm(question))) return false;
  }
  if (action === 'cancel' && job.status === 'running') {
    const text = 'It runs now. What it has done so far is lost but for its log.';
    if (!(await confirm({ title: `Cancel ${job.name}?`, text, action: 'Cancel job', danger: true })))
      return false;
  }
  const result = await send('POST', `/projects/${projectId}/jobs/${job.id}/${action}`);
  return told(result, `${job.name} ${DONE_WORDS[action]}`);
}

export async function retryPipeline({ pipeline }: PipelineGraph): Promise<boolean> {
  const result = await send('POST', `/projects/${pipeline.project_id}/pipelines/${pipeline.id}/retry`);
  return told(result, 'Failed and cancelled jobs are tried again');
}

export async function cancelPipeline({ pipeline, jobs }: PipelineGraph): Promise<boolean> {
  const running = jobs.filter((job) => job.status === 'running').length;
  const waiting = jobs.filter((job) => job.status !== 'running' && isMoving(job.status)).length;
  const text = `${running} running and ${waiting} waiting jobs end. What the running ones have done is lost but for their logs.`;
  if (
    !(await confirm({
      title: `Cancel pipeline #${pipeline.id}?`,
      text,
      action: 'Cancel pipeline',
      danger: true,
    }))
  ) {
    return false;
  }
  const result = await send('POST', `/projects/${pipeline.project_id}/pipelines/${pipeline.id}/cancel`);
  return told(result, 'The pipeline is cancelled');
}

export async function deletePipeline({ pipeline, jobs }: PipelineGraph): Promise<boolean> {
  const text = `Its ${jobs.length} jobs go with it, and their logs and artifacts. This cannot be undone.`;
  if (
    !(await confirm({
      title: `Delete pipeline #${pipeline.id}?`,
      text,
      action: 'Delete pipeline',
      danger: true,
    }))
  ) {
    return false;
  }
  const result = await send('DELETE', `/projects/${pipeline.project_id}/pipelines/${pipeline.id}`);
  return told(result, `Pipeline #${pipeline.id} is deleted`);
}

function told(result: Result<unknown>, done: string): boolean {
  if (result.ok) toastDone(done);
  else toastProblem(result.problem);
  return result.ok;
}
