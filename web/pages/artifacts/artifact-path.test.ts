import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodedPath, kindOf, placesOf, textOf } from './artifact-path.ts';

it('a path keeps its slashes and nothing else', () => {
  assert.equal(encodedPath('a b/ü/c?d#e'), 'a%20b/%C3%BC/c%3Fd%23e');
  assert.deepEqual(placesOf('a/b'), [
    { name: 'a', path: 'a' },
    { name: 'b', path: 'a/b' },
  ]);
  assert.deepEqual(placesOf(''), []);
});

it('what runs in a browser is not shown as a picture', () => {
  for (const path of ['a.svg', 'a.html', 'png', 'a.png.html']) assert.equal(kindOf(path), 'text', path);
  for (const path of ['a.png', 'b/C.JPEG', 'x.webp']) assert.equal(kindOf(path), 'image', path);
});

it('text is told from what is none', () => {
  assert.equal(textOf(Buffer.from('aü'), true), 'aü');
  assert.equal(textOf(Buffer.from('aü').subarray(0, 2), false), 'a');
  assert.equal(textOf(Buffer.from('aü').subarray(0, 2), true), null);
  assert.equal(textOf(Buffer.from([0x61, 0]), true), null);
});
