import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JobPayload } from '../runner/protocol.ts';
import { type ArtifactWork, downloadDependencies, uploadArtifacts } from './artifacts.ts';
import { restoreCaches, saveCaches } from './cache.ts';
import { checkoutScript, checkoutWork, gitStrategy } from './checkout.ts';
import type { GitlabClient } from './client.ts';
import { reportEnd } from './final-update.ts';
import { JobFailed, type JobFailure } from './job-failure.ts';
import { expandInputs } from './job-inputs.ts';
import { runScript, untrackedFiles } from './job-script.ts';
import { JobShell, type Script } from './job-shell.ts';
import { LogStream } from './log-stream.ts';
import type { Pipes } from './pipes.ts';
import { bashScript } from './script.ts';
import type { TreeStates } from './tree-state.ts';
import { type JobEnvironment, jobEnvironment } from './variables.ts';

/** What one runner process knows when it runs a job. */
export interface RunnerContext {
  client: GitlabClient;
  version: string;
  name: string;
  shortToken: string;
  systemId: string;
  buildsDirectory: string;
  /** For what belongs to one job and goes with it: scripts, files of variables, what is packed. */
  temporaryDirectory: string;
  cacheDirectory: string;
  pipes: Pipes;
  trees: TreeStates;
  /** Milliseconds between two PATCHes of the log; null follows the server. */
  traceIntervalMs: number | null;
}

/** Seconds that an after_script may take when no variable says otherwise (runner-api 3). */
const AFTER_SCRIPT_SECONDS = 300;

/** Why the script was stopped before its end. */
class Canceled extends Error {}
class Abandoned extends Error {}

/**
 * Runs one job. `slot` tells concurrent jobs apart; `stop` (the runner shuts down) ends it as a failure of the runner. Gives
 * what is left when the next job may have the slot: to send the rest of the log and the final update. Neither throws for
 * anything that the job or the server does.
 */
export async function runJob(
  context: RunnerContext,
  job: JobPayload,
  slot: number,
  stop: AbortSignal,
): Promise<() => Promise<void>> {
  // Jobs of protected refs never find files that an unprotected one left (security EXE-3).
  const protection = job.git_info.protected ? 'protected' : 'open';
  const path = job.job_info.project_full_path ?? `project-${job.job_info.project_id}`;
  const directory = join(context.buildsDirectory, protection, String(slot), path);
  const temporary = mkdtempSync(join(context.temporaryDirectory, 'job-'));
  mkdirSync(directory, { recursive: true });

  const environment = jobEnvironment(
    defaults(context, job, slot, { directory, temporary }),
    job.variables,
    temporary,
  );
  const control = new JobControl(job, stop);
  const log = new LogStream({
    client: context.client,
    job,
    spool: join(temporary, 'trace'),
    secrets: [...environment.secrets, job.token, new URL(job.git_info.repo_url).password],
    intervalMs: context.traceIntervalMs,
    onStatus: (status) => control.onStatus(status),
    keepAlive: async () => {
      const reply = await context.client.updateJob(job.id, {
        token: job.token,
        state: 'running',
        output: {},
      });
      control.onStatus(reply.jobStatus);
    },
  });
  const filled = expandInputs(job);
  const failure = filled.ok
    ? await new JobRun(context, filled.job, directory, temporary, environment, log, control).run()
    : filled.failure;
  control.end();
  log.line(
    failure === null
      ? '\x1b[32;1mJob succeeded\x1b[0;m'
      : `\x1b[31;1mERROR: Job failed: ${failure.message}\x1b[0;m`,
  );
  return async () => {
    await log.end();
    if (!control.abandoned) await reportEnd(context.client, job, log, failure);
    log.close();
    await rm(temporary, { recursive: true, force: true });
  };
}

/** Everything that can end a job from outside: the user, the server, the clock, the runner's own end. */
class JobControl {
  /** Ends scripts; its reason is a Canceled, an Abandoned or a JobFailed. */
  readonly script = new AbortController();
  /** Ends everything, after_script too. */
  readonly everything = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #stop: AbortSignal;
  readonly #onStop = () =>
    this.#endAll(new JobFailed({ reason: 'runner_system_failure', message: 'the runner was stopped' }));

  constructor(job: JobPayload, stop: AbortSignal) {
    const seconds = job.runner_info.timeout > 0 ? job.runner_info.timeout : 7200;
    this.#timer = setTimeout(() => {
      const message = `execution took longer than ${seconds}s`;
      this.script.abort(new JobFailed({ reason: 'job_execution_timeout', message }));
    }, seconds * 1000);
    this.#stop = stop;
    stop.addEventListener('abort', this.#onStop, { once: true });
  }

  get abandoned(): boolean {
    return this.everything.signal.reason instanceof Abandoned;
  }

  onStatus(status: string | null): void {
    if (status === 'canceling') this.script.abort(new Canceled());
    if (status === 'canceled' || status === 'failed' || status === 'lost') this.#endAll(new Abandoned());
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stop.removeEventListener('abort', this.#onStop);
  }

  #endAll(reason: Error): void {
    this.everything.abort(reason);
    this.script.abort(reason);
  }
}

/** The stages of one job, in order. */
class JobRun {
  readonly #context: RunnerContext;
  readonly #job: JobPayload;
  readonly #environment: JobEnvironment;
  readonly #log: LogStream;
  readonly #control: JobControl;
  readonly #directory: string;
  readonly #shell: JobShell;
  readonly #artifacts: ArtifactWork;

  constructor(
    context: RunnerContext,
    job: JobPayload,
    directory: string,
    temporary: string,
    environment: JobEnvironment,
    log: LogStream,
    control: JobControl,
  ) {
    this.#context = context;
    this.#job = job;
    this.#environment = environment;
    this.#log = log;
    this.#control = control;
    this.#directory = directory;
    const { values } = environment;
    this.#shell = new JobShell({ directory, temporary, environment: values, pipes: context.pipes });
    const untracked = () => untrackedFiles(this.#shell);
    this.#artifacts = { client: context.client, log, job, directory, temporary, values, untracked };
  }

  /** Gives why the job failed, or null when it went well. */
  async run(): Promise<JobFailure | null> {
    try {
      return await this.#stages();
    } finally {
      await this.#shell.close();
    }
  }

  async #stages(): Promise<JobFailure | null> {
    let failure: JobFailure | null = null;
    try {
      this.#announce();
      await this.#section('get_sources', 'Getting source from Git repository', () => this.#getSources());
      await this.#prepareFiles();
      await this.#runSteps();
    } catch (error) {
      failure = this.#failureOf(error);
    }
    if (this.#control.everything.signal.aborted) return failure;
    await this.#afterScript(failure);
    return this.#keepResults(failure);
  }

  #announce(): void {
    const { name, version, shortToken, systemId } = this.#context;
    this.#log.line(`Running with teaspoon-runner ${version}`);
    this.#log.line(`  on ${name} ${shortToken}, system ID: ${systemId}`);
    const endExecutor = this.#log.section('prepare_executor', 'Preparing the "shell" executor');
    this.#log.line('Using Shell (bash) executor...');
    if (this.#job.image?.name) this.#ignored(`image: ${this.#job.image.name}`);
    for (const service of this.#job.services ?? []) this.#ignored(`services: ${service.name}`);
    endExecutor();
    const endEnvironment = this.#log.section('prepare_script', 'Preparing environment');
    this.#log.line(`Running on ${hostname()}...`);
    endEnvironment();
  }

  #ignored(what: string): void {
    this.#log.line(
      `\x1b[0;33mWARNING: ${what} is ignored: this runner runs jobs with the shell of its own machine\x1b[0;m`,
    );
  }

  async #getSources(): Promise<void> {
    const directory = this.#directory;
    const strategy = gitStrategy(this.#job, this.#environment.values);
    await this.#hook('pre_get_sources_script');
    if (strategy === 'clone' || strategy === 'empty') {
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true });
    }
    if (strategy === 'none' || strategy === 'empty') {
      this.#log.line('\x1b[32;1mSkipping Git repository setup\x1b[0;m');
    } else {
      await this.#checkout();
    }
    await this.#hook('post_get_sources_script');
  }

  async #checkout(): Promise<void> {
    const values = this.#environment.values;
    const work = checkoutWork(this.#job, values);
    const { trees } = this.#context;
    const isCheckedOut = work !== null && trees.isAsLeft(this.#directory, work);
    const text = checkoutScript(this.#job, values, isCheckedOut);
    const variables = { GIT_TERMINAL_PROMPT: '0', GIT_LFS_SKIP_SMUDGE: '1' };
    const attempts = Math.min(10, Math.max(1, Number(values.get('GET_SOURCES_ATTEMPTS')) || 1));
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#script({ name: 'get_sources', whose: 'runner', text, variables });
        if (work !== null && !isCheckedOut) trees.left(this.#directory, work);
        return;
      } catch (error) {
        if (!(error instanceof JobFailed) || attempt === attempts) throw asSystemFailure(error);
      }
    }
  }

  async #hook(name: string): Promise<void> {
    for (const hook of this.#job.hooks ?? []) {
      if (hook.name === name && hook.script.length > 0) await this.#script(ofJob(name, hook.script));
    }
  }

  async #prepareFiles(): Promise<void> {
    for (const [path, content] of this.#environment.files) writeFileSync(path, content, { mode: 0o600 });
    if ((this.#job.cache ?? []).length > 0) {
      await this.#section('restore_cache', 'Restoring cache', () => restoreCaches(this.#cacheWork()));
    }
    if ((this.#job.dependencies ?? []).some((dependency) => dependency.artifacts_file?.filename)) {
      await this.#section('download_artifacts', 'Downloading artifacts', () =>
        downloadDependencies(this.#artifacts),
      );
    }
  }

  async #runSteps(): Promise<void> {
    for (const step of this.#job.steps ?? []) {
      if (step.name === 'after_script') continue;
      const name = step.name === 'script' ? 'step_script' : `step_${step.name}`;
      await this.#section(name, `Executing "${name}" stage of the job script`, () =>
        this.#script(ofJob(name, step.script)),
      );
    }
  }

  async #afterScript(failure: JobFailure | null): Promise<void> {
    const step = this.#job.steps?.find((one) => one.name === 'after_script');
    if (step === undefined || step.script.length === 0) return;
    const canceled = this.#control.script.signal.reason instanceof Canceled;
    const seconds =
      secondsOf(this.#environment.values.get('RUNNER_AFTER_SCRIPT_TIMEOUT')) ?? AFTER_SCRIPT_SECONDS;
    const signal = AbortSignal.any([this.#control.everything.signal, AbortSignal.timeout(seconds * 1000)]);
    const status = canceled ? 'canceled' : failure === null ? 'success' : 'failed';
    const end = this.#log.section('after_script', 'Running after_script');
    try {
      await this.#script(
        { ...ofJob('after_script', step.script), variables: { CI_JOB_STATUS: status } },
        signal,
      );
    } catch (error) {
      const why = error instanceof JobFailed ? error.failure.message : 'it was stopped';
      this.#log.line(
        `\x1b[0;33mWARNING: after_script failed, but job will continue unaffected: ${why}\x1b[0;m`,
      );
    }
    end();
  }

  /** Cache and artifacts; a job that went well fails when its artifacts are not accepted. */
  async #keepResults(failure: JobFailure | null): Promise<JobFailure | null> {
    const success = failure === null;
    try {
      if ((this.#job.cache ?? []).length > 0) {
        const name = success ? 'archive_cache' : 'archive_cache_on_failure';
        await this.#section(name, `Saving cache for ${success ? 'successful' : 'failed'} job`, () =>
          saveCaches(this.#cacheWork(), success),
        );
      }
      if ((this.#job.artifacts ?? []).length > 0) {
        const name = success ? 'upload_artifacts_on_success' : 'upload_artifacts_on_failure';
        await this.#section(name, `Uploading artifacts for ${success ? 'successful' : 'failed'} job`, () =>
          uploadArtifacts(this.#artifacts, success),
        );
      }
    } catch (error) {
      return failure ?? this.#failureOf(error);
    }
    return failure;
  }

  #script(script: Script, signal = this.#control.script.signal): Promise<void> {
    return runScript({ shell: this.#shell, log: this.#log }, script, signal);
  }

  #cacheWork() {
    return { ...this.#artifacts, cacheDirectory: this.#context.cacheDirectory };
  }

  async #section(name: string, header: string, work: () => Promise<void>): Promise<void> {
    const end = this.#log.section(name, header);
    try {
      await work();
    } finally {
      end();
    }
  }

  #failureOf(error: unknown): JobFailure {
    if (error instanceof JobFailed) return error.failure;
    if (error instanceof Canceled || error instanceof Abandoned)
      return { reason: 'unknown_failure', message: 'canceled' };
    return { reason: 'runner_system_failure', message: `(system failure): ${(error as Error).message}` };
  }
}

function ofJob(name: string, commands: readonly string[]): Script {
  return { name, whose: 'job', text: bashScript(commands) };
}

/** What the runner itself says of the job (runner-api 3, "set by the runner"); the server's variables come after. */
function defaults(
  context: RunnerContext,
  job: JobPayload,
  slot: number,
  { directory, temporary }: { directory: string; temporary: string },
): Record<string, string> {
  return {
    CI_BUILDS_DIR: context.buildsDirectory,
    CI_PROJECT_DIR: directory,
    CI_CONCURRENT_ID: String(slot),
    CI_CONCURRENT_PROJECT_ID: String(slot),
    CI_SERVER: 'yes',
    CI_JOB_STATUS: 'running',
    CI_JOB_TIMEOUT: String(job.runner_info.timeout),
    CI_RUNNER_SHORT_TOKEN: context.shortToken,
    CI_RUNNER_VERSION: context.version,
    CI_RUNNER_REVISION: 'teaspoon',
    CI_RUNNER_EXECUTABLE_ARCH: `${process.platform}/${process.arch}`,
    CI_SHARED_ENVIRONMENT: 'true',
    RUNNER_TEMP_PROJECT_DIR: temporary,
  };
}

function asSystemFailure(error: unknown): unknown {
  if (!(error instanceof JobFailed)) return error;
  return new JobFailed({ ...error.failure, reason: 'runner_system_failure' });
}

/** `5m`, `1h30m`, `90s` as seconds; undefined for anything else. */
function secondsOf(text: string | undefined): number | undefined {
  const parts = [...(text ?? '').matchAll(/(\d+)(h|m|s)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  const unit = { h: 3600, m: 60, s: 1 };
  return parts.reduce((sum, part) => sum + Number(part[1]) * unit[part[2] as 'h' | 'm' | 's'], 0);
}
