const GREEN = '\x1b[32;1m';
const RESET = '\x1b[0;m';

/**
 * The bash text of one step: each command is shown in green before it runs, the first that fails ends the script with
 * its exit code. Values never become part of the text: they are in the environment (security EXE-2, VAR-8).
 */
export function bashScript(commands: readonly string[]): string {
  const lines = ['set -eo pipefail', 'set +o noclobber'];
  for (const command of commands) {
    lines.push(`printf '%s\\n' ${quote(GREEN + shown(command) + RESET)}`, command);
  }
  return `${lines.join('\n')}\n`;
}

/** A word that bash reads back as exactly `text`. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Of a command of several lines only the first is shown, as GitLab's runner does. */
function shown(command: string): string {
  const [first, ...rest] = command.split('\n');
  const more = rest.some((line) => line.trim() !== '');
  return `$ ${first}${more ? ' # collapsed multi-line command' : ''}`;
}
