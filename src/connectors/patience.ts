/**
 * How patient connectors are with a store, in one object, so that a test can be impatient. `silentMs`: how long a store may
 * be silent while it owes an answer or takes a request, in milliseconds; read before the first connection. `pace`: what the
 * pauses between tries are multiplied by.
 */
export const patience = { silentMs: 120_000, pace: 1 };
