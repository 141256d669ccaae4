/** A change that the server tells of. It is a hint: what is shown exactly is read again. */
export interface Change {
  kind: 'pipeline' | 'job' | 'queue';
  project_id: number;
  pipeline_id: number;
  job_id?: number;
  status: string;
}

/** What a stream says: that it runs, that it does not, that some changes are lost, or a change. */
export type StreamMessage =
  | { type: 'open' }
  | { type: 'lost' }
  | { type: 'reset' }
  | { type: 'change'; change: Change };

const STREAM = '/api/v4/events/stream';
const KINDS = ['pipeline', 'job', 'queue'] as const;
/** Until a stream that was refused is asked for again, milliseconds. */
const RETRY_MS = 30_000;

/** Opens `GET /events/stream` and keeps it open, resuming where it was cut; gives how to end it. */
export function openStream(tell: (message: StreamMessage) => void): () => void {
  let lastId = '';
  let retry: ReturnType<typeof setTimeout> | undefined;
  let source = open();

  function open(): EventSource {
    const opened = new EventSource(
      lastId === '' ? STREAM : `${STREAM}?last_event_id=${encodeURIComponent(lastId)}`,
    );
    opened.onopen = () => tell({ type: 'open' });
    opened.onerror = () => {
      tell({ type: 'lost' });
      // The browser tries again by itself, unless the answer was no stream at all.
      if (opened.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(() => {
        source = open();
      }, RETRY_MS);
    };
    opened.addEventListener('reset', (event) => {
      lastId = event.lastEventId || lastId;
      tell({ type: 'reset' });
    });
    for (const kind of KINDS) {
      opened.addEventListener(kind, (event) => {
        lastId = event.lastEventId || lastId;
        tell({ type: 'change', change: { ...JSON.parse(event.data as string), kind } });
      });
    }
    return opened;
  }

  return () => {
    clearTimeout(retry);
    source.close();
  };
}
