import { type Status, UNFINISHED } from '../status.ts';

/** What can happen to a job from outside a processing pass. */
export type Transition =
  | 'assign_resource'
  | 'run'
  | 'success'
  | 'drop'
  | 'cancel'
  | 'cancel_gracefully'
  | 'force_cancel'
  | 'play'
  | 'unschedule';

type Targets = Partial<Record<Status, Status>>;

const to = (target: Status, ...from: Status[]): Targets =>
  Object.fromEntries(from.map((status) => [status, target]));

const canceled = to('canceled', ...UNFINISHED, 'manual', 'scheduled');

/** The state machine of jobs-api 7: what each event makes of each status; absent: the event does nothing there. */
const TRANSITIONS: Record<Transition, Targets> = {
  assign_resource: to('pending', 'waiting_for_resource'),
  run: to('running', 'pending'),
  success: { ...to('success', ...UNFINISHED), canceling: 'canceled' },
  drop: { ...to('failed', ...UNFINISHED, 'manual', 'scheduled'), canceling: 'canceled' },
  cancel: canceled,
  cancel_gracefully: { ...canceled, running: 'canceling' },
  force_cancel: to('canceled', 'canceling'),
  // a resource group, where there is one, comes before `pending`
  play: to('pending', 'created', 'skipped', 'manual', 'scheduled'),
  unschedule: to('manual', 'scheduled'),
};

/** The status after an event, or null where the event does not apply (jobs-api 7). */
export function nextStatus(transition: Transition, from: Status): Status | null {
  return TRANSITIONS[transition][from] ?? null;
}
