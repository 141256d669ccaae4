import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DEFAULT_SETTINGS, openedSettings } from './instance-settings.ts';

it('settings that open what is shut by default are named, and by default there are none', () => {
  assert.deepEqual(openedSettings(DEFAULT_SETTINGS), []);
  const opened = openedSettings({
    ...DEFAULT_SETTINGS,
    allow_local_requests_from_web_hooks_and_services: true,
    outbound_local_requests_whitelist: ['10.0.0.0/8'],
    require_personal_access_token_expiry: false,
    project_jobs_api_rate_limit: 0,
  });
  assert.deepEqual(opened, [
    'allow_local_requests_from_web_hooks_and_services',
    'outbound_local_requests_whitelist',
    'require_personal_access_token_expiry',
    'project_jobs_api_rate_limit',
  ]);
});
