#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Sources are compiled once and kept: the second start is several times faster than the first.
enableCompileCache();

interface Command {
  name: string;
  summary: string;
  /** Runs with the words after the command's name; gives the exit code. */
  load: () => Promise<(words: string[]) => Promise<number>>;
}

/** Each command is loaded only when it is called. */
const COMMANDS: readonly Command[] = [
  {
    name: 'serve',
    summary: 'start the server (the default)',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'demo',
    summary: 'start it, push a sample repository, show its pipeline live',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'runner',
    summary: 'run jobs of a server with bash on this machine',
    load: async () => (await import('./run-runner.ts')).runRunner,
  },
  {
    name: 'run',
    summary: 'run the pipeline of this working tree here, before it is pushed',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'lint',
    summary: 'check a .gitlab-ci.yml where it lies, without a server',
    load: async () => (await import('./lint.ts')).lintFile,
  },
  {
    name: 'token',
    summary: 'make, list and revoke tokens on this machine, such as when that of root is lost',
    load: async () => (await import('./token.ts')).token,
  },
  {
    name: 'backup',
    summary: 'write everything into one file, while the server serves',
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    name: 'restore',
    summary: 'unpack a backup into an empty data directory',
    load: async () => (await import('./restore.ts')).restore,
  },
  {
    name: 'version',
    summary: 'print the version',
    load: async () => async () => {
      const { VERSION } = await import('./version.ts');
      console.log(VERSION);
      return 0;
    },
  },
];

async function help(): Promise<string> {
  const { settingsHelp } = await import('./settings.ts');
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const commands = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join(
    '\n',
  );
  return `Teaspoon: GitLab's CI, in a teaspoon.

Usage: teaspoon [command] [settings]

Commands
${commands}

Settings, as a flag or in the environment
${settingsHelp()}

  teaspoon COMMAND --help tells more about a command.
`;
}

async function main(words: string[]): Promise<number> {
  const [first, ...rest] = words;
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(await help());
    return 0;
  }
  const wanted =
    first === '--version' ? 'version' : first === undefined || first.startsWith('-') ? 'serve' : first;
  const command = COMMANDS.find((one) => one.name === wanted);
  if (command === undefined) {
    console.error(`There is no command ${JSON.stringify(first)}. See teaspoon --help.`);
    return 2;
  }
  const run = await command.load();
  return run(wanted === first ? rest : words);
}

/** A message made for the user is shown as it is, anything else with its stack: it is a defect. Wrong words end with 2. */
function complain(error: unknown): number {
  const kind = error instanceof Error ? error.constructor.name : '';
  const forUser = /(Settings|Start|NewerDatabase)Error/.test(kind);
  console.error(forUser ? (error as Error).message : error);
  return kind === 'SettingsError' ? 2 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch(complain);
