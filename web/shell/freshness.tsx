import { freshness } from '../api/events.ts';

/** Says so while changes come late because the stream of events cannot be had. */
export function Freshness() {
  if (freshness.value !== 'slow') return null;
  return (
    <span
      class="pill tone-wait"
      title="The stream of events cannot be had: pages are read again every 10 seconds"
    >
      Not live
    </span>
  );
}
