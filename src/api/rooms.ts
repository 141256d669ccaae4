import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifact/store.ts';
import type { Database } from '../db/database.ts';
import type { Repositories } from '../git/repository.ts';
import type { Encryption } from '../project/encryption.ts';
import type { IdTokenKeys } from '../project/id-token.ts';
import type { SignInFailures } from '../project/sign-in.ts';
import type { RunnerWaiting } from '../queue/wait.ts';
import type { Settings } from '../settings.ts';
import type { Traces } from '../trace/traces.ts';
import type { EventStreams } from './events/event-streams.ts';
import type { StartPipeline } from './git/after-push.ts';
import type { Metrics } from './metrics.ts';

/** What `server.ts` builds and every handler may use. */
export interface Rooms {
  db: Database;
  settings: Settings;
  logger: Logger;
  encryption: Encryption;
  /** Sign the ID tokens of jobs. */
  idTokenKeys: IdTokenKeys;
  repositories: Repositories;
  /** Parked job requests of runners. */
  waiting: RunnerWaiting;
  traces: Traces;
  /** Bytes of artifacts and archived logs. */
  artifacts: ArtifactStore;
  metrics: Metrics;
  signInFailures: SignInFailures;
  /** Who watches the event stream. */
  events: EventStreams;
  /** Makes the pipeline of a pushed branch or tag. */
  startPipeline: StartPipeline;
}
