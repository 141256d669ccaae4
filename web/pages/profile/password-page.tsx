import { send } from '../../api/client.ts';
import type { PageProps } from '../../router.ts';
import { FormView, TextField, useForm } from '../../shell/form.tsx';
import { ProfileFrame } from './profile-frame.tsx';

/** The reader's own password. */
export default function PasswordPage(_: PageProps) {
  const form = useForm({ current_password: '', password: '' });
  // The session goes on under a new secret, and with it every page's CSRF token: the page is loaded anew.
  const change = () =>
    form.send(
      (body) => send('PUT', '/user/password', { body }),
      () => location.assign('/-/user_settings/active_sessions'),
    );
  return (
    <ProfileFrame title="Password">
      <FormView form={form} submit="Change password" onSubmit={change}>
        <TextField
          form={form}
          name="current_password"
          label="Present password"
          type="password"
          autocomplete="current-password"
        />
        <TextField
          form={form}
          name="password"
          label="New password"
          type="password"
          autocomplete="new-password"
          hint="At least 8 characters. All your other browsers are signed out; tokens go on working."
        />
      </FormView>
    </ProfileFrame>
  );
}
