import { useState } from 'preact/hooks';
import type { scheduleDetails } from '../../../src/api/entities/schedule.ts';
import { segment, send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { useRefNames } from '../../api/refs.ts';
import { go, type PageProps } from '../../router.ts';
import { useBreadcrumbs } from '../../shell/breadcrumbs.tsx';
import { Check, FormView, TextField, useForm } from '../../shell/form.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { Read } from '../../shell/reading.tsx';
import { Section } from '../../shell/section.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { InputFields, type InputValues, shown, valuesOf } from '../new-pipeline/input-fields.tsx';
import type { PipelineParameters } from '../new-pipeline/parameters.ts';
import { cronWords } from './cron-words.ts';
import { ScheduleVariables } from './schedule-variables.tsx';
import { shortRef } from './schedules-page.tsx';

type Schedule = ReturnType<typeof scheduleDetails>;

/** A new schedule, or one that is there. */
export default function ScheduleFormPage({ params }: PageProps) {
  const project = useProject();
  const id = params.id;
  usePageTitle([id === undefined ? 'New schedule' : 'Edit schedule', project.path_with_namespace]);
  useBreadcrumbs([{ text: 'Schedules', address: projectAddress(project, 'pipeline_schedules') }]);
  const schedule = useReading<Schedule>(
    id === undefined ? null : projectApi(project, `/pipeline_schedules/${segment(id)}`),
  );
  if (id === undefined) {
    return (
      <>
        <div class="page-head">
          <h1>New schedule</h1>
        </div>
        <ScheduleForm schedule={null} />
      </>
    );
  }
  return (
    <Read reading={schedule}>
      {(value) => (
        <>
          <div class="page-head">
            <h1>{value.description}</h1>
          </div>
          <ScheduleForm schedule={value} />
          {value.variables === undefined ? null : (
            <Section
              title="Variables of its pipelines"
              lead="They stand above those of the project, for the pipelines of this schedule alone."
            >
              <ScheduleVariables
                path={projectApi(project, `/pipeline_schedules/${value.id}/variables`)}
                variables={value.variables}
                onChange={schedule.reload}
              />
            </Section>
          )}
        </>
      )}
    </Read>
  );
}

const COMMON = [
  ['0 4 * * *', 'Every night'],
  ['0 * * * *', 'Every hour'],
  ['0 6 * * 1-5', 'Workdays, 6 o’clock'],
  ['0 4 * * 0', 'Every week'],
  ['0 4 1 * *', 'Every month'],
] as const;

function ScheduleForm({ schedule }: { schedule: Schedule | null }) {
  const project = useProject();
  const branches = useRefNames(project, 'branches');
  const form = useForm({
    description: schedule?.description ?? '',
    cron: schedule?.cron ?? '0 4 * * *',
    cron_timezone: schedule?.cron_timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    ref: shortRef(schedule?.ref ?? project.default_branch ?? ''),
    active: schedule?.active ?? true,
  });
  // Not while a name is being typed.
  const whole = branches.includes(form.values.ref) || form.values.ref === shortRef(schedule?.ref ?? '');
  const { value: parameters } = useReading<PipelineParameters>(
    whole ? projectApi(project, '/pipeline/parameters') : null,
    { ref: form.values.ref },
  );
  const declared = parameters?.inputs ?? [];
  const [inputs, setInputs] = useState<InputValues>(
    Object.fromEntries((schedule?.inputs ?? []).map(({ name, value }) => [name, shown(value)])),
  );
  const save = () =>
    form.send(
      (values) =>
        send<Schedule>(
          schedule === null ? 'POST' : 'PUT',
          projectApi(project, `/pipeline_schedules${schedule === null ? '' : `/${schedule.id}`}`),
          { body: { ...values, ...(declared.length === 0 ? {} : { inputs: given(declared, inputs) }) } },
        ),
      (saved) => {
        toastDone(
          saved.next_run_at === null || !saved.active
            ? 'The schedule was saved; it is paused.'
            : `The schedule was saved; it next runs ${new Date(saved.next_run_at).toLocaleString()}.`,
        );
        go(projectAddress(project, 'pipeline_schedules'));
      },
    );
  const words = cronWords(form.values.cron);
  return (
    <FormView
      form={form}
      submit={schedule === null ? 'Make schedule' : 'Save'}
      onSubmit={save}
      beside={
        <a class="button" href={projectAddress(project, 'pipeline_schedules')}>
          Cancel
        </a>
      }
    >
      <TextField form={form} name="description" label="Description" placeholder="Nightly build" />
      <div class="fields">
        <TextField
          form={form}
          name="cron"
          label="When, as cron"
          mono
          hint={
            <output>{words ?? 'Five fields: minute, hour, day of the month, month, day of the week.'}</output>
          }
        />
        <TextField
          form={form}
          name="cron_timezone"
          label="Time zone"
          choices={timeZones()}
          hint="Such as Europe/Berlin, or UTC."
        />
      </div>
      <div class="actions">
        {COMMON.map(([cron, text]) => (
          <button key={cron} type="button" class="small" onClick={() => form.set({ cron })}>
            {text}
          </button>
        ))}
      </div>
      <TextField
        form={form}
        name="ref"
        label="Branch or tag"
        choices={branches}
        hint="Its pipelines run on what this points to at that moment."
      />
      {declared.length === 0 ? null : <InputFields inputs={declared} values={inputs} onChange={setInputs} />}
      <Check
        form={form}
        name="active"
        label="Active"
        hint="A paused schedule keeps its settings and starts nothing."
      />
    </FormView>
  );
}

/** Values of inputs as a schedule takes them: of those that its configuration still declares. */
function given(
  declared: PipelineParameters['inputs'],
  inputs: InputValues,
): { name: string; value: unknown }[] {
  const values = valuesOf(declared, inputs);
  return declared.flatMap(({ name }) => (name in values ? [{ name, value: values[name] }] : []));
}

function timeZones(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}
