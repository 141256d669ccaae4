import type { Database } from '../db/database.ts';
import type { Settings } from '../settings.ts';

/** What `server.ts` builds and every handler may use. */
export interface Rooms {
  db: Database;
  settings: Settings;
}
