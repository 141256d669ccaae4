import type { tokenEntity } from '../../../src/api/entities/token.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { Read } from '../../shell/reading.tsx';
import { Section } from '../../shell/section.tsx';
import { viewer } from '../../shell/viewer.ts';
import { TokenForm, type TokenScopes, TokenTable } from '../tokens/tokens.tsx';
import { ProfileFrame } from './profile-frame.tsx';

type Token = ReturnType<typeof tokenEntity>;

const SCOPES: TokenScopes = [
  ['api', 'Everything that you may do, by the REST API and git.'],
  ['read_api', 'Read everything that you may see.'],
  ['read_user', 'Read your profile.'],
  ['create_runner', 'Make runners.'],
  ['manage_runner', 'Pause, change and remove runners.'],
  ['read_repository', 'Clone and fetch by git.'],
  ['write_repository', 'Push by git.'],
];

/** The reader's own personal access tokens. */
export default function TokensPage(_: PageProps) {
  const id = viewer.value?.id;
  const tokens = useReading<Token[]>(id === undefined ? null : '/personal_access_tokens', {
    user_id: id,
    state: 'active',
    per_page: 100,
  });
  const scopes: TokenScopes = viewer.value?.is_admin
    ? [...SCOPES, ['sudo', 'Act as other users, as an administrator.']]
    : SCOPES;
  return (
    <ProfileFrame title="Access tokens">
      <Section
        title="New token"
        lead="A token is a password for programs: git, scripts, API clients. It can do no more than you, and only what its scopes say."
      >
        <TokenForm path="/user/personal_access_tokens" scopes={scopes} onMade={tokens.reload} />
      </Section>
      <Section title="Active tokens">
        <Read reading={tokens}>
          {(list) => (
            <TokenTable
              tokens={list}
              pathOf={(token) => `/personal_access_tokens/${token.id}`}
              onChange={tokens.reload}
            />
          )}
        </Read>
      </Section>
    </ProfileFrame>
  );
}
