import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { GitFailed, killGroup, spawnGit } from './run-git.ts';

export interface ObjectInfo {
  sha: string;
  type: 'commit' | 'tree' | 'blob' | 'tag';
  /** Bytes. */
  size: number;
}

interface Question {
  wantsContent: boolean;
  resolve(answer: { info: ObjectInfo; content: Buffer | null } | null): void;
  reject(error: Error): void;
}

const ANSWER = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/;
const IDLE_MS = 10_000;
const MAX_READERS = 16;
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/**
 * One `git cat-file --batch-command` child: questions go in, answers come out in the same order. Cheaper by far than
 * a child for each object.
 */
class ObjectReader {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #questions: Question[] = [];
  #buffered: Buffer[] = [];
  #size = 0;
  /** Bytes that the answer under way still needs, its final newline included; null while its first line is missing. */
  #content: { info: ObjectInfo; bytes: number } | null = null;
  #dead = false;

  constructor(path: string, onEnd: () => void) {
    this.#child = spawnGit(path, ['cat-file', '--batch-command'], { timeoutMs: LIFETIME_MS });
    this.#child.stderr.resume();
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    const end = () => {
      this.#dead = true;
      for (const question of this.#questions.splice(0)) question.reject(new GitFailed('git cat-file ended'));
      onEnd();
    };
    this.#child.once('close', end);
    this.#child.once('error', end);
  }

  get idle(): boolean {
    return this.#questions.length === 0;
  }

  ask(
    command: 'info' | 'contents',
    name: string,
  ): Promise<{ info: ObjectInfo; content: Buffer | null } | null> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return reject(new GitFailed('git cat-file ended'));
      this.#questions.push({ wantsContent: command === 'contents', resolve, reject });
      this.#child.stdin.write(`${command} ${name}\n`);
    });
  }

  close(): void {
    this.#dead = true;
    killGroup(this.#child);
  }

  #receive(chunk: Buffer): void {
    this.#buffered.push(chunk);
    this.#size += chunk.length;
    while (this.#questions.length > 0 && this.#answerOne()) {}
  }

  #answerOne(): boolean {
    if (this.#content === null) {
      const line = this.#takeLine();
      if (line === null) return false;
      const match = ANSWER.exec(line);
      const question = this.#questions[0];
      if (match === null || question === undefined) {
        this.#questions.shift()?.resolve(null); // `<name> missing`, `<name> ambiguous`
        return true;
      }
      const info: ObjectInfo = {
        sha: match[1] ?? '',
        type: match[2] as ObjectInfo['type'],
        size: Number(match[3]),
      };
      if (!question.wantsContent) {
        this.#questions.shift()?.resolve({ info, content: null });
        return true;
      }
      this.#content = { info, bytes: info.size + 1 };
    }
    if (this.#size < this.#content.bytes) return false;
    const { info, bytes } = this.#content;
    this.#content = null;
    this.#questions.shift()?.resolve({ info, content: this.#take(bytes).subarray(0, info.size) });
    return true;
  }

  #takeLine(): string | null {
    const all = this.#join();
    const end = all.indexOf(10);
    return end < 0 ? null : this.#take(end + 1).toString('utf8', 0, end);
  }

  #take(bytes: number): Buffer {
    const all = this.#join();
    const rest = all.subarray(bytes);
    this.#buffered = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    return all.subarray(0, bytes);
  }

  #join(): Buffer {
    if (this.#buffered.length > 1) this.#buffered = [Buffer.concat(this.#buffered)];
    return this.#buffered[0] ?? Buffer.alloc(0);
  }
}

/** Keeps a reader for each repository that is being read, and ends it soon after. */
export class ObjectReaders {
  readonly #open = new Map<string, { reader: ObjectReader; timer: NodeJS.Timeout }>();

  /**
   * What the object `name` is: a hash, a full ref name, or `<hash>:<path>`. Null when there is none. Names are made by
   * this room; one that could end a line of git's protocol is none.
   */
  async info(path: string, name: string): Promise<ObjectInfo | null> {
    return (await this.#ask(path, 'info', name))?.info ?? null;
  }

  /** The object with its whole content; ask for `info` first when it may be large. */
  async read(path: string, name: string): Promise<{ info: ObjectInfo; content: Buffer } | null> {
    const answer = await this.#ask(path, 'contents', name);
    return answer === null || answer.content === null ? null : { info: answer.info, content: answer.content };
  }

  /** Ends the reader of a repository that is about to go. */
  drop(path: string): void {
    const entry = this.#open.get(path);
    if (entry === undefined) return;
    this.#open.delete(path);
    clearTimeout(entry.timer);
    entry.reader.close();
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.drop(path);
  }

  /** How many children are alive. */
  get size(): number {
    return this.#open.size;
  }

  async #ask(path: string, command: 'info' | 'contents', name: string) {
    if (/[\n\0]/.test(name)) return null;
    const { reader, timer } = this.#readerOf(path);
    const answer = await reader.ask(command, name);
    timer.refresh();
    return answer;
  }

  #readerOf(path: string) {
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    this.#makeRoom();
    const reader = new ObjectReader(path, () => {
      if (this.#open.get(path)?.reader === reader) this.drop(path);
    });
    const timer = setTimeout(() => {
      if (reader.idle) this.drop(path);
      else timer.refresh();
    }, IDLE_MS).unref();
    const entry = { reader, timer };
    this.#open.set(path, entry);
    return entry;
  }

  #makeRoom(): void {
    if (this.#open.size < MAX_READERS) return;
    const idle = [...this.#open].find(([, { reader }]) => reader.idle);
    if (idle !== undefined) this.drop(idle[0]);
  }
}
