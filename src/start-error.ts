/** The server cannot start, or not here; the message is one clear sentence for the user. */
export class StartError extends Error {}
