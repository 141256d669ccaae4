import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that may wait in memory while a write is under way. */
const BUFFERED = 1024 * 1024;
/** Bytes after which a sync is started in the background, so that the last one has little left to do. */
const SYNC_EVERY = 16 * 1024 * 1024;

/** Writes a new file from start to end, gathering small chunks into few large writes, in bounded memory. */
export class FileWriter {
  readonly #file: FileHandle;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #written = 0;
  #unsynced = 0;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #failure: { error: unknown } | null = null;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Fails when the file exists. */
  static async open(path: string): Promise<FileWriter> {
    return new FileWriter(await open(path, 'wx', 0o600));
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#written + this.#waitingBytes;
  }

  /** Takes a chunk, which must not change afterwards; waits only while too much is buffered. Throws what a write threw. */
  async add(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#writing === null) this.#start();
    while (this.#waitingBytes > BUFFERED && this.#writing !== null) await this.#writing;
    this.#check();
  }

  /** Everything is on disk when it returns. */
  async finish(): Promise<void> {
    while (this.#writing !== null || this.#waitingBytes > 0) {
      if (this.#writing === null) this.#start();
      await this.#writing;
      this.#check();
    }
    await this.#syncing;
    this.#check();
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#syncing;
    await this.#file.close();
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #start(): void {
    const chunks = this.#waiting;
    const position = this.#written;
    this.#written += this.#waitingBytes;
    this.#unsynced += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#writing = this.#write(chunks, position)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        this.#writing = null;
        if (this.#waitingBytes > 0 && this.#failure === null) this.#start();
        this.#syncSometimes();
      });
  }

  async #write(chunks: Uint8Array[], position: number): Promise<void> {
    const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const { bytesWritten } = await this.#file.writev(chunks, position);
    if (bytesWritten === total) return;
    // A short write: the disk is full, or a signal came in between. The rest says which.
    const rest = Buffer.concat(chunks).subarray(bytesWritten);
    for (let done = 0; done < rest.length; ) {
      done += (await this.#file.write(rest, done, rest.length - done, position + bytesWritten + done))
        .bytesWritten;
    }
  }

  #syncSometimes(): void {
    if (this.#unsynced < SYNC_EVERY || this.#syncing !== null) return;
    this.#unsynced = 0;
    this.#syncing = this.#file
      .datasync()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        this.#syncing = null;
      });
  }
}
