import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Encryption } from '../project/encryption.ts';
import type { Settings } from '../settings.ts';
import type { FindSession } from './authenticate.ts';

/** What `server.ts` builds and every handler may use. */
export interface Rooms {
  db: Database;
  settings: Settings;
  logger: Logger;
  encryption: Encryption;
  /** Reads the session cookie of the web UI; absent while there is none. */
  findSession?: FindSession;
}
