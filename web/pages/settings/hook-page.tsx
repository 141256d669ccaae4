import { useState } from 'preact/hooks';
import type { hookEventEntity } from '../../../src/api/entities/hook.ts';
import { segment } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { act } from '../../shell/act.ts';
import { useBreadcrumbs } from '../../shell/breadcrumbs.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { Read } from '../../shell/reading.tsx';
import { Section } from '../../shell/section.tsx';
import { Table } from '../../shell/table.tsx';
import { Time } from '../../time.tsx';
import { HookForm } from './hook-form.tsx';
import { type Hook, HookState } from './hooks-page.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import './hook.css';

type Delivery = Pick<
  ReturnType<typeof hookEventEntity>,
  | 'id'
  | 'trigger'
  | 'url'
  | 'response_status'
  | 'response_body'
  | 'execution_duration'
  | 'created_at'
  | 'request_data'
>;

const TESTS = [
  ['push_events', 'Push'],
  ['pipeline_events', 'Pipeline'],
  ['job_events', 'Job'],
] as const;

/** One webhook: what it is told, and how each delivery went. */
export default function HookPage({ params }: PageProps) {
  const project = useProject();
  useBreadcrumbs([{ text: 'Webhooks', address: projectAddress(project, 'hooks') }]);
  const path = projectApi(project, `/hooks/${segment(params.id!)}`);
  const hook = useReading<Hook>(path);
  const deliveries = useReading<Delivery[]>(`${path}/events`, { per_page: 20 });
  const test = async (event: string) => {
    await act('POST', `${path}/test/${event}`, { done: 'It was told, and took it.' });
    deliveries.reload();
    hook.reload();
  };
  return (
    <SettingsFrame title="Webhook">
      <Read reading={hook}>
        {(value) => (
          <>
            <p class="actions">
              <HookState hook={value} />
              {TESTS.map(([event, text]) => (
                <button key={event} type="button" class="small" onClick={() => test(event)}>
                  Test: {text.toLowerCase()}
                </button>
              ))}
            </p>
            <HookForm hook={value} path={path} onDone={hook.reload} />
          </>
        )}
      </Read>
      <Section title="Deliveries" lead="What it was told in the last seven days, and how it answered.">
        <Read
          reading={deliveries}
          empty={<p class="muted">It was told of nothing yet. A test shows whether it listens.</p>}
        >
          {(list) => (
            <Table columns={['Answer', 'Told of', 'When', ['Took', 'wide-only']]} actions>
              {list.map((delivery) => (
                <DeliveryRow key={delivery.id} delivery={delivery} path={path} onChange={deliveries.reload} />
              ))}
            </Table>
          )}
        </Read>
      </Section>
    </SettingsFrame>
  );
}

function DeliveryRow({ delivery, path, onChange }: { delivery: Delivery; path: string; onChange(): void }) {
  const [open, setOpen] = useState(false);
  const good = /^2/.test(delivery.response_status);
  const resend = async () => {
    await act('POST', `${path}/events/${delivery.id}/resend`, { done: 'It was told once more.' });
    onChange();
  };
  return (
    <>
      <tr>
        <td>
          <span class={`pill ${good ? 'tone-good' : 'tone-bad'}`}>{delivery.response_status}</span>
        </td>
        <td>{delivery.trigger.replace(/_hooks$/, '').replaceAll('_', ' ')}</td>
        <td>
          <Time at={delivery.created_at} />
        </td>
        <td class="wide-only number">{delivery.execution_duration.toFixed(2)} s</td>
        <td class="end">
          <div class="actions">
            <button type="button" class="small" aria-expanded={open} onClick={() => setOpen(!open)}>
              Show
            </button>
            <button type="button" class="small" onClick={resend}>
              Send again
            </button>
          </div>
        </td>
      </tr>
      {open ? (
        <tr>
          <td colSpan={5} class="delivery">
            <h3>Was told</h3>
            <pre>{JSON.stringify(delivery.request_data, null, 2)}</pre>
            <h3>Answered</h3>
            <pre>{delivery.response_body || '(nothing)'}</pre>
          </td>
        </tr>
      ) : null}
    </>
  );
}
