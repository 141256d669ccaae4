import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { projectApi, useProject } from '../../shell/project.tsx';
import { levelOf } from '../../shell/project-navigation.tsx';
import { Read } from '../../shell/reading.tsx';
import { Section } from '../../shell/section.tsx';
import { ROLES } from '../members/members.tsx';
import { TokenForm, TokenTable } from '../tokens/tokens.tsx';
import { SettingsFrame } from './settings-frame.tsx';

const SCOPES = [
  ['api', 'Everything that its role may do in this project.'],
  ['read_api', 'Read everything in this project.'],
  ['create_runner', 'Make runners for this project.'],
  ['manage_runner', 'Pause, change and remove its runners.'],
  ['read_repository', 'Clone and fetch by git.'],
  ['write_repository', 'Push by git.'],
] as const;

type Tokens = Parameters<typeof TokenTable>[0]['tokens'];

/** Tokens of the project itself: each is a bot with a role here and nowhere else. */
export default function AccessTokensPage(_: PageProps) {
  const project = useProject();
  const path = projectApi(project, '/access_tokens');
  const tokens = useReading<Tokens>(path, { state: 'active', per_page: 100 });
  const level = levelOf(project);
  return (
    <SettingsFrame title="Access tokens">
      <Section
        title="New token"
        lead="A token of the project acts as a bot that is a member here and nowhere else, whoever leaves."
      >
        <TokenForm
          path={path}
          scopes={SCOPES}
          roles={ROLES.filter(([role]) => Number(role) <= level)}
          onMade={tokens.reload}
        />
      </Section>
      <Section title="Active tokens">
        <Read reading={tokens}>
          {(list) => (
            <TokenTable tokens={list} pathOf={({ id }) => `${path}/${id}`} onChange={tokens.reload} />
          )}
        </Read>
      </Section>
    </SettingsFrame>
  );
}
