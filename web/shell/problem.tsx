import type { Problem } from '../api/client.ts';
import { Icon } from './icon.tsx';

/** Something could not be read: what happened, what to do, and a way to try again. */
export function ProblemNote({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{problem.text}</strong>
        <p>{problem.advice}</p>
      </div>
      {onRetry === undefined ? null : (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
