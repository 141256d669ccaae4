import type { Generated } from 'kysely';

/** A growing integer that the database gives. */
export type Id = Generated<number>;
/** A number that begins at 0. */
export type Count = Generated<number>;
/** A boolean: 0 or 1 on both engines. */
export type Flag = number;
/** Milliseconds since 1970, UTC. */
export type Millis = number;
/** JSON as text on both engines. */
export type Json = string;
/** Raw bytes. */
export type Bytes = Uint8Array;
