/** The settings of a server, validated; made from flags and environment by `readSettings`. */
export interface Settings {
  host: string;
  port: number;
  /** Absolute path of the data directory. */
  data: string;
  /** External base URL without trailing slash; null: from the request's Host. */
  url: string | null;
  /** postgres://…; null: SQLite in the data directory. */
  databaseUrl: string | null;
  rootToken: string | null;
  rootPassword: string | null;
  /** The built-in runner. */
  runner: boolean;
  runnerConcurrency: number;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
}
