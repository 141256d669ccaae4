import { segment, send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { useRefNames } from '../../api/refs.ts';
import type { PageProps } from '../../router.ts';
import { actIfSure } from '../../shell/act.ts';
import { Check, Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import { projectApi, useProject } from '../../shell/project.tsx';
import { Read } from '../../shell/reading.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Section } from '../../shell/section.tsx';
import { Table } from '../../shell/table.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { SettingsFrame } from './settings-frame.tsx';

interface Level {
  access_level_description: string;
}

interface ProtectedRef {
  name: string;
  push_access_levels?: Level[];
  merge_access_levels?: Level[];
  create_access_levels?: Level[];
  allow_force_push?: boolean;
}

const LEVELS = [
  ['40', 'Maintainers'],
  ['30', 'Developers and maintainers'],
  ['0', 'Nobody'],
] as const;

/** Branches and tags that not everybody moves, and whose jobs get the protected variables. */
export default function ProtectedRefsPage(_: PageProps) {
  return (
    <SettingsFrame title="Protected refs">
      <Section
        title="Branches"
        lead="Only these levels push to them, nobody deletes them by git, and their jobs get the protected variables and runners."
      >
        <Refs kind="branch" />
      </Section>
      <Section title="Tags" lead="Only these levels make them; their jobs get the protected variables, too.">
        <Refs kind="tag" />
      </Section>
    </SettingsFrame>
  );
}

function Refs({ kind }: { kind: 'branch' | 'tag' }) {
  const project = useProject();
  const plural = kind === 'branch' ? 'branches' : 'tags';
  const path = projectApi(project, `/protected_${plural}`);
  const refs = useReading<ProtectedRef[]>(path, { per_page: 100 });
  const names = useRefNames(project, plural);
  const form = useForm({ name: '', push: '40', merge: '40', allow_force_push: false });
  const protect = () =>
    form.send(
      ({ name, push, merge, allow_force_push }) =>
        send('POST', path, {
          body:
            kind === 'tag'
              ? { name, create_access_level: Number(push) }
              : {
                  name,
                  push_access_level: Number(push),
                  merge_access_level: Number(merge),
                  allow_force_push,
                },
        }),
      () => {
        toastDone(`${form.values.name} is protected.`);
        form.set({ name: '' });
        refs.reload();
      },
    );
  const unprotect = async ({ name }: ProtectedRef) => {
    const question = {
      title: `Unprotect ${name}?`,
      text: 'Developers may push to it then, and its jobs no longer get the protected variables.',
      action: 'Unprotect',
    };
    const done = `${name} is no longer protected.`;
    if (await actIfSure(question, 'DELETE', `${path}/${segment(name)}`, { done })) refs.reload();
  };
  return (
    <>
      <Read reading={refs} empty={<p class="muted">No {kind} is protected yet.</p>}>
        {(list) => (
          <Table
            spaced
            columns={[
              'Name',
              kind === 'tag' ? 'Who makes them' : 'Who pushes',
              ...(kind === 'branch' ? ['Who merges, and runs jobs'] : []),
            ]}
            actions
          >
            {list.map((ref) => (
              <tr key={ref.name}>
                <td>
                  <code>{ref.name}</code>{' '}
                  {ref.allow_force_push ? <span class="pill tone-warn">force push</span> : null}
                </td>
                <td>{wordsOf(ref.push_access_levels ?? ref.create_access_levels)}</td>
                {kind === 'branch' ? <td>{wordsOf(ref.merge_access_levels)}</td> : null}
                <td class="end">
                  <RemoveButton label={`Unprotect ${ref.name}`} onClick={() => unprotect(ref)} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Read>
      <FormView form={form} submit={`Protect ${kind}`} onSubmit={protect}>
        <div class="fields">
          <TextField
            form={form}
            name="name"
            label={kind === 'tag' ? 'Tag' : 'Branch'}
            mono
            choices={names}
            hint={kind === 'tag' ? 'Or a pattern: v*' : 'Or a pattern: release/*'}
          />
          <Choice
            form={form}
            name="push"
            label={kind === 'tag' ? 'Who makes them' : 'Who pushes'}
            options={LEVELS}
          />
          {kind === 'branch' ? (
            <Choice form={form} name="merge" label="Who merges, and runs jobs" options={LEVELS} />
          ) : null}
        </div>
        {kind === 'branch' ? (
          <Check
            form={form}
            name="allow_force_push"
            label="Force push allowed"
            hint="A force push may throw away commits of others."
          />
        ) : null}
      </FormView>
    </>
  );
}

function wordsOf(levels: readonly Level[] = []): string {
  return levels.map(({ access_level_description: text }) => text).join(', ') || 'No one';
}
