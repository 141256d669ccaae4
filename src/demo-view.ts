import type { WriteStream } from 'node:tty';
import type { PipelineJob } from './follow-pipeline.ts';

const COLOURS: Record<string, number> = {
  success: 32,
  failed: 31,
  running: 34,
  manual: 33,
  canceled: 90,
  skipped: 90,
};
const MARKS: Record<string, string> = { success: '✔', failed: '✘', manual: '▶', canceled: '⊘', skipped: '»' };

/** What the demo and a local run print: coloured on a terminal, plain lines elsewhere. */
export class DemoView {
  readonly #out: WriteStream | NodeJS.WriteStream;
  readonly #colours: boolean;
  readonly #statuses = new Map<number, string>();

  constructor(out: WriteStream | NodeJS.WriteStream) {
    this.#out = out;
    this.#colours = out.isTTY === true && !process.env.NO_COLOR;
  }

  say(text: string): void {
    this.#out.write(`${text}\n`);
  }

  /** Says a job's status when it is another than before. */
  job(job: PipelineJob): void {
    if (this.#statuses.get(job.id) === job.status) return;
    this.#statuses.set(job.id, job.status);
    if (job.status !== 'created') this.say(`${this.#paint(job.status, job.status.padEnd(8))} ${job.name}`);
  }

  /** Shows the whole lines of `more`, which follows what was shown of the job's log; gives how many bytes they are. */
  log(job: PipelineJob, more: Buffer, ended: boolean): number {
    const length = ended ? more.length : more.lastIndexOf(0x0a) + 1;
    for (const line of more.toString('utf8', 0, length).split('\n')) {
      const text = plain(line);
      if (text !== '') this.say(`         ${this.#paint('skipped', `${job.name} |`)} ${text}`);
    }
    return length;
  }

  summary(status: string, jobs: PipelineJob[]): void {
    this.say('');
    for (const job of jobs) {
      const seconds = job.duration === null ? '' : ` ${job.duration.toFixed(1)} s`;
      const allowed = job.status === 'failed' && job.allow_failure ? ' (allowed to fail)' : '';
      const mark = this.#paint(job.status, MARKS[job.status] ?? '·');
      this.say(`  ${mark} ${job.stage.padEnd(7)} ${job.name}: ${job.status}${allowed}${seconds}`);
    }
    this.say(`  The pipeline is ${this.#paint(status, status === 'success' ? 'green: success' : status)}.`);
  }

  #paint(status: string, text: string): string {
    return this.#colours ? `\x1b[${COLOURS[status] ?? 37}m${text}\x1b[0m` : text;
  }
}

/** A log line without colours, section marks and what a carriage return overwrote. */
function plain(line: string): string {
  return (
    line
      .replace(/section_(?:start|end):[^\r]*\r/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
      .replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')
      .replace(/\r+$/, '')
      .replace(/^.*\r/, '')
      .trimEnd()
  );
}
