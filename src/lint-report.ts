import { styleText } from 'node:util';
import type { CompiledConfig, ConfigMessage } from './config/compiled.ts';

/** Characters of a line that are shown around the place a message is about. */
const WIDTH = 100;

/** How messages are shown. */
export interface ReportStyle {
  color: boolean;
}

/** One message: where, what, and the line with a caret below the place. `text` is that of its file, where known. */
export function reportMessage(message: ConfigMessage, text: string | undefined, style: ReportStyle): string {
  const { severity, position } = message;
  const paint = (format: 'red' | 'yellow' | 'bold' | 'dim', part: string) =>
    style.color ? styleText(format, part, { validateStream: false }) : part;
  const label = paint(severity === 'error' ? 'red' : 'yellow', severity);
  const words = `${label}: ${printable(message.message)}`;
  if (position === undefined) return words;
  const { file, line, column } = position;
  const head = `${paint('bold', `${printable(file)}:${line}:${column}`)}: ${words}`;
  const written = text?.split('\n')[line - 1];
  if (written === undefined) return head;
  const shown = around(written.replace(/\r$/, ''), column - 1);
  const gutter = String(line).length;
  return [
    head,
    `${paint('dim', ` ${line} |`)} ${shown.text}`,
    `${paint('dim', ` ${' '.repeat(gutter)} |`)} ${shown.indent}${paint('red', '^')}`,
  ].join('\n');
}

/** The part of a line around a place, and what stands below it up to the caret: tabs stay, so that both line up. */
function around(line: string, at: number): { text: string; indent: string } {
  const start = at < WIDTH - 20 ? 0 : at - WIDTH / 2;
  const cut = printable(line.slice(start, start + WIDTH));
  const text = `${start > 0 ? '…' : ''}${cut}${line.length > start + WIDTH ? '…' : ''}`;
  const before = line.slice(start, at).replace(/[^\t]/gu, ' ');
  return { text, indent: `${start > 0 ? ' ' : ''}${before}` };
}

/** A terminal obeys control characters: none of a file's reaches it. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === '\t' || character === '\n' ? character : '�',
  );
}

/** The last line: what is right or how much is wrong. */
export function reportEnd(
  file: string,
  config: CompiledConfig | null,
  counts: { errors: number; warnings: number },
): string {
  const warnings = counts.warnings === 0 ? '' : `, ${count(counts.warnings, 'warning')}`;
  if (config === null) return `${file} is not valid: ${count(counts.errors, 'error')}${warnings}`;
  const stages = new Set(config.jobs.map(({ stage }) => stage)).size;
  const included = config.includes.length === 0 ? '' : `, ${count(config.includes.length, 'file')} included`;
  return `${file} is valid: ${count(config.jobs.length, 'job')} in ${count(stages, 'stage')}${included}${warnings}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
