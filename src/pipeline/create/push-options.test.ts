import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readPushOptions } from './push-options.ts';

it('push options are read as ci-yaml 21 says, others are ignored', () => {
  assert.deepEqual(readPushOptions([]), { skip: false, noPipeline: false, variables: [], inputs: {} });
  assert.deepEqual(
    readPushOptions([
      'ci.skip',
      'merge_request.create',
      'ci.no_pipeline',
      'ci.variable=PLAIN=1',
      'ci.variable="QUOTED=a b=c"',
      'ci.variable=EMPTY=',
      'ci.input=name=text',
      'ci.input=count=3',
      'ci.input=list=["a"]',
      'ci.other=x',
    ]),
    {
      skip: true,
      noPipeline: true,
      variables: [
        { key: 'PLAIN', value: '1' },
        { key: 'QUOTED', value: 'a b=c' },
        { key: 'EMPTY', value: '' },
      ],
      inputs: { name: 'text', count: 3, list: ['a'] },
    },
  );
});
