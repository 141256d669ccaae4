import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings, SettingsError, settingsHelp } from './settings.ts';

describe('settings', () => {
  it('have a default each', () => {
    const settings = readSettings([], {});
    assert.equal(settings.host, '127.0.0.1');
    assert.equal(settings.port, 8929);
    assert.equal(settings.data, `${process.cwd()}/data`);
    assert.equal(settings.url, null);
    assert.equal(settings.databaseUrl, null);
    assert.equal(settings.runner, true);
  });

  it('come from a flag before the environment', () => {
    const environment = { TEASPOON_PORT: '1000', TEASPOON_RUNNER: 'off', TEASPOON_URL: '' };
    const settings = readSettings(['--port', '2000'], environment);
    assert.deepEqual([settings.port, settings.runner, settings.url], [2000, false, null]);
  });

  it('drop the slash at the end of the URL', () => {
    assert.equal(readSettings(['--url', 'https://ci.example.com/'], {}).url, 'https://ci.example.com');
  });

  it('name the proxies that are trusted, one by one or by networks', () => {
    assert.deepEqual(readSettings([], {}).trustedProxies, []);
    const environment = { TEASPOON_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,,fd00::/8' };
    assert.deepEqual(readSettings([], environment).trustedProxies, ['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
  });

  const refused: [string, string[], NodeJS.ProcessEnv, RegExp][] = [
    ['an unknown flag', ['--prot', '1'], {}, /--prot/],
    ['a port that is no number', ['--port', 'http'], {}, /^--port must be a whole number/],
    ['a port that does not exist', [], { TEASPOON_PORT: '70000' }, /^TEASPOON_PORT must be/],
    ['a runner that is maybe', [], { TEASPOON_RUNNER: 'maybe' }, /on or off/],
    ['another database', [], { TEASPOON_DATABASE_URL: 'mysql://x' }, /postgres:\/\//],
    ['a URL without a scheme', [], { TEASPOON_URL: 'ci.example.com' }, /http or https URL/],
    [
      'a proxy by its name',
      ['--trusted-proxies', 'proxy.example'],
      {},
      /^--trusted-proxies must be addresses/,
    ],
    ['a network that is too small', [], { TEASPOON_TRUSTED_PROXIES: '10.0.0.0/33' }, /from 0 to 32/],
    ['a short token', [], { TEASPOON_ROOT_TOKEN: 'x' }, /at least 20/],
    ['a short password', [], { TEASPOON_ROOT_PASSWORD: 'x' }, /8 to 128/],
    ['an unknown log level', [], { TEASPOON_LOG_LEVEL: 'loud' }, /one of fatal/],
    ['a word too many', ['extra'], {}, /extra/],
  ];
  for (const [what, flags, environment, message] of refused) {
    it(`refuse ${what} in one sentence that names it`, () => {
      assert.throws(
        () => readSettings(flags, environment),
        (error) => error instanceof SettingsError && message.test(error.message),
      );
    });
  }

  it('are all listed by the help', () => {
    for (const name of [
      'HOST',
      'PORT',
      'DATA',
      'URL',
      'TRUSTED_PROXIES',
      'DATABASE_URL',
      'ROOT_TOKEN',
      'ROOT_PASSWORD',
      'RUNNER',
      'RUNNER_CONCURRENCY',
      'LOG_LEVEL',
    ]) {
      assert.match(settingsHelp(), new RegExp(`TEASPOON_${name}\\b`));
    }
  });
});
