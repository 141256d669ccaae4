import manifest from '../package.json' with { type: 'json' };

/** Teaspoon's own version. */
export const VERSION: string = manifest.version;
