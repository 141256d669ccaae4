import assert from 'node:assert/strict';
import { it } from 'node:test';
import { detailedStatus } from './detailed-status.ts';

/** rest-resources 6.4: status, icon, text, label, group, favicon; icon and favicon without their beginning. */
const TABLE = `
created | created | Created | created | created | created
waiting_for_resource | pending | Waiting | waiting for resource | waiting-for-resource | pending
waiting_for_callback | pending | Waiting | waiting for callback | waiting-for-callback | pending
preparing | preparing | Preparing | preparing | preparing | preparing
pending | pending | Pending | pending | pending | pending
running | running | Running | running | running | running
success | success | Passed | passed | success | success
success with warnings | warning | Warning | passed with warnings | success-with-warnings | success
failed | failed | Failed | failed | failed | failed
canceling | canceled | Canceling | canceling | canceling | canceled
canceled | canceled | Canceled | canceled | canceled | canceled
skipped | skipped | Skipped | skipped | skipped | skipped
manual | manual | Blocked | waiting for manual action | manual | manual
scheduled | scheduled | Delayed | waiting for delayed job | scheduled | scheduled
`;

for (const line of TABLE.trim().split('\n')) {
  const [name, icon, text, label, group, favicon] = line.split(' | ');
  it(`a pipeline that is ${name} looks as in GitLab`, () => {
    const status = name!.split(' ')[0]!;
    assert.deepEqual(Object.entries(detailedStatus(status, name !== status, '/p/-/pipelines/1')), [
      ['icon', `status_${icon}`],
      ['text', text],
      ['label', label],
      ['group', group],
      ['tooltip', label],
      ['has_details', true],
      ['details_path', '/p/-/pipelines/1'],
      ['illustration', null],
      ['favicon', `/assets/ci_favicons/favicon_status_${favicon}.png`],
    ]);
  });
}
