import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The settings of a server, validated. */
export interface Settings {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Absolute path of the data directory. */
  data: string;
  /** External base URL without trailing slash; null: from the request's Host. */
  url: string | null;
  /** Addresses and networks (`10.0.0.0/8`) of the proxies whose `X-Forwarded-*` headers are believed. */
  trustedProxies: readonly string[];
  /** postgres://…; null: SQLite in the data directory. */
  databaseUrl: string | null;
  rootToken: string | null;
  rootPassword: string | null;
  /** Whether the built-in runner is started. */
  runner: boolean;
  runnerConcurrency: number;
  logLevel: (typeof LOG_LEVELS)[number];
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A setting that cannot be used; the message is for the user and says what to do. */
export class SettingsError extends Error {}

/** One setting: how it is named on the command line and in the environment, and how its text becomes a value. */
interface Setting<K extends keyof Settings> {
  key: K;
  flag: string;
  environment: string;
  /** What stands behind the flag in the help. */
  value: string;
  help: string;
  /** Text used when neither flag nor environment is there; null: none. */
  fallback: string | null;
  /** Gives the value or throws SettingsError. */
  read(text: string, name: string): Settings[K];
}

const SETTINGS: { [K in keyof Settings]: Setting<K> } = {
  host: {
    key: 'host',
    flag: 'host',
    environment: 'TEASPOON_HOST',
    value: 'ADDRESS',
    help: 'address to listen on',
    fallback: '127.0.0.1',
    read: (text) => text,
  },
  port: {
    key: 'port',
    flag: 'port',
    environment: 'TEASPOON_PORT',
    value: 'NUMBER',
    help: 'port to listen on; 0 takes a free one',
    fallback: '8929',
    read: (text, name) => integer(text, name, 0, 65535),
  },
  data: {
    key: 'data',
    flag: 'data',
    environment: 'TEASPOON_DATA',
    value: 'DIRECTORY',
    help: 'where everything is kept; made at the first start',
    fallback: './data',
    read: (text) => resolve(text),
  },
  url: {
    key: 'url',
    flag: 'url',
    environment: 'TEASPOON_URL',
    value: 'URL',
    help: 'how others reach this server; by default as each request says it',
    fallback: null,
    read: (text, name) => baseUrl(text, name),
  },
  trustedProxies: {
    key: 'trustedProxies',
    flag: 'trusted-proxies',
    environment: 'TEASPOON_TRUSTED_PROXIES',
    value: 'ADDRESS,…',
    help: 'proxies that tell the truth in X-Forwarded-For, -Proto and -Host; 10.0.0.0/8 names a network',
    fallback: '',
    read: (text, name) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map((part) => proxy(part, name)),
  },
  databaseUrl: {
    key: 'databaseUrl',
    flag: 'database-url',
    environment: 'TEASPOON_DATABASE_URL',
    value: 'postgres://…',
    help: 'PostgreSQL; by default SQLite in the data directory',
    fallback: null,
    read: (text, name) => {
      if (/^postgres(ql)?:\/\//.test(text)) return text;
      throw new SettingsError(`${name} must begin with postgres://.`);
    },
  },
  rootToken: {
    key: 'rootToken',
    flag: 'root-token',
    environment: 'TEASPOON_ROOT_TOKEN',
    value: 'TOKEN',
    help: 'token of the administrator at the first start; made and shown once if absent',
    fallback: null,
    read: (text, name) => {
      if (text.length >= 20) return text;
      throw new SettingsError(`${name} must have at least 20 characters.`);
    },
  },
  rootPassword: {
    key: 'rootPassword',
    flag: 'root-password',
    environment: 'TEASPOON_ROOT_PASSWORD',
    value: 'PASSWORD',
    help: 'password of the administrator at the first start; made and shown once if absent',
    fallback: null,
    read: (text, name) => {
      if (text.length >= 8 && text.length <= 128) return text;
      throw new SettingsError(`${name} must have 8 to 128 characters.`);
    },
  },
  runner: {
    key: 'runner',
    flag: 'runner',
    environment: 'TEASPOON_RUNNER',
    value: 'on|off',
    help: 'the built-in runner, which runs jobs with bash on this machine',
    fallback: 'on',
    read: (text, name) => {
      if (text === 'on' || text === 'off') return text === 'on';
      throw new SettingsError(`${name} must be on or off, not ${JSON.stringify(text)}.`);
    },
  },
  runnerConcurrency: {
    key: 'runnerConcurrency',
    flag: 'runner-concurrency',
    environment: 'TEASPOON_RUNNER_CONCURRENCY',
    value: 'NUMBER',
    help: 'jobs the built-in runner runs at once',
    fallback: '4',
    read: (text, name) => integer(text, name, 1, 1000),
  },
  logLevel: {
    key: 'logLevel',
    flag: 'log-level',
    environment: 'TEASPOON_LOG_LEVEL',
    value: 'LEVEL',
    help: LOG_LEVELS.join(', '),
    fallback: 'warn',
    read: (text, name) => {
      const level = LOG_LEVELS.find((known) => known === text);
      if (level !== undefined) return level;
      throw new SettingsError(`${name} must be one of ${LOG_LEVELS.join(', ')}.`);
    },
  },
};

/** Flags win over the environment, the environment over defaults. Throws SettingsError with one clear sentence. */
export function readSettings(flags: string[], environment: NodeJS.ProcessEnv): Settings {
  const given = parseFlags(flags);
  const value = <K extends keyof Settings>(setting: Setting<K>): Settings[K] => {
    const fromFlag = given[setting.flag];
    // An empty variable is how a shell or a compose file says "not set".
    const fromEnvironment = environment[setting.environment] || undefined;
    const text = fromFlag ?? fromEnvironment ?? setting.fallback;
    if (text === null) return null as Settings[K];
    return setting.read(text, fromFlag === undefined ? setting.environment : `--${setting.flag}`);
  };
  return {
    host: value(SETTINGS.host),
    port: value(SETTINGS.port),
    data: value(SETTINGS.data),
    url: value(SETTINGS.url),
    trustedProxies: value(SETTINGS.trustedProxies),
    databaseUrl: value(SETTINGS.databaseUrl),
    rootToken: value(SETTINGS.rootToken),
    rootPassword: value(SETTINGS.rootPassword),
    runner: value(SETTINGS.runner),
    runnerConcurrency: value(SETTINGS.runnerConcurrency),
    logLevel: value(SETTINGS.logLevel),
  };
}

/** A command that takes settings, names and --help; flags win over the environment. Throws SettingsError. */
export function readCommand(
  command: string,
  words: string[],
  options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> = {},
  environment: NodeJS.ProcessEnv = process.env,
) {
  const flags = Object.fromEntries(
    Object.values(SETTINGS).map(({ flag }) => [flag, { type: 'string' as const }]),
  );
  const help = { type: 'boolean', short: 'h' } as const;
  const { values, positionals } = understood(
    () => parseArgs({ args: words, options: { ...flags, ...options, help }, allowPositionals: true }),
    `teaspoon ${command}`,
  );
  const given = Object.entries(values).filter(([name]) => name in flags);
  const settings = readSettings(
    given.flatMap(([name, value]) => [`--${name}`, String(value)]),
    environment,
  );
  return {
    settings,
    names: positionals,
    options: values as Record<string, unknown>,
    help: values.help === true,
  };
}

/** Every setting, one a line, for `--help`. */
export function settingsHelp(): string {
  const rows = Object.values(SETTINGS).map((setting) => ({
    left: `--${setting.flag} ${setting.value}`,
    middle: setting.environment,
    right: setting.help + (setting.fallback === null ? '' : ` (default ${setting.fallback})`),
  }));
  const left = Math.max(...rows.map((row) => row.left.length));
  const middle = Math.max(...rows.map((row) => row.middle.length));
  return rows
    .map((row) => `  ${row.left.padEnd(left)}  ${row.middle.padEnd(middle)}  ${row.right}`)
    .join('\n');
}

function parseFlags(flags: string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(
    Object.values(SETTINGS).map((setting) => [setting.flag, { type: 'string' as const }]),
  );
  return understood(() => parseArgs({ args: flags, options, allowPositionals: false }).values) as Record<
    string,
    string
  >;
}

/** What `parse` makes of words; what it throws becomes a SettingsError with one sentence and the place of the help. */
export function understood<T>(parse: () => T, command = 'teaspoon'): T {
  try {
    return parse();
  } catch (error) {
    const reason = (error as Error).message.split('. ')[0];
    throw new SettingsError(`${reason}. See ${command} --help.`);
  }
}

function integer(text: string, name: string, low: number, high: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw new SettingsError(
    `${name} must be a whole number from ${low} to ${high}, not ${JSON.stringify(text)}.`,
  );
}

function proxy(text: string, name: string): string {
  const [address = '', length] = text.split('/');
  const longest = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) !== 0 && (length === undefined || integer(length, name, 0, longest) >= 0)) return text;
  throw new SettingsError(
    `${name} must be addresses or networks such as 10.0.0.0/8, not ${JSON.stringify(text)}.`,
  );
}

function baseUrl(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') {
    return text.replace(/\/+$/, '');
  }
  throw new SettingsError(`${name} must be an http or https URL such as https://ci.example.com.`);
}
