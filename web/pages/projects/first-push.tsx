import { Commands } from '../../shell/commands.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { signInAddress, viewer } from '../../shell/viewer.ts';

/** How the first project and its first pipeline come to be: by a push. */
export function FirstPush() {
  const user = viewer.value;
  if (user === null || user === undefined) {
    return (
      <EmptyState title="Nothing public here yet">
        <p>Projects that everybody may see would stand here. Sign in to see yours.</p>
        <p class="actions">
          <a class="button primary" href={signInAddress()}>
            Sign in
          </a>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Push a repository to begin">
      <p>
        There is nothing to set up: the push makes the project, and the <code>.gitlab-ci.yml</code> in it
        becomes a pipeline. Git asks for a password: that is one of your{' '}
        <a href="/-/user_settings/personal_access_tokens">access tokens</a> with the scope{' '}
        <code>write_repository</code>.
      </p>
      <PushCommands path={`${user.username}/app`} />
      <p>No configuration yet? This one is enough for a first green pipeline:</p>
      <Commands
        lines={[
          "printf 'hello:\\n  script: echo it works\\n' > .gitlab-ci.yml",
          'git add .gitlab-ci.yml && git commit -m "First pipeline"',
        ]}
      />
    </EmptyState>
  );
}

/** The commands that push a repository to this path of this server. */
export function PushCommands({ path }: { path: string }) {
  const name = viewer.value?.username ?? '';
  const remote = `${location.protocol}//${name === '' ? '' : `${name}@`}${location.host}/${path}.git`;
  return <Commands lines={[`git remote add teaspoon ${remote}`, 'git push teaspoon HEAD:main']} />;
}
